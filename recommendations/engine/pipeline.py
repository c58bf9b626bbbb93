"""From scores to a list: pure stages, each a function from candidates to candidates.

    filters → rules → seen products step back → diversity → explanation → ranked list

The order of a finished list: what staff pinned, then the sources as the ladder names them. What
the model names comes by score less likeness to what of it stands above (`engine.diversity`), which
is falling score alone where a placement wants no diversity; within any other source by falling
score; equals in the order that the source named them. Products beyond their category's share come
after all others, source by source and by falling score.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from recommendations.choices import Source
from recommendations.engine.result import RankedList, RankedProduct, Reason

MAX_CONFIDENCE = {
    Source.PINNED: 1.0,
    Source.MODEL: 1.0,
    Source.SESSION: 0.6,
    Source.TRENDING: 0.4,
    Source.POPULAR: 0.3,
    Source.NEWEST: 0.1,
}
"""The most confidence that each source can have in a product."""

SEEN_FACTOR = 0.5
"""What a seen product's score is multiplied by: it stays, behind fresh ones of like score."""


class Candidate(NamedTuple):
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


_PRODUCT_ID, _SCORE, _SOURCE = map(attrgetter, ("product_id", "score", "source"))


class ProductFilterFields(NamedTuple):
    """What the shop says about a product at the moment of the request."""

    category: str
    is_active: bool
    in_stock: bool
    is_repeatable: bool
    brand: str = ""


def product_ids(candidates: Sequence[Candidate]) -> list[int]:
    """Return the candidates' products."""
    return list(map(_PRODUCT_ID, candidates))


def filter_candidates(
    candidates: Sequence[Candidate],
    facts: Mapping[int, ProductFilterFields],
    *,
    purchased: Collection[int],
    excluded: Collection[int],
) -> list[Candidate]:
    """Leave out what cannot be bought now, what is not wanted, and what is bought only once.

    That is what is inactive, out of stock or no longer in the shop; what is dismissed or lies in
    the cart (`excluded`); and what was bought, unless people buy it again.
    """
    return [
        candidate
        for candidate in candidates
        if (known := facts.get(candidate.product_id))
        and known.in_stock
        and known.is_active
        and candidate.product_id not in excluded
        and (candidate.product_id not in purchased or known.is_repeatable)
    ]


def demote_seen(candidates: Sequence[Candidate], seen: Collection[int]) -> list[Candidate]:
    """Multiply the scores of seen products by `SEEN_FACTOR` and sort each source again.

    A shopper who looked at something finds it again in the list, but first what is new to them.
    """
    lowered = [
        candidate._replace(
            score=candidate.score * SEEN_FACTOR,
            cf_score=candidate.cf_score * SEEN_FACTOR,
            mf_score=candidate.mf_score * SEEN_FACTOR,
        )
        if candidate.product_id in seen
        else candidate
        for candidate in candidates
    ]
    # Equals keep their places in both.
    lowered.sort(key=_SCORE, reverse=True)
    steps = {source: step for step, source in enumerate(dict.fromkeys(map(_SOURCE, candidates)))}
    return sorted(lowered, key=lambda one: steps[one.source]) if len(steps) > 1 else lowered


def count_within_category_cap(
    candidates: Sequence[Candidate],
    facts: Mapping[int, ProductFilterFields],
    *,
    most_per_category: int,
) -> int:
    """Return how many of them a list may hold before a category exceeds its share."""
    taken = Counter([facts[candidate.product_id].category for candidate in candidates])
    return sum([min(number, most_per_category) for number in taken.values()])


def attach_reasons(
    candidates: Sequence[Candidate], reasons: Sequence[Reason | None]
) -> list[Candidate]:
    """Give each candidate its reason; None leaves the one it has."""
    return [
        candidate._replace(reason=reason) if reason else candidate
        for candidate, reason in zip(candidates, reasons, strict=True)
    ]


def build_ranked_list(candidates: Sequence[Candidate], *, model_version: str | None) -> RankedList:
    """Return the finished list.

    Confidence is the source's ceiling times the score, and never more than that of the entry
    above: diversity may have put a higher score below a lower one.
    """
    entries: list[RankedProduct] = []
    confidence = 1.0
    for candidate in candidates:
        own = MAX_CONFIDENCE[candidate.source] * min(max(candidate.score, 0.0), 1.0)
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
    sources = list(dict.fromkeys(entry.source for entry in entries)) or [Source.NEWEST]
    by_model = Source.MODEL in sources
    return RankedList(
        entries=tuple(entries),
        source=sources[1] if sources[0] is Source.PINNED and len(sources) > 1 else sources[0],
        model_version=model_version if by_model else None,
    )
