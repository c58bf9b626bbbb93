"""Two simulated models that rank the same products, one of them a little better than the other."""

import random
from dataclasses import dataclass

import numpy as np

from recommendations.trials.interleaving import Drafter, interleave
from recommendations.trials.subject_days import FloatArray, IntArray

N_PRODUCTS = 60
COUNT = 10
PLACE_FACTORS = 0.9 ** np.arange(COUNT)
"""Later places are looked at less often."""
CREDITS = {Drafter.FIRST: -1, Drafter.BOTH: 0, Drafter.SECOND: 1}


@dataclass(frozen=True, slots=True)
class SimulatedLists:
    """The click rates of each subject's lists: each model's own, and the interleaved one.

    `credits` says of each place of the interleaved list whose click it is: −1 the first model's, 1
    the second's. `views` is how many lists a subject looks at in the experiment.
    """

    first: FloatArray
    second: FloatArray
    interleaved: FloatArray
    credits: FloatArray
    views: IntArray

    @property
    def lift(self) -> float:
        """How much more often the second model's lists are clicked."""
        clicks = (self.views @ self.first.sum(axis=1), self.views @ self.second.sum(axis=1))
        return float(clicks[1] / clicks[0] - 1)


def simulate_lists(rng: np.random.Generator, n_subjects: int, noise: float) -> SimulatedLists:
    """Draw tastes and rank by them: the first model sees them through `noise`, the second less so.

    With noise 1 the models are equally good.
    """
    tastes = rng.normal(0, 1, (n_subjects, N_PRODUCTS))
    zeal = rng.gamma(2, 1 / 2, n_subjects)
    rates = 0.02 * np.exp(0.6 * tastes) * zeal[:, None]
    seen = tastes + rng.normal(0, 1, tastes.shape)
    blurred = seen + np.sqrt(max(noise**2 - 1, 0)) * rng.normal(0, 1, tastes.shape)
    other = tastes + rng.normal(0, 1, tastes.shape)
    second = np.argsort(-(seen if noise > 1 else other), axis=1)[:, :COUNT]
    first = np.argsort(-blurred, axis=1)[:, :COUNT]
    mixed, whose = [], []
    coins = random.Random(1)
    for of_first, of_second in zip(first.tolist(), second.tolist(), strict=True):
        drafted = interleave(of_first, of_second, count=COUNT, rng=coins)
        mixed.append(drafted.product_ids)
        whose.append([CREDITS[drafter] for drafter in drafted.drafters])

    return SimulatedLists(
        first=_rate(rates, first),
        second=_rate(rates, second),
        interleaved=_rate(rates, np.array(mixed)),
        credits=np.array(whose),
        views=1 + rng.poisson(rng.gamma(0.5, 6, n_subjects)),
    )


def mirror_lists(lists: SimulatedLists) -> SimulatedLists:
    """Add each subject once more with the models changed over: they are exactly equal then."""
    return SimulatedLists(
        first=np.concatenate([lists.first, lists.second]),
        second=np.concatenate([lists.second, lists.first]),
        interleaved=np.concatenate([lists.interleaved, lists.interleaved]),
        credits=np.concatenate([lists.credits, -lists.credits]),
        views=np.concatenate([lists.views, lists.views]),
    )


def _rate(rates: FloatArray, lists: IntArray) -> FloatArray:
    clicked = np.minimum(np.take_along_axis(rates, lists, axis=1), 1)
    return np.asarray(clicked * PLACE_FACTORS)
