"""The ranked list: products, each with a confidence, a source and a reason.

The order of a list: first the pinned products, then the sources in the order in which the list
asked them. MMR orders the candidates of the model; where a placement's lambda is 1, that is the
order by score. Candidates of any other source stand by falling score. Equal scores keep the order
of the source. Products beyond their category's cap stand last, again by source and score.
"""

from collections.abc import Sequence
from typing import NamedTuple

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason


class RankedProduct(NamedTuple):
    """One product of a list.

    `confidence_score` is in [0, 1] and never rises from one product to the next. `cf_score` and
    `mf_score` are what collaborative filtering and matrix factorization added to the blended
    score, 0 for a model that added nothing.
    """

    product_id: int
    confidence_score: float
    source: Source
    reason: Reason
    cf_score: float = 0.0
    mf_score: float = 0.0


def build_ranked_list(candidates: Sequence[Candidate]) -> tuple[RankedProduct, ...]:
    """Return the candidates as ranked products, in the same order.

    The confidence is the source's largest confidence × the score, and at most the confidence of
    the product before: MMR may put a higher score below a lower one. A product in a reserved place
    has the confidence of the product before it, so that it lowers none below.
    """
    entries: list[RankedProduct] = []
    confidence = 1.0
    for candidate in candidates:
        own = candidate.source.max_confidence * min(max(candidate.score, 0.0), 1.0)
        if candidate.source is not Source.EXPLORED:
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
    return tuple(entries)


def get_list_source(sources: Sequence[Source]) -> Source:
    """Return the source of the first product that is neither pinned nor in a reserved place.

    The source of a list with only such products is "pinned", that of an empty list "newest".
    """
    for source in sources:
        if source not in {Source.PINNED, Source.EXPLORED}:
            return source
    return Source.PINNED if sources else Source.NEWEST
