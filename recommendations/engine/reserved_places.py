"""Reserved places: one place in N of a list is for products that few know yet.

A product that one shopper knows cannot pass those on which three agree, however well it suits. A
reserved place lets shoppers decide about it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate
from recommendations.engine.conditions.parsing import Condition
from recommendations.ml.data import FloatArray

SPREAD = 0.2
"""What a draw adds at most to the score of a product of which nothing is known."""
LEAST_SCORE = 0.1
"""A product that suits less gets no reserved place."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Which places are reserved, and for which products.

    New is what was first touched within `within_days`, or has fewer interactions than `fewer_than`.
    """

    one_in: int
    within_days: int
    fewer_than: int
    condition: Condition = True
    """Only products for which it holds get a reserved place."""


def draw_scores(scores: FloatArray, confidence: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return the scores by which new items compete: score + `SPREAD` × (1 − confidence) × draw.

    Draws are uniform in [0, 1). As in Thompson sampling, the less an item is known, the further
    its draws spread, so each of the unknown items that suit about equally has its turn.
    """
    drawn: FloatArray = scores + SPREAD * (1 - confidence) * rng.random(
        len(scores), dtype=np.float32
    )
    return drawn


def fill_reserved(
    chosen: Sequence[Candidate],
    drawn: Sequence[Candidate],
    *,
    one_in: int,
    new_ids: Collection[int],
) -> list[Candidate]:
    """Return the list with the drawn candidates in its reserved places, as long as it was.

    The last of every `one_in` places is reserved, unless a new product stands in one of them
    anyway, or the place is pinned. What stood there moves down by one, and the last of the list
    leaves it. `drawn` has other products than `chosen`, best first; if it ends, the remaining
    places are not reserved.
    """
    filled, waiting = list(chosen), list(drawn)
    for last in range(one_in - 1, len(filled), one_in):
        group = filled[last + 1 - one_in : last + 1]
        is_served = any(one.product_id in new_ids for one in group)
        if waiting and not is_served and group[-1].source is not Source.PINNED:
            filled.insert(last, waiting.pop(0))
            filled.pop()
    return filled
