"""The result of a what-if in words, cards, charts and tables, in the language of the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from babel import numbers
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.admin.charts import Chart, Line, build_chart
from recommendations.admin.formats import Format
from recommendations.models import WhatIf
from recommendations.services.insight.figures import Unit
from recommendations.services.what_if.definitions import DEFINITIONS, Figure
from recommendations.services.what_if.slot_words import (
    describe_slot,
    explain_refusal,
    list_slot_rows,
)

SUPPORTED = ("en", "de")


def build_result(run: WhatIf, language: str) -> dict[str, Any]:
    """Return what the page of a finished run shows."""
    result: dict[str, Any] = run.result or {}
    page = _Page(language if language in SUPPORTED else "en", result)
    return {
        "is_empty": not result["effects"]["n_lists"],
        "cards": page.build_cards(),
        "notes": page.build_notes(),
        "charts": page.build_charts(),
        "tables": page.build_tables(),
        "exposure": DEFINITIONS[Figure.EXPOSURE],
        "examination": DEFINITIONS[Figure.EXAMINATION],
        "examples": page.build_examples(),
        "slot": page.build_slot(),
    }


class _Page:
    def __init__(self, language: str, result: Mapping[str, Any]) -> None:
        self.format = Format(language)
        self.result = result
        self.effects: Mapping[str, Any] = result["effects"]
        self.n_lists: int = self.effects["n_lists"]

    def build_cards(self) -> list[dict[str, str]]:
        """Return the figures that there are."""
        effects, share = self.effects, self.format.share
        n_lists = max(self.n_lists, 1)
        cards = [
            self._card(
                Figure.CHANGED,
                share(effects["n_changed"] / n_lists),
                _("{changed} of {all}").format(
                    changed=self.format.count(effects["n_changed"]),
                    all=self.format.count(self.n_lists),
                ),
            ),
            self._card(Figure.OVERLAP, share(effects["mean_overlap"])),
        ]
        if clicks := effects["clicks"]:
            ends = (self.format.change(clicks[end]) for end in ("low", "high"))
            cards.append(
                self._card(
                    Figure.CLICKS,
                    self.format.change(clicks["change"]),
                    f"{_join(*ends)}; {self._count(clicks['before'])} → "
                    f"{self._count(clicks['after'])}",
                )
            )
        if margin := effects["clicked_margin"]:
            ends = (self._gain(margin[end]) for end in ("low", "high"))
            cards.append(
                self._card(
                    Figure.CLICKED_MARGIN,
                    self._gain(margin["change"]),
                    f"{_join(*ends)}; {self._money(margin['before'])} → "
                    f"{self._money(margin['after'])}",
                )
            )
        if effects["margin_before"] is not None and effects["margin_after"] is not None:
            before, after = effects["margin_before"], effects["margin_after"]
            cards.append(
                self._card(
                    Figure.MARGIN,
                    self._gain(after - before),
                    f"{self._money(before)} → {self._money(after)}",
                )
            )
        cards.append(self._card(Figure.WITH_COST, share(effects["share_with_cost"])))
        cards.append(
            self._card(
                Figure.AS_SERVED,
                share(effects["n_as_served"] / n_lists),
                _("overlap {}").format(share(effects["served_overlap"])),
            )
        )
        return cards

    def build_notes(self) -> list[str]:
        """Return what was replayed, what was not, and what cannot be told."""
        effects, result, count = self.effects, self.result, self.format.count
        first, last = (
            parse_datetime(result[name] or "") for name in ("first_served", "last_served")
        )
        notes = []
        if first and last:
            seconds = round(result["seconds"])
            told = ngettext(
                "Lists served from {first} to {last}, made again in {seconds} second.",
                "Lists served from {first} to {last}, made again in {seconds} seconds.",
                seconds,
            )
            notes.append(
                told.format(
                    first=self.format.moment(first),
                    last=self.format.moment(last),
                    seconds=count(seconds),
                )
            )
        if left_out := result["n_left_out"]:
            told = ngettext(
                "{} list is left out: its product is not for sale now, or its page has no such "
                "list now.",
                "{} lists are left out: their products are not for sale now, or their pages have "
                "no such lists now.",
                left_out,
            )
            notes.append(told.format(count(left_out)))
        if unreached := result["n_asked"] - result["n_in_time"]:
            told = ngettext(
                "{} list was not reached in time.", "{} lists were not reached in time.", unreached
            )
            notes.append(told.format(count(unreached)))
        if unknown := result["n_without_request"]:
            told = ngettext(
                "Of {} list the log does not say what was asked for.",
                "Of {} lists the log does not say what was asked for.",
                unknown,
            )
            notes.append(told.format(count(unknown)))
        if effects["clicks"] is None and self.n_lists:
            notes.append(self._explain_thin_log())
        if not effects["share_with_cost"] and self.n_lists:
            notes.append(_("No margin is told: no product of these lists has a cost."))
        return notes

    def build_charts(self) -> list[Chart]:
        """Return how many lists keep how much, and how much each place is looked at."""
        if not self.n_lists:
            return []
        counts = self.effects["overlap_counts"]
        kept = build_chart(
            _("Lists by how much they keep"),
            _("Overlap"),
            [self.format.share(tenth / 10) for tenth in range(len(counts))],
            [Line(_("Lists"), counts, [self.format.count(number) for number in counts])],
            has_points=True,
        )
        examination: Mapping[str, Sequence[float]] = self.effects["examination"]
        if self.effects["clicks"] is None or not examination:
            return [kept]
        length = max(map(len, examination.values()))
        lines = []
        for name, values in examination.items():
            padded = [*values, *[None] * (length - len(values))]
            texts = ["–" if value is None else self.format.share(value) for value in padded]
            lines.append(Line(name, padded, texts))
        looked_at = build_chart(
            str(DEFINITIONS[Figure.EXAMINATION].title),
            _("Place"),
            [str(place) for place in range(1, length + 1)],
            lines,
            has_points=True,
        )
        return [kept, looked_at]

    def build_tables(self) -> list[dict[str, Any]]:
        """Return whose exposure changes: products, brands and categories."""
        titles = {
            "products": (_("Products"), _("Product")),
            "brands": (_("Brands"), _("Brand")),
            "categories": (_("Categories"), _("Category")),
        }
        return [
            {
                "title": title,
                "heading": heading,
                "rows": [
                    (
                        one["name"],
                        self._fine_share(one["before"]),
                        self._fine_share(one["after"]),
                        self._difference(one["after"] - one["before"]),
                    )
                    for one in self.effects[name]
                ],
            }
            for name, (title, heading) in titles.items()
        ]

    def build_examples(self) -> list[dict[str, Any]]:
        """Return lists that change, side by side."""
        return [
            {
                "title": one["name"],
                "sides": [
                    (_("Without the change"), self._mark(one["before"], one["after"], _("leaves"))),
                    (_("With the change"), self._mark(one["after"], one["before"], _("comes in"))),
                ],
            }
            for one in self.effects["examples"]
        ]

    def build_slot(self) -> dict[str, Any] | None:
        """Return what the slot tells that was filled at random, None if none was."""
        # Runs of earlier releases have no slot.
        slot = self.result.get("slot")
        if slot is None:
            return None
        return {
            "definition": DEFINITIONS[Figure.SLOT],
            "sentences": [describe_slot(slot), explain_refusal(slot)],
            "rows": [
                (title, self._clicks(before), self._clicks(after), self._clicks(change, sign="+"))
                for title, before, after, change in list_slot_rows(slot)
            ],
        }

    def _clicks(self, estimate: Mapping[str, Any], sign: str = "") -> str:
        """Write an estimate of clicks in a thousand draws, with its interval."""
        interval = estimate["interval"]
        value, low, high = (
            numbers.format_decimal(
                1_000 * number, f"{sign}#,##0.0;-#,##0.0", locale=self.format.language
            )
            for number in (estimate["value"], interval["low"], interval["high"])
        )
        return f"{value} ({_join(low, high)})"

    def _explain_thin_log(self) -> str:
        return _(
            "Expected clicks are not told: {needs} clicks on products that stood at several places "
            "are needed, and the log has {has}. Until then, places count as DCG discounts them: "
            "1 / log2(1 + place)."
        ).format(
            has=self.format.count(self.effects["telling_clicks"]),
            needs=self.format.count(self.effects["needed_clicks"]),
        )

    def _card(self, figure: Figure, value: str, more: str = "") -> dict[str, str]:
        definition = DEFINITIONS[figure]
        return {
            "title": str(definition.title),
            "value": value,
            "before": more,
            "sentence": str(definition.sentence),
        }

    def _mark(
        self, product_ids: Sequence[int], others: Sequence[int], word: str
    ) -> list[tuple[str, str]]:
        names = self.result["product_names"]
        return [(names.get(str(pk), str(pk)), "" if pk in others else word) for pk in product_ids]

    def _fine_share(self, share: float) -> str:
        pattern = "#,##0.00 %" if self.format.language == "de" else "#,##0.00%"
        return numbers.format_percent(share, pattern, locale=self.format.language)

    def _difference(self, share: float) -> str:
        return f"{'−' if share < 0 else '+'}{self._fine_share(abs(share))}"

    def _money(self, amount: float) -> str:
        return self.format.value(amount, Unit.MONEY)

    def _gain(self, amount: float) -> str:
        sign = "+" if amount > 0 else "−" if amount < 0 else "±"
        return f"{sign}{self._money(abs(amount))}"

    def _count(self, number: float) -> str:
        return self.format.count(round(number))


def _join(low: str, high: str) -> str:
    """Return an interval; a dash between its ends would look like a sign."""
    return _("{low} to {high}").format(low=low, high=high)
