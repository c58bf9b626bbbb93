"""The figures of the shop on the admin's first page, and as CSV, for staff who may see them."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language_from_request

from recommendations.admin.charts import Chart, Line, build_chart
from recommendations.admin.dashboard_words import WORDS, DashboardWords
from recommendations.admin.dimension_names import name_value
from recommendations.admin.experiment_pages import describe_holdout
from recommendations.admin.formats import Format
from recommendations.admin.queries import PERMISSION as QUERIES
from recommendations.admin.queries import TITLES
from recommendations.admin.queries import WINDOWS as QUERY_WINDOWS
from recommendations.admin.shop_state import build_health, build_readiness
from recommendations.services.insight.definitions import pick
from recommendations.services.insight.figures import Figure
from recommendations.services.insight.model_quality import ModelQuality, read_model_quality
from recommendations.services.insight.readiness import check_placements
from recommendations.services.insight.report import (
    WINDOWS,
    Dimension,
    Reading,
    Report,
    read_report,
)
from recommendations.services.insight.tables import TABLES, write_csv
from recommendations.services.search.query_figures import Listing, list_queries

PERMISSION = "recommendations.view_insight"
DEFAULT_WINDOW = 30
SHOWN_QUERIES = 8
CARDS = ("revenue", "followed_share", "orders", "order_value", "visits", "click_through",
         "conversion", "coverage")  # fmt: skip
FUNNEL = ("viewing_visits", "carting_visits", "buying_visits")
FOLLOWED = ("direct_orders", "assisted_orders", "direct_revenue", "assisted_revenue")
LIST_COLUMNS = ("lists", "list_share", "impressions", "clicks", "click_through", "clicked_carts",
                "clicked_purchases", "conversion", "direct_revenue",
                "assisted_revenue")  # fmt: skip
EXPLORED_COLUMNS = ("explored_share", "explored_impressions", "explored_click_through")
"""Shown as well if a list of the window had reserved places."""
REVENUE_LINES = ("revenue", "direct_revenue", "assisted_revenue")
EVENT_LINES = ("views", "likes", "carts", "purchases")


def build_figures(request: HttpRequest) -> dict[str, Any] | None:
    """Return what the first page says of the shop's figures; None to who may not see them."""
    if not request.user.has_perm(PERMISSION):
        return None
    language = get_language_from_request(request)[:2]
    page = _Page(language if language in WORDS else "en", read_report(_read_days(request)))
    return {
        **page.build(),
        "health": list(build_health(page.words, page.format, page.report.counted_at)),
        "holdout": describe_holdout(request),
        "searches": _build_searches(request, page.report.days),
    }


