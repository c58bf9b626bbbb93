"""What the log says of an item beside whom it suits: how well it is known, and its trend."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, Interactions

PRIOR_STRENGTH = 20.0
"""An item is half known when it could have had this many interactions."""
TREND_HALF_LIFE_SHARE = 0.06
"""For the trend, an interaction counts half after this share of all interactions."""
NOTICEABLE = 5.0
"""So many interactions more or fewer than expected may be chance, or the work of a few."""
FULL_VOICE = 5
"""Who touched fewer different items than this says less of trends, in proportion."""
SMALLEST_COUNT = 0.1
"""What is added to both counts of a trend."""


@dataclass(frozen=True, slots=True)
class ItemPriors:
    """Two numbers in [0, 1] for each item.

    For an item with n interactions, `confidence` is `(n + e) / (n + e + PRIOR_STRENGTH)`, where e
    is what an average item got in the time since the item's first interaction. So an item that
    sells well is known soon, and one that has sold badly for long is known to sell badly.

    `trend` is `now / (now + expected)`: the item's newest interactions beside as many as it would
    have if all of its interactions were spread evenly. It is a half for an item that sells as ever,
    near 1 for one that is new and sells, and near 0 for one that went out of fashion. A difference
    counts only as far as it exceeds `NOTICEABLE`, so that a few shoppers make no trend. An
    untouched item has confidence 0 and trend ½.
    """

    confidence: FloatArray
    trend: FloatArray

    @classmethod
    def of(cls, interactions: Interactions) -> Self:
        """Return the priors of all items of the catalogue."""
        voices, aged_voices = _count_voices(interactions)
        return cls.from_counts(
            counts=np.bincount(interactions.items, minlength=interactions.n_items),
            ages=compute_ages(interactions),
            voices=voices,
            aged_voices=aged_voices,
        )

    @classmethod
    def from_counts(
        cls,
        *,
        counts: NDArray[np.int64],
        ages: NDArray[np.float64],
        voices: NDArray[np.float64],
        aged_voices: NDArray[np.float64],
    ) -> Self:
        """Return the priors of items by their interactions, each of whom has a voice.

        `ages` are those of `compute_ages`. A voice is 1, less for who touched fewer than
        `FULL_VOICE` items; aged, it counts half after `TREND_HALF_LIFE_SHARE`.
        """
        n = max(int(counts.sum()), 1)
        chances = counts + ages * (n / max(int(np.count_nonzero(counts)), 1))
        return cls(
            confidence=(chances / (chances + PRIOR_STRENGTH)).astype(np.float32),
            trend=_compute_trend(voices, aged_voices).astype(np.float32),
        )

    @classmethod
    def neutral(cls, n_items: int) -> Self:
        """Return priors that change no blend."""
        return cls(np.ones(n_items, np.float32), np.ones(n_items, np.float32))


def compute_ages(interactions: Interactions) -> NDArray[np.float64]:
    """Return which share of all events follows each item's first event; 0 for untouched items."""
    events = interactions.events
    first_rows = np.full(interactions.n_items, len(events))
    np.minimum.at(first_rows, events.items, np.arange(len(events)))
    return (len(events) - first_rows) / max(len(events), 1)


def _count_voices(
    interactions: Interactions,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sum of each item's voices, and of its aged voices."""
    n_items, n = interactions.n_items, max(len(interactions), 1)
    pairs = interactions.users.astype(np.int64) * max(n_items, 1) + interactions.items
    users_of_pairs = np.unique(pairs) // max(n_items, 1)
    n_distinct = np.bincount(users_of_pairs, minlength=interactions.n_users)
    voices = np.minimum(n_distinct / FULL_VOICE, 1)[interactions.users]
    ageing = voices * 0.5 ** (np.arange(len(interactions))[::-1] / (n * TREND_HALF_LIFE_SHARE))
    of_items, aged = np.zeros(n_items), np.zeros(n_items)
    np.add.at(of_items, interactions.items, voices)
    np.add.at(aged, interactions.items, ageing)
    return of_items, aged


def _compute_trend(voices: NDArray[np.float64], now: NDArray[np.float64]) -> NDArray[np.float64]:
    expected = voices * (now.sum() / np.maximum(voices.sum(), 1e-9))
    more = now - expected
    noticed = expected + np.sign(more) * np.maximum(np.abs(more) - NOTICEABLE, 0)
    trend: NDArray[np.float64] = (noticed + SMALLEST_COUNT) / (
        noticed + expected + 2 * SMALLEST_COUNT
    )
    return trend


def weigh_items(
    priors: ItemPriors, *, abstention: float, trend_exponent: float, share_of_knowing: float
) -> tuple[FloatArray, FloatArray]:
    """Return factors on weights for each item: of the members that know new items, of the others.

    `share_of_knowing` is the share of the weights that members have who know new items. The others'
    weight falls to `1 − abstention × (1 − confidence)` of it, and for each item the weights of all
    are scaled back to their sum, then multiplied by `trend ** trend_exponent`. If no member knows
    new items, nobody abstains.
    """
    says = 1 - abstention * (share_of_knowing > 0) * (1 - priors.confidence)
    of_knowing = priors.trend**trend_exponent / (share_of_knowing + says * (1 - share_of_knowing))
    return of_knowing, of_knowing * says
