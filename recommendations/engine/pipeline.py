"""From scores to a list: pure stages, each a function from candidates to candidates.

    filters → seen products step back → diversity → explanation → ranked list

The order of a finished list: the sources as the ladder names them. What the model names comes by
score less likeness to what of it stands above (`engine.diversity`), which is falling score alone
where a placement wants no diversity; within any other source by falling score; equals in the order
that the source named them. Products beyond their category's share come after all others, source
by source and by falling score.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from recommendations.choices import Source
from recommendations.engine.lists import RankedList, RankedProduct, Reason

CEILINGS = {
    Source.MODEL: 1.0,
    Source.SESSION: 0.6,
    Source.TRENDING: 0.4,
    Source.POPULAR: 0.3,
    Source.NEWEST: 0.1,
}
"""The most confidence that each source can have in a product."""

SEEN_FACTOR = 0.5
"""What a seen product's score is multiplied by: it stays, behind fresh ones of like score."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product that a list may hold.

    `score` is in [0, 1], 1 for the best that its source has to offer; `cf_score` and `mf_score`
    are the parts of it that collaborative filtering and matrix factorization added.
    """

    product_id: int
    score: float
    source: Source
    reason: Reason
    cf_score: float = 0.0
    mf_score: float = 0.0


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What the shop says about a product at the moment of the request."""

    category: str
    is_active: bool
    in_stock: bool
    is_repeatable: bool


def only_for_sale(
    candidates: Sequence[Candidate], facts: Mapping[int, ProductFacts]
) -> list[Candidate]:
    """Leave out what is inactive, out of stock or no longer in the shop."""
    return [
        candidate
        for candidate in candidates
        if (known := facts.get(candidate.product_id)) and known.is_active and known.in_stock
    ]


def without_unwanted(
    candidates: Sequence[Candidate],
    facts: Mapping[int, ProductFacts],
    *,
    purchased: Collection[int],
    in_cart: Collection[int],
    dismissed: Collection[int],
) -> list[Candidate]:
    """Leave out what lies in the cart, what is not wanted, and what is bought only once."""
    return [
        candidate
        for candidate in candidates
        if candidate.product_id not in in_cart
        and candidate.product_id not in dismissed
        and (candidate.product_id not in purchased or facts[candidate.product_id].is_repeatable)
    ]


def seen_step_back(candidates: Sequence[Candidate], seen: Collection[int]) -> list[Candidate]:
    """Multiply the scores of seen products by `SEEN_FACTOR` and sort each source again.

    A shopper who looked at something finds it again in the list, but first what is new to them.
    """
    lowered = [
        replace(
            candidate,
            score=candidate.score * SEEN_FACTOR,
            cf_score=candidate.cf_score * SEEN_FACTOR,
            mf_score=candidate.mf_score * SEEN_FACTOR,
        )
        if candidate.product_id in seen
        else candidate
        for candidate in candidates
    ]
    order = list(dict.fromkeys(candidate.source for candidate in candidates))
    return sorted(lowered, key=lambda candidate: (order.index(candidate.source), -candidate.score))


def within_share(
    candidates: Sequence[Candidate],
    facts: Mapping[int, ProductFacts],
    *,
    most_per_category: int,
) -> int:
    """Return how many of them a list may hold before a category exceeds its share."""
    taken = Counter(facts[candidate.product_id].category for candidate in candidates)
    return sum(min(number, most_per_category) for number in taken.values())


def explained(candidates: Sequence[Candidate], reasons: Sequence[Reason | None]) -> list[Candidate]:
    """Give each candidate its reason; None leaves the one it has."""
    return [
        replace(candidate, reason=reason) if reason else candidate
        for candidate, reason in zip(candidates, reasons, strict=True)
    ]


def ranked_list(candidates: Sequence[Candidate], *, model_version: str | None) -> RankedList:
    """Return the finished list.

    Confidence is the source's ceiling times the score, and never more than that of the entry
    above: diversity may have put a higher score below a lower one.
    """
    entries: list[RankedProduct] = []
    confidence = 1.0
    for candidate in candidates:
        own = CEILINGS[candidate.source] * min(max(candidate.score, 0.0), 1.0)
        confidence = min(confidence, own)
        entries.append(
            RankedProduct(
                product_id=candidate.product_id,
                confidence_score=round(confidence, 4),
                source=candidate.source,
                reason=candidate.reason,
                cf_score=round(candidate.cf_score, 4),
                mf_score=round(candidate.mf_score, 4),
            )
        )
    by_model = any(entry.source is Source.MODEL for entry in entries)
    return RankedList(
        entries=tuple(entries),
        source=entries[0].source if entries else Source.NEWEST,
        model_version=model_version if by_model else None,
    )