def download_figures(request: HttpRequest) -> HttpResponse:
    """Answer with one of the tables as CSV."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    by = request.GET.get("by", "shop")
    if by not in TABLES:
        raise ValueError(f"by is one of {', '.join(TABLES)}.")
    report = read_report(_read_days(request))
    name = f"figures-{by}-{report.days}-days-{report.window.last}.csv"
    return HttpResponse(
        write_csv(TABLES[by](report)),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _read_days(request: HttpRequest) -> int:
    """Return the length of the window; the admin answers a ValueError with 400."""
    days = request.GET.get("days", str(DEFAULT_WINDOW))
    if days not in map(str, WINDOWS):
        raise ValueError(f"days is one of {', '.join(map(str, WINDOWS))}.")
    return int(days)


def _build_searches(request: HttpRequest, days: int) -> list[tuple[Any, str, list[Any]]]:
    """Return the top queries and those without result, to those who may see queries."""
    if not request.user.has_perm(QUERIES):
        return []
    # Queries are kept for less time than the longest window of figures.
    window = max(each for each in QUERY_WINDOWS if each <= days)
    page = reverse("admin:recommendations_queries")
    return [
        (
            TITLES[listing],
            f"{page}?days={window}&listing={listing}",
            list_queries(listing=listing, days=window)[:SHOWN_QUERIES],
        )
        for listing in (Listing.TOP, Listing.WITHOUT_RESULT)
    ]


class Cell(NamedTuple):
    """A value as text, and its interval if it has one."""

    text: str
    interval: str = ""


class _Page:
    """Turns a report into the texts of the page, in one language."""

    def __init__(self, language: str, report: Report) -> None:
        self.language = language
        self.words: DashboardWords = WORDS[language]
        self.format = Format(language)
        self.report = report

    def build(self) -> dict[str, Any]:
        report, words = self.report, self.words
        window = report.window
        return {
            "language": self.language,
            "words": words,
            "windows": [
                {
                    "days": days,
                    "label": words.one_day if days == 1 else words.days.format(days),
                    "is_chosen": days == report.days,
                }
                for days in WINDOWS
            ],
            "compared": words.compared.format(
                self.format.day(window.first), self.format.day(window.last)
            ),
            "zone": words.days_of_zone.format(report.time_zone, report.attribution_days),
            "counted": report.counted_at
            and words.counted.format(self.format.ago(report.counted_at)),
            "is_empty": report.is_empty,
            "days": report.days,
            "cards": [self._build_card(report.shop[name]) for name in CARDS],
            "followed": [self._build_card(report.shop[name]) for name in FOLLOWED],
            "funnel": list(self._build_funnel()),
            "charts": self._build_charts() if report.days > 1 else [],
            "list_columns": [self._get_title(figure) for figure in pick(self._list_columns)],
            "list_notes": [
                (self._get_title(figure), self._get_sentence(figure))
                for figure in pick(self._list_columns)
            ],
            "list_tables": list(self._build_list_tables()),
            "models": self._build_models(read_model_quality()),
            "readiness": [build_readiness(each, words, self.format) for each in check_placements()],
            "downloads": self._build_downloads(),
        }

    @property
    def _list_columns(self) -> tuple[str, ...]:
        has_reserved = bool(self.report.shop["explored_share"].now.number)
        return (*LIST_COLUMNS, *EXPLORED_COLUMNS) if has_reserved else LIST_COLUMNS

    def _get_title(self, figure: Figure) -> str:
        return str(getattr(figure.title, self.language))

    def _get_sentence(self, figure: Figure) -> str:
        return str(getattr(figure.sentence, self.language))

    def _build_card(self, reading: Reading) -> dict[str, str]:
        figure = reading.figure
        return {
            "title": self._get_title(figure),
            "sentence": self._get_sentence(figure),
            "value": self.format.value(reading.now.number, figure.unit),
            "interval": self.format.interval(reading.now),
            "change": "" if reading.change is None else self.format.change(reading.change),
            "before": self.words.before.format(
                self.format.value(reading.before.number, figure.unit)
            ),
        }

    def _build_funnel(self) -> Iterable[dict[str, Any]]:
        visits = self.report.shop["visits"].now.number or 0
        for name in FUNNEL:
            now = self.report.shop[name].now
            share = float(now.number or 0)
            yield {
                **self._build_card(self.report.shop[name]),
                "percent": round(100 * share),
                "of": self.words.of_visits.format(
                    self.format.count(round(share * float(visits))), self.format.count(int(visits))
                ),
            }

    def _build_charts(self) -> list[Chart]:
        return [
            self._build_day_chart(self.words.revenue_by_day, REVENUE_LINES),
            self._build_day_chart(self.words.events_by_day, EVENT_LINES),
        ]

    def _build_day_chart(self, title: str, names: Sequence[str]) -> Chart:
        lines = [
            Line(
                self._get_title(figure),
                [values[figure.name].number for values in self.report.by_day.values()],
                [
                    self.format.value(values[figure.name].number, figure.unit)
                    for values in self.report.by_day.values()
                ],
            )
            for figure in pick(names)
        ]
        days = [self.format.short_day(day) for day in self.report.by_day]
        return build_chart(title, self.words.day, days, lines)

    def _build_list_tables(self) -> Iterable[dict[str, Any]]:
        words = self.words
        for dimension, title, heading in (
            (Dimension.PLACEMENT, words.by_placement, words.placement),
            (Dimension.LIST, words.by_list, words.list_name),
            (Dimension.SOURCE, words.by_source, words.source),
        ):
            rows = [
                (
                    name_value(dimension, name),
                    [self._build_cell(readings[column]) for column in self._list_columns],
                )
                for name, readings in self.report.lists[dimension].items()
            ]
            yield {"title": title, "heading": heading, "rows": rows}

    def _build_cell(self, reading: Reading) -> Cell:
        text = self.format.value(reading.now.number, reading.figure.unit)
        return Cell(text, self.format.interval(reading.now))

    def _build_models(self, models: Sequence[ModelQuality]) -> dict[str, Any]:
        words = self.words
        live = next((each for each in models if each.is_live), None)
        if live is None:
            return {"sentence": words.no_model}
        sentence = words.live_model.format(live.name, self.format.ago(live.trained_at))
        if live.ndcg is None:
            sentence = f"{sentence} {words.not_measured}"
        lines = [
            Line("NDCG@10", [each.ndcg for each in models],
                 [self.format.score(each.ndcg) for each in models]),
            Line(words.popularity, [each.popularity_ndcg for each in models],
                 [self.format.score(each.popularity_ndcg) for each in models]),
        ]  # fmt: skip
        moments = [self.format.moment(each.promoted_at) for each in models]
        is_measured = any(each.ndcg is not None for each in models)
        chart = build_chart(words.models, words.went_live, moments, lines, has_points=True)
        return {"sentence": sentence, "chart": chart if is_measured else None}

    def _build_downloads(self) -> list[tuple[str, str]]:
        words = self.words
        labels = (words.download_shop, words.daily, words.by_placement, words.by_list,
                  words.by_source)  # fmt: skip
        return list(zip(TABLES, labels, strict=True))
