"""What would be clicked more or less, with intervals: the click model, resampled by subject."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.click_model import ClickLog, ClickModel, Floats, iter_resampled_models
from recommendations.progress import Progress
from recommendations.sentences import say
from recommendations.services.what_if.click_log import LoggedClicks
from recommendations.services.what_if.exposure import FlatLists
from recommendations.services.what_if.replay import ReplayedList

RESAMPLINGS = 200
INTERVAL = (0.025, 0.975)
PER_LISTS = 1_000
"""Expected clicks and margins are told for so many lists."""
SEED = 42


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure for a thousand lists, before and after, and the change with its 95 % interval.

    The change is a share of `before` for clicks, and an amount for margins.
    """

    before: float
    after: float
    change: float
    low: float
    high: float


def estimate_clicks(
    sides: Sequence[FlatLists],
    log: ClickLog,
    model: ClickModel,
    margins: Floats,
    resampling: "Resampling",
    progress: Progress,
) -> tuple[Estimate | None, Estimate | None]:
    """Return the change of the expected clicks, and of the expected margin of what is clicked."""
    gains = np.nan_to_num(margins)
    n_lists = sides[0].n_lists
    ones = np.ones(n_lists)

    def compute(one: ClickModel, attraction: Floats, weights: Floats) -> list[float]:
        scale = PER_LISTS / max(float(weights.sum()), 1.0)
        return [
            scale * side.add_up(one.examination, values, weights)
            for values in (attraction, attraction * gains)
            for side in sides
        ]

    best = compute(model, model.attraction, ones)
    rng = np.random.default_rng(SEED)
    models = iter_resampled_models(log, model, resampling.iter_log_weights())
    draws = []
    for number, (drawn, weights) in enumerate(
        zip(models, resampling.iter_replay_weights(), strict=True), start=1
    ):
        draws.append(compute(drawn, drawn.draw_attraction(rng), weights))
        progress(say("Finding intervals"), number, RESAMPLINGS)
    before, after, margin_before, margin_after = np.array([best, *draws]).T
    clicks = margin = None
    if before[0] > 0:
        change = after / np.maximum(before, 1e-12) - 1
        clicks = Estimate(before[0], after[0], change[0], *np.quantile(change[1:], INTERVAL))
    if not np.all(np.isnan(margins)):
        change = margin_after - margin_before
        margin = Estimate(
            margin_before[0], margin_after[0], change[0], *np.quantile(change[1:], INTERVAL)
        )
    return clicks, margin


class Resampling:
    """Bootstrap weights: whoever is drawn is drawn with all lists, logged and replayed.

    Lists of one subject are not independent. Poisson weights stand for draws with replacement.
    """

    def __init__(self, logged: LoggedClicks, replayed: Sequence[ReplayedList]) -> None:
        numbers: dict[str, int] = {}

        def number(keys: Iterator[str]) -> NDArray[np.int64]:
            return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)

        self._logged = number(iter(logged.subject_keys))
        self._replayed = number(one.subject_key for one in replayed)
        rng = np.random.default_rng(SEED)
        self._weights = [
            rng.poisson(1.0, len(numbers)).astype(np.uint8) for _ in range(RESAMPLINGS)
        ]

    def iter_log_weights(self) -> Iterator[Floats]:
        """Yield the weights of the lists of the log."""
        return (weights[self._logged].astype(float) for weights in self._weights)

    def iter_replay_weights(self) -> Iterator[Floats]:
        """Yield the weights of the replayed lists."""
        return (weights[self._replayed].astype(float) for weights in self._weights)
