"""Two models in one list: each subject compares them, so fewer subjects tell which is better.

Team draft interleaving (Radlinski, Kurup & Joachims 2008, "How Does Clickthrough Data Reflect
Retrieval Quality?"): the models take turns to draft their best product that is not in the list
yet, a coin says who goes first in each round, and clicks count for the model that drafted.

A product that would stand in the same place whoever went first counts for nobody. Such clicks say
nothing about the difference (compare Chapelle, Joachims, Radlinski & Yue 2012, "Large-Scale
Validation and Analysis of Interleaved Search Evaluation"), and without them the result varies less.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy import stats

from recommendations.errors import InvalidInputError
from recommendations.trials.comparisons import MIN_ACTIVE_SUBJECTS, MIN_SUBJECTS
from recommendations.trials.intervals import (
    DEFAULT_PLANNED_CLOCK,
    Interval,
    compute_fixed_width,
    compute_sequence_width,
)
from recommendations.trials.subject_days import FloatArray


class Drafter(StrEnum):
    """Whose product it is."""

    FIRST = "first"
    SECOND = "second"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class InterleavedList:
    """Products, best first, and who drafted each of them."""

    product_ids: tuple[int, ...]
    drafters: tuple[Drafter, ...]


@dataclass(frozen=True, slots=True)
class Preference:
    """Which model subjects preferred.

    `preference` is (clicks of the second − clicks of the first) / (clicks of both): 0 if they are
    equally good, 1 if all clicks are the second model's. It is larger than the lift of the second
    model's own lists, because most clicks that do not tell the models apart are left out.
    """

    first_clicks: float
    second_clicks: float
    subjects: int
    preference: float
    interval: Interval
    sequence: Interval
    p_value: float


def interleave(
    first: Sequence[int], second: Sequence[int], *, count: int, rng: random.Random
) -> InterleavedList:
    """Draft a list of `count` products from two lists; it is shorter if they run out.

    Seeded by subject and placement, `rng` gives the same list when a page is loaded again.
    """
    listed: dict[int, Drafter] = {}
    while len(listed) < count:
        of_first, of_second = _find_next(first, listed), _find_next(second, listed)
        first_begins = rng.random() < 0.5
        if of_first is None or of_second is None or of_first == of_second:
            shared = of_first if of_first is not None else of_second
            if shared is None:
                break
            listed[shared] = Drafter.BOTH
            if of_first is None or of_second is None or len(listed) == count:
                continue
            # Whoever goes second in this round drafts the next product.
            of_first, of_second = _find_next(first, listed), _find_next(second, listed)
            if of_first == of_second or of_first is None or of_second is None:
                continue
            drafted = (of_second, Drafter.SECOND) if first_begins else (of_first, Drafter.FIRST)
            listed[drafted[0]] = drafted[1]
        else:
            pair = [(of_first, Drafter.FIRST), (of_second, Drafter.SECOND)]
            for product_id, drafter in pair if first_begins else pair[::-1]:
                if len(listed) < count:
                    listed[product_id] = drafter
    return InterleavedList(tuple(listed), tuple(listed.values()))


def compare_models(
    first_clicks: FloatArray,
    second_clicks: FloatArray,
    *,
    clock: float,
    planned_clock: float = DEFAULT_PLANNED_CLOCK,
) -> Preference | None:
    """Compare two models by the clicks of each subject; None if there are too few.

    The arrays have one entry for each subject who saw an interleaved list. `clock` is the number of
    subject-days.
    """
    if len(first_clicks) != len(second_clicks):
        raise InvalidInputError("Both models need the clicks of the same subjects.")
    both = first_clicks + second_clicks
    n_subjects = len(both)
    if n_subjects < MIN_SUBJECTS or (both > 0).sum() < 2 * MIN_ACTIVE_SUBJECTS:
        return None
    preference = float((second_clicks - first_clicks).sum() / both.sum())
    # The delta method: a ratio of two sums varies as the mean of these parts.
    parts = (second_clicks - first_clicks - preference * both) / both.mean()
    error = float(parts.std(ddof=1)) / math.sqrt(n_subjects)
    if error == 0:
        return None
    interval, sequence = (
        Interval(preference - width * error, preference + width * error)
        for width in (compute_fixed_width(), compute_sequence_width(clock, planned_clock))
    )
    return Preference(
        first_clicks=float(first_clicks.sum()),
        second_clicks=float(second_clicks.sum()),
        subjects=n_subjects,
        preference=preference,
        interval=interval,
        sequence=sequence,
        p_value=float(2 * stats.norm.sf(abs(preference) / error)),
    )


def _find_next(ranked: Sequence[int], listed: dict[int, Drafter]) -> int | None:
    return next((product_id for product_id in ranked if product_id not in listed), None)
