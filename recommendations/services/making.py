"""How every list is made: down the ladder of sources until it is full, then arranged."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from recommendations.choices import Placement, Source
from recommendations.engine import pipeline
from recommendations.engine.lists import Reason, ReasonCode
from recommendations.engine.pipeline import Candidate
from recommendations.engine.placements import ARRANGEMENTS
from recommendations.models import Product
from recommendations.services.history import ShopperHistory
from recommendations.services.lists import RecommendationList, facts_of, hydrated, products_by_id
from recommendations.services.rungs import Rung, newest_products
from recommendations.services.snapshot import Snapshot

EvidenceOf = Callable[[Sequence[Candidate]], Sequence[Reason | None]]
"""Returns what in a history speaks for each candidate, None where nothing does."""


def no_evidence(candidates: Sequence[Candidate]) -> Sequence[Reason | None]:
    """Leave every candidate the reason that its rung gave it."""
    return [None] * len(candidates)


def make_list(
    *,
    rungs: Sequence[Rung],
    history: ShopperHistory,
    placement: Placement,
    count: int,
    live: Snapshot | None = None,
    personal: bool = False,
    evidence: EvidenceOf = no_evidence,
    names: Mapping[int, str] | None = None,
    category: str | None = None,
    left_out: Collection[int] = (),
) -> RecommendationList:
    """Return a full list from the highest rungs that suffice; the newest products come last.

    `names` are those of the products that reasons point at, by default the history's; `left_out`
    are products that must not come.
    """
    most_per_category = ARRANGEMENTS[placement].most_per_category(count)
    products: dict[int, Product] = {}
    usable: list[Candidate] = []
    for fresh in _down(rungs, history, count, left_out):
        found = products_by_id([candidate.product_id for candidate in fresh])
        products |= found
        facts = facts_of(found)
        usable += pipeline.without_unwanted(
            pipeline.only_for_sale(fresh, facts),
            facts,
            purchased=history.purchased,
            in_cart=history.in_cart,
            dismissed=history.dismissed,
        )
        share = pipeline.within_share(
            usable, facts_of(products), most_per_category=most_per_category
        )
        if share >= count:
            break
    if len(usable) < count:
        newest = newest_products(history, {*products, *left_out}, category, 4 * count)
        products |= newest
        usable += [
            Candidate(product_id, 1.0, Source.NEWEST, Reason(ReasonCode.NEW))
            for product_id in newest
        ]
    seen = history.seen if history.personalization_enabled else frozenset()
    arranged = pipeline.spread_categories(
        pipeline.seen_step_back(usable, seen),
        facts_of(products),
        count=count,
        most_per_category=most_per_category,
    )
    ranked = pipeline.ranked_list(
        pipeline.explained(arranged, evidence(arranged)),
        model_version=live.version if live else None,
    )
    return hydrated(
        ranked,
        products,
        history.names if names is None else names,
        personalized=personal and ranked.source in {Source.MODEL, Source.SESSION},
    )


def _down(
    rungs: Sequence[Rung], history: ShopperHistory, count: int, left_out: Collection[int]
) -> Iterator[list[Candidate]]:
    """Go down the ladder: each rung's candidates that no rung above has named."""
    never = history.purchased | history.in_cart | history.dismissed
    enough = 4 * count + 20 + len(never) + len(left_out)
    named = set(left_out)
    for rung in rungs:
        fresh = [candidate for candidate in rung(enough) if candidate.product_id not in named]
        named.update(candidate.product_id for candidate in fresh)
        if fresh:
            yield fresh
