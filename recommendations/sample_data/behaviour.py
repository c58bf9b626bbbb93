"""The interactions of the sample shop's shoppers and visitors, drawn from their tastes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from recommendations.sample_data.catalogue import SampleCatalogue
from recommendations.sample_data.events import Events, concatenate, drop_repeat_purchases, trim
from recommendations.sample_data.sampling import ROWS_AT_ONCE
from recommendations.sample_data.sessions import SessionSimulator
from recommendations.sample_data.sets import make_sets
from recommendations.sample_data.tastes import DEMO_SHOPPERS, Tastes

SHARE_OF_VISITORS = 0.1
INTERACTIONS_PER_SESSION = 6.6  # measured; only decides how many sessions are drawn at a time
SESSIONS_PER_VISITOR = 1.5
DEMO_ACTIVITY = 1.8  # the median shopper has 1

OnProgress = Callable[[int, int], None]
"""Called with the number of interactions drawn so far, and their total."""


def count_visitors(interactions: int) -> int:
    """Return how many anonymous visitors a sample shop with so many interactions has."""
    sessions = interactions * SHARE_OF_VISITORS / INTERACTIONS_PER_SESSION
    return max(1, round(sessions / SESSIONS_PER_VISITOR))


def make_events(
    catalogue: SampleCatalogue,
    tastes: Tastes,
    *,
    shoppers: int,
    count: int,
    seed: int,
    second_of_day: int,
    on_progress: OnProgress | None = None,
) -> Events:
    """Return exactly `count` events, oldest first.

    The first `shoppers` subjects of `tastes` are shoppers, the rest are visitors. Nobody buys a
    product twice that is not repeatable. `second_of_day` is the time of day at which the shop's
    data ends.
    """
    rng = np.random.default_rng([seed, 3])
    activity = _draw_activity(len(tastes), shoppers, rng)
    simulator = SessionSimulator(
        catalogue, tastes, make_sets(catalogue), activity, second_of_day, rng
    )
    parts: list[Events] = []
    done = 0
    while done < count:
        sessions = max(20, int((count - done) / INTERACTIONS_PER_SESSION * 1.03))
        parts.append(simulator.simulate(min(sessions, ROWS_AT_ONCE // 8)))
        done += len(parts[-1])
        if done >= count:
            parts = [drop_repeat_purchases(catalogue, concatenate(parts))]
            done = len(parts[0])
        if on_progress:
            on_progress(min(done, count), count)
    return trim(parts[0], count, catalogue, rng)


def _draw_activity(subjects: int, shoppers: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the cumulative probabilities, over the subjects, of starting the next session."""
    weights = rng.lognormal(0, 0.6, subjects)
    weights[:shoppers] = np.clip(weights[:shoppers], 0.3, 4)
    weights[: len(DEMO_SHOPPERS)] = DEMO_ACTIVITY
    weights[:shoppers] *= (1 - SHARE_OF_VISITORS) / weights[:shoppers].sum()
    weights[shoppers:] *= SHARE_OF_VISITORS / weights[shoppers:].sum()
    limits: NDArray[np.float64] = np.cumsum(weights) / weights.sum()
    return limits
