"""Filters for candidates, and the lower scores of products that the shopper has seen."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter

from recommendations.category_paths import LEVEL_SEPARATOR
from recommendations.engine.candidates import Candidate, ProductFilterFields
from recommendations.engine.trace import Stage

SEEN_FACTOR = 0.5
"""The score of a product that the shopper has seen is multiplied by this factor."""

_SCORE, _SOURCE = attrgetter("score"), attrgetter("source")


def filter_candidates(
    candidates: Sequence[Candidate],
    products: Mapping[int, ProductFilterFields],
    *,
    purchased: Collection[int],
    excluded: Collection[int],
) -> list[Candidate]:
    """Return the candidates that are for sale, in stock, not excluded and not bought before.

    A product that was bought stays if shoppers buy it again. A product without an entry in
    `products` is not in the shop any more.
    """
    return [
        candidate
        for candidate in candidates
        if (product := products.get(candidate.product_id))
        and product.in_stock
        and product.is_active
        and candidate.product_id not in excluded
        and (candidate.product_id not in purchased or product.is_repeatable)
    ]


def name_obstacle(
    product: ProductFilterFields | None,
    *,
    is_purchased: bool,
    is_in_cart: bool,
    is_dismissed: bool,
) -> Stage | None:
    """Return why `filter_candidates` drops a product, None if it does not; for a trace."""
    stages = (
        (product is None, Stage.NOT_IN_CATALOGUE),
        (product is not None and not product.is_active, Stage.INACTIVE),
        (product is not None and not product.in_stock, Stage.SOLD_OUT),
        (is_in_cart, Stage.IN_CART),
        (is_dismissed, Stage.DISMISSED),
        (is_purchased and product is not None and not product.is_repeatable, Stage.BOUGHT),
    )
    return next((stage for holds, stage in stages if holds), None)


def demote_seen(candidates: Sequence[Candidate], seen: Collection[int]) -> list[Candidate]:
    """Multiply the scores of seen products by `SEEN_FACTOR` and sort each source by score.

    Equal scores keep their order, and so do the sources.
    """
    return scale_scores(candidates, dict.fromkeys(seen, SEEN_FACTOR))


def scale_scores(candidates: Sequence[Candidate], factors: Mapping[int, float]) -> list[Candidate]:
    """Multiply the scores of products by their factors, if any, and sort each source by score.

    Equal scores keep their order, and so do the sources.
    """
    scaled = [
        candidate._replace(
            score=candidate.score * factor,
            cf_score=candidate.cf_score * factor,
            mf_score=candidate.mf_score * factor,
        )
        if (factor := factors.get(candidate.product_id)) is not None
        else candidate
        for candidate in candidates
    ]
    scaled.sort(key=_SCORE, reverse=True)
    order = {source: place for place, source in enumerate(dict.fromkeys(map(_SOURCE, candidates)))}
    return sorted(scaled, key=lambda one: order[one.source]) if len(order) > 1 else scaled


def count_within_caps(
    candidates: Sequence[Candidate],
    products: Mapping[int, ProductFilterFields],
    *,
    max_per_category: int,
    max_per_department: int,
) -> int:
    """Return the length of the longest list in which no category and no department is too many."""
    per_category = Counter([products[candidate.product_id].category for candidate in candidates])
    per_department: Counter[str] = Counter()
    for category, number in per_category.items():
        department = category.partition(LEVEL_SEPARATOR)[0]
        per_department[department] += min(number, max_per_category)
    return sum([min(number, max_per_department) for number in per_department.values()])
