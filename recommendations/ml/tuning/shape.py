"""How much the trend of items counts, and how much room new items get, at a bounded cost."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.blended import BlendShape
from recommendations.ml.data import FloatArray
from recommendations.ml.item_priors import weigh_items
from recommendations.ml.tuning.candidate_scores import (
    CandidateScores,
    blend_scores,
    compute_ndcg_of,
)

TREND_EXPONENTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.2, 1.4, 1.7, 2.0)
ABSTENTIONS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9)
YOUNG_FACTOR = 3.0
"""How much a hit of a young item counts: it finds its buyers only by being listed."""
MAX_LOSS = 0.02
"""Which share of the highest NDCG on validation room for young items may cost, and which share of
the NDCG of young or older items a second stage."""


def find_shape(
    candidates: CandidateScores,
    weights: FloatArray,
    know_new_items: NDArray[np.bool_],
    shape: BlendShape,
    k: int,
    *,
    least_ndcg: float = 0.0,
) -> tuple[BlendShape, NDArray[np.float64]]:
    """Return the shape with the best exponent and abstention, and the NDCG of each case.

    The best is the one with the highest NDCG in which a hit of a young item counts `YOUNG_FACTOR`
    times, among those whose plain NDCG is within `MAX_LOSS` of the highest, and not below that of
    the shape without either nor below `least_ndcg`, that of the best member alone. So young items
    cost at most what the trend gains, and without young items in the ground truth the highest NDCG
    decides.
    """
    share = float(weights[know_new_items].sum() / weights.sum())
    from_items = blend_scores(candidates.scores, weights * know_new_items)
    from_behavior = blend_scores(candidates.scores, weights * ~know_new_items)
    tried: list[tuple[BlendShape, NDArray[np.float64], float]] = []
    for exponent in TREND_EXPONENTS:
        for abstention in ABSTENTIONS if share > 0 else ABSTENTIONS[:1]:
            of_knowing, of_others = weigh_items(
                candidates.priors,
                abstention=abstention,
                trend_exponent=exponent,
                share_of_knowing=share,
            )
            blended = (of_knowing * from_items + of_others * from_behavior).astype(np.float32)
            ndcg = compute_ndcg_of(candidates, blended, k)
            of_young = compute_ndcg_of(candidates, blended, k, only=candidates.is_young)
            value = float(ndcg.mean() + (YOUNG_FACTOR - 1) * of_young.mean())
            other = replace(shape, trend_exponent=exponent, abstention=abstention)
            tried.append((other, ndcg, value))
    highest = max(ndcg.mean() for _, ndcg, _ in tried)
    neutral = tried[0][1].mean()
    least = max((1 - MAX_LOSS) * highest, neutral, least_ndcg)
    # The highest is among them: it is at least the neutral one, which is at least the best member.
    allowed = [each for each in tried if each[1].mean() >= min(least, highest)]
    best = max(allowed, key=lambda each: each[2])
    return best[0], best[1]
