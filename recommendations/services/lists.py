"""Ranked lists with the products in them, and lists that are shown again while nothing changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from recommendations.choices import Placement, Source
from recommendations.conf import configuration
from recommendations.engine.lists import RankedList, RankedProduct, Reason, ReasonCode
from recommendations.engine.pipeline import ProductFacts
from recommendations.models import Product
from recommendations.services.caching import cache_key, cached, keep
from recommendations.services.failing_reads import tolerated
from recommendations.services.history import (
    NOTHING,
    STATE_COLUMNS,
    State,
    as_state,
    state_table,
    subject_parameters,
)
from recommendations.services.product_rows import CARD_COLUMNS, product_of, products_by_id
from recommendations.services.subjects import Subject


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One entry of a list: how it ranks, and the product as the database has it now.

    `reason_product_name` names the product that the reason points at, empty when it points at
    none. The product's description and attributes are not loaded: reading them asks the database.
    """

    ranked: RankedProduct
    product: Product
    reason_product_name: str = ""


@dataclass(frozen=True, slots=True)
class RecommendationList:
    """Products to show, best first, each once; `source` is that of the first.

    `personalized` says whether the subject's history shaped it; `model_version` is None where no
    model did.
    """

    entries: tuple[Recommendation, ...]
    source: Source
    personalized: bool
    model_version: str | None


def facts_of(products: Mapping[int, Product]) -> dict[int, ProductFacts]:
    """Return what the stages of the pipeline ask about products."""
    return {
        product_id: ProductFacts(
            category=product.category,
            is_active=product.is_active,
            in_stock=product.in_stock,
            is_repeatable=product.is_repeatable,
        )
        for product_id, product in products.items()
    }


def hydrated(
    ranked: RankedList,
    products: Mapping[int, Product],
    names: Mapping[int, str],
    *,
    personalized: bool,
) -> RecommendationList:
    """Return the list with its products; `names` has those that reasons point at."""
    return RecommendationList(
        entries=tuple(
            Recommendation(
                ranked=entry,
                product=products[entry.product_id],
                reason_product_name=names.get(entry.reason.product_id or 0, ""),
            )
            for entry in ranked.entries
        ),
        source=ranked.source,
        personalized=personalized,
        model_version=ranked.model_version,
    )


def list_key(subject: Subject | None, placement: Placement, count: int) -> str:
    """Return the key of a list.

    The state and the live model that it was made with lie in the value and are compared, so that
    who knows the subject can name all of its keys.
    """
    who = subject.key if subject else ""
    return cache_key("list", who, placement.value, count, configuration().text)


def keep_list(key: str, made: RecommendationList, state: State, live_version: str | None) -> None:
    """Store a list with the state of the subject and the live model that it was made with."""
    keep(
        key,
        {
            "state": state,
            "live_version": live_version,
            "source": made.source.value,
            "personalized": made.personalized,
            "model_version": made.model_version,
            "entries": [
                _columns(entry.ranked) | {"reason": _columns(entry.ranked.reason)}
                for entry in made.entries
            ],
        },
        seconds=configuration().cache_seconds,
    )


def kept_list(
    key: str, subject: Subject | None, live_version: str | None
) -> RecommendationList | None:
    """Return a stored list when it still holds, None when it must be made anew.

    It holds when the live model and the subject's state are those it was made with, every
    product in it is for sale and every product that a reason names is in the shop. One query
    tells all of that and brings the products with the prices of now.
    """
    stored = cached(key)
    if stored is None:
        return None
    try:
        made_with = stored["live_version"]
        ranked, state = _ranked(stored)
        personalized = bool(stored["personalized"])
    except (KeyError, TypeError, ValueError):
        # Another release wrote it.
        return None
    shown = {entry.product_id for entry in ranked.entries}
    named = {entry.reason.product_id for entry in ranked.entries if entry.reason.product_id}
    if not shown or made_with != live_version:
        return None
    found: dict[int, Product] = {}
    now = NOTHING
    with tolerated("state"):
        found, now = _with_state(shown | named, subject)
    whole = found.keys() >= shown | named
    if now != state or not whole or not all(found[pk].is_active for pk in named):
        return None
    if not all(found[pk].is_active and found[pk].in_stock for pk in shown):
        return None
    names = {product_id: found[product_id].name for product_id in named}
    return hydrated(ranked, found, names, personalized=personalized)


def _with_state(
    product_ids: Collection[int], subject: Subject | None
) -> tuple[dict[int, Product], State]:
    """Return these products and the subject's state at the same moment, in one query."""
    if subject is None:
        return products_by_id(product_ids), NOTHING
    numbered = {f"product_{number}": pk for number, pk in enumerate(product_ids)}
    places = ", ".join(f"%({name})s" for name in numbered)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {state_table(subject)} SELECT {CARD_COLUMNS}, state.* FROM state"  # noqa: S608
            f" JOIN products ON products.id IN ({places})",
            numbered | subject_parameters(subject),
        )
        rows = cursor.fetchall()
    products = [product_of(row) for row in rows]
    state = as_state(rows[0][-len(STATE_COLUMNS) :]) if rows else NOTHING
    return {product.pk: product for product in products}, state


def _columns(made: RankedProduct | Reason) -> dict[str, Any]:
    # What dataclasses.asdict gives, in a tenth of its time.
    return {name: getattr(made, name) for name in made.__slots__}


def _ranked(stored: dict[str, Any]) -> tuple[RankedList, State]:
    entries = []
    for entry in stored["entries"]:
        reason = Reason(**{**entry["reason"], "code": ReasonCode(entry["reason"]["code"])})
        source = Source(entry["source"])
        entries.append(RankedProduct(**{**entry, "source": source, "reason": reason}))
    ranked = RankedList(
        entries=tuple(entries),
        source=Source(stored["source"]),
        model_version=stored["model_version"],
    )
    return ranked, as_state(stored["state"])
