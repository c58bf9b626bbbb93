"""Lists that are shown again while nothing changed that they depend on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from recommendations.choices import Placement, Source
from recommendations.conf import configuration
from recommendations.engine.result import RankedList, RankedProduct, Reason, ReasonCode
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.infra.layered_cache import cache_key, get_decoded, set_cached
from recommendations.services.infra.raw_sql import NO_ROWS, Row, fetch_rows_as_json, parse_rows
from recommendations.services.lists.history import (
    NOTHING,
    STATE_COLUMNS,
    State,
    as_state,
    state_table,
    subject_parameters,
)
from recommendations.services.lists.result import RecommendationList, attach_products
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.product_rows import BY_ID, CARD_COLUMNS, card_from_row


def list_key(subject: Subject | None, placement: Placement, count: int) -> str:
    """Return the key of a list.

    What it was made with lies in the value and is compared: the state, the live model and the
    rules. So who knows the subject can name all of its keys.
    """
    who = subject.key if subject else ""
    return cache_key("list", who, placement.value, count, configuration().text)


def keep_list(key: str, made: RecommendationList, state: State, made_with: str) -> None:
    """Store a list with the state of the subject, and the model and rules it was made with."""
    set_cached(
        key,
        {
            "state": state,
            "made_with": made_with,
            "source": made.source.value,
            "personalized": made.personalized,
            "model_version": made.model_version,
            "entries": [entry.ranked for entry in made.entries],
        },
        seconds=configuration().cache_seconds,
    )


def kept_list(key: str, subject: Subject | None, made_with: str) -> RecommendationList | None:
    """Return a stored list when it still holds, None when it must be made anew.

    It holds when model, rules and the subject's state are those it was made with, every
    product in it is for sale and every product that a reason names is in the shop. One query
    tells all of that and brings the products with the prices of now. As long as it brings the
    same, the same object is returned.
    """
    kept = get_decoded(key, _KeptList.of)
    if kept is None or kept.made_with != made_with:
        return None
    answer = NO_ROWS
    with ignore_database_errors("state"):
        answer = _products_and_state(kept.shown | kept.named, subject)
    # Read and written as one, since other threads do so too.
    last_answer, found = kept.last
    if answer != last_answer:
        found = kept.with_products(parse_rows(answer), as_of=subject)
        kept.last = answer, found
    return found


@dataclass(slots=True)
class _KeptList:
    """A stored list, and what was last made of it of which answer of the database."""

    ranked: RankedList
    personalized: bool
    state: State
    made_with: str
    shown: frozenset[int]
    named: frozenset[int]
    last: tuple[str, RecommendationList | None] = ("", None)

    @classmethod
    def of(cls, stored: Any) -> "_KeptList | None":
        """Return the list of a stored value, None when it is none: another release wrote it."""
        try:
            ranked = _ranked(stored)
            named = (entry.reason.product_id for entry in ranked.entries)
            kept = cls(
                ranked=ranked,
                personalized=bool(stored["personalized"]),
                state=as_state(stored["state"]),
                made_with=str(stored["made_with"]),
                shown=frozenset(entry.product_id for entry in ranked.entries),
                named=frozenset(product_id for product_id in named if product_id),
            )
        except (KeyError, TypeError, ValueError):
            return None
        return kept if kept.shown else None

    def with_products(
        self, rows: Sequence[Row], *, as_of: Subject | None
    ) -> RecommendationList | None:
        """Return the list with the products of these rows, None when it does not hold any more."""
        found = {card.pk: card for card in map(card_from_row, rows)}
        now = NOTHING if as_of is None or not rows else as_state(rows[0][-len(STATE_COLUMNS) :])
        whole = found.keys() >= self.shown | self.named
        if now != self.state or not whole or not all(found[pk].is_active for pk in self.named):
            return None
        if not all(found[pk].is_active and found[pk].in_stock for pk in self.shown):
            return None
        names = {product_id: found[product_id].name for product_id in self.named}
        return attach_products(self.ranked, found, names, personalized=self.personalized)


def _products_and_state(product_ids: Collection[int], subject: Subject | None) -> str:
    """Return the rows of these products, each followed by the subject's state, in one query."""
    if subject is None:
        return fetch_rows_as_json(BY_ID, CARD_COLUMNS, {}, ids=product_ids)
    query = (
        f"WITH {state_table(subject)} SELECT {{columns}} FROM state"  # noqa: S608
        " JOIN products ON products.id {among_ids}"
    )
    columns = [*CARD_COLUMNS, *STATE_COLUMNS]
    return fetch_rows_as_json(query, columns, subject_parameters(subject), ids=product_ids)


def _ranked(stored: dict[str, Any]) -> RankedList:
    entries = []
    for entry in stored["entries"]:
        # As JSON has named tuples: lists of their values.
        ranked = RankedProduct(*entry)
        code, product_id, category, count = ranked.reason
        reason = Reason(ReasonCode(code), product_id, category, count)
        entries.append(ranked._replace(source=Source(ranked.source), reason=reason))
    return RankedList(
        entries=tuple(entries),
        source=Source(stored["source"]),
        model_version=stored["model_version"],
    )
