"""Cached lists: a list is valid until the model, the rules, the history or its products change."""

import json
from functools import lru_cache
from typing import Any, NamedTuple

from recommendations.choices import Placement, Source
from recommendations.conf import configuration
from recommendations.engine.candidates import Reason
from recommendations.engine.result import RankedProduct
from recommendations.reasons import ReasonCode
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.infra.layered_cache import build_cache_key, get_decoded, set_cached
from recommendations.services.infra.raw_sql import NO_ROWS, fetch_rows_as_json
from recommendations.services.lists.history import (
    EMPTY_VERSION,
    VERSION_COLUMNS,
    HistoryVersion,
    get_version_sql,
    parse_version,
)
from recommendations.services.lists.result import Draft, LoggedSlot, RecommendationList
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.product_rows import BY_ID, CARD_COLUMNS, parse_card

CURRENT_LISTS_CACHE_SIZE = 1_000


def build_list_key(
    subject: Subject | None, placement: Placement, count: int, wish: str | None = None
) -> str:
    """Return the cache key of a list; `wish` is what the request asks of it besides.

    The key has no versions, so that the keys of a subject can be computed. `fetch` compares the
    versions, which are part of the value.
    """
    parts = (subject, placement.value, count, configuration().fingerprint)
    return build_cache_key("list", *parts, *([] if wish is None else [wish]))


def store(
    key: str, found: RecommendationList, history_version: HistoryVersion, version_key: str
) -> None:
    """Store a list; `version_key` names the model and the rules that it was built with."""
    value = {
        "history_version": history_version,
        "version_key": version_key,
        "source": found.source.value,
        "personalized": found.personalized,
        "model_version": found.model_version,
        "entries": found.entries,
        "draft": None if found.draft is None else found.draft.write(),
        "slot": None if found.slot is None else found.slot.write(),
    }
    set_cached(key, value, seconds=configuration().cache_seconds)


def fetch(key: str, subject: Subject | None, version_key: str) -> RecommendationList | None:
    """Return a stored list with its current products, None if there is no valid one.

    A list is valid if model, rules and history are those it was built with, all its products are
    for sale and in stock, and the products of its reasons are for sale. One query reads history
    version and products. While the answer of the query is the same, so is the returned object.
    """
    stored = get_decoded(key, _StoredList.decode)
    if stored is None or stored.version_key != version_key:
        return None
    query, columns = BY_ID, CARD_COLUMNS
    if subject is not None:
        columns = [*CARD_COLUMNS, *VERSION_COLUMNS]
        query = (
            f"WITH {get_version_sql(of_visitor=subject.user_id is None)}"  # noqa: S608
            " SELECT {columns} FROM version JOIN products ON products.id {among_ids}"
        )
    answer = NO_ROWS
    with ignore_database_errors("state"):
        parameters = subject.sql_parameters if subject else {}
        answer = fetch_rows_as_json(
            query, columns, parameters, ids=stored.shown_ids | stored.reason_ids
        )
    return _to_current_list(stored, answer)


class _StoredList(NamedTuple):
    """A list decoded from the cache, without its products."""

    entries: tuple[RankedProduct, ...]
    source: Source
    personalized: bool
    model_version: str | None
    history_version: HistoryVersion
    version_key: str
    shown_ids: frozenset[int]
    """The products of the entries."""
    reason_ids: frozenset[int]
    """The products of the reasons."""
    draft: Draft | None
    slot: LoggedSlot | None

    @classmethod
    def decode(cls, stored: Any) -> "_StoredList | None":
        """Return the list, None if the value is no list of this release or an empty list."""
        try:
            entries = tuple([_decode_entry(entry) for entry in stored["entries"]])
            decoded = cls(
                entries=entries,
                source=Source(stored["source"]),
                personalized=bool(stored["personalized"]),
                model_version=stored["model_version"],
                history_version=parse_version(stored["history_version"]),
                version_key=str(stored["version_key"]),
                shown_ids=frozenset([entry.product_id for entry in entries]),
                reason_ids=frozenset([entry.reason.product_id or 0 for entry in entries]) - {0},
                draft=None if stored["draft"] is None else Draft.read(stored["draft"]),
                slot=None if stored["slot"] is None else LoggedSlot.read(stored["slot"]),
            )
        except (KeyError, TypeError, ValueError):
            return None
        return decoded if entries else None


def _decode_entry(values: Any) -> RankedProduct:
    # JSON stores a named tuple as the list of its values.
    ranked = RankedProduct(*values)
    code, product_id, category, count = ranked.reason
    return ranked._replace(
        source=Source(ranked.source),
        reason=Reason(ReasonCode(code), product_id, category, count),
    )


@lru_cache(maxsize=CURRENT_LISTS_CACHE_SIZE)
def _to_current_list(stored: _StoredList, answer: str) -> RecommendationList | None:
    """Return the list with the products of the query's answer, None if the list is not valid."""
    rows = json.loads(answer)
    products = {card.pk: card for card in map(parse_card, rows)}
    if not products.keys() >= stored.shown_ids | stored.reason_ids:
        return None
    version = rows[0][len(CARD_COLUMNS) :]
    if (parse_version(version) if version else EMPTY_VERSION) != stored.history_version:
        return None
    for product_id, product in products.items():
        if not product.is_active or (not product.in_stock and product_id in stored.shown_ids):
            return None
    return RecommendationList(
        entries=stored.entries,
        source=stored.source,
        personalized=stored.personalized,
        model_version=stored.model_version,
        products=products,
        reason_names={product_id: products[product_id].named for product_id in stored.reason_ids},
        draft=stored.draft,
        slot=stored.slot,
    )
