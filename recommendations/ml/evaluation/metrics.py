"""How good a recommender is: exact full ranking, and the field's metrics."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.numerics.topk import top_k

Progress = Callable[[int, int], None]
"""Told how many of how many are done."""

SCORES_AT_ONCE = 16_000_000
"""How many scores a batch of the full ranking may hold (64 MB in float32)."""


class Scorer(Protocol):
    """What can be ranked: recommenders, and whatever else scores every item for a history."""

    def score(self, histories: Sequence[History], /) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items); NaN is no opinion."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Where the targets of each case stand, and the best items of each case.

    `ranks` start at 1 and count every item that may be listed; equal scores share their mean
    rank, items without an opinion come last and tie. `items` is padded with -1, `scores` with NaN.
    """

    ranks: list[NDArray[np.float64]]
    items: RowArray
    scores: FloatArray


def rank_ground_truth(
    recommender: Scorer, split: Split, *, k: int = 10, progress: Progress | None = None
) -> Ranking:
    """Rank every item that the split lets be listed, of every case, exactly, in batches."""
    ranks = []
    items = np.full((len(split), k), -1, dtype=np.int32)
    best = np.full((len(split), k), np.nan, dtype=np.float32)
    at_once = max(1, SCORES_AT_ONCE // max(split.training.n_items, 1))
    for first in range(0, len(split), at_once):
        histories = split.histories[first : first + at_once]
        for case, scores in enumerate(recommender.score(histories), start=first):
            away = split.histories[case].items[: 0 if split.include_seen else None]
            scores[away] = np.nan
            found = top_k(scores, k)
            items[case, : len(found.items)] = found.items
            best[case, : len(found.items)] = found.scores
            scores[np.isnan(scores)] = -np.inf
            scores[away] = np.nan
            ranks.append(compute_mean_ranks(scores, split.ground_truth[case]))
        if progress is not None:
            progress(min(first + at_once, len(split)), len(split))
    return Ranking(ranks=ranks, items=items, scores=best)


def compute_mean_ranks(scores: FloatArray, targets: RowArray) -> NDArray[np.float64]:
    """Return the rank of each target among the scores that are not NaN, best is 1.

    >>> compute_mean_ranks(np.float32([0.9, 0.5, 0.5, np.nan]), np.int32([0, 1]))
    array([1. , 2.5])
    """
    ranks = np.empty(len(targets))
    for place, target in enumerate(targets):
        above = np.count_nonzero(scores > scores[target])
        equal = np.count_nonzero(scores == scores[target])
        ranks[place] = above + (equal + 1) / 2
    return ranks


def compute_accuracy(ranking: Ranking, *, k: int = 10) -> dict[str, NDArray[np.float64]]:
    """Return, for each case, hit rate, recall, NDCG, reciprocal rank and average precision at k.

    Relevance is 0 or 1. NDCG is over the best that k places could hold (Järvelin and Kekäläinen
    2002), recall and average precision are over all targets of the case.
    """
    names = ("hit_rate", "recall", "ndcg", "mrr", "map")
    values = {name: np.zeros(len(ranking.ranks)) for name in names}
    discounts = 1 / np.log2(np.arange(2, k + 2))
    for case, ranks in enumerate(ranking.ranks):
        found = np.sort(ranks[ranks <= k])
        if not len(found):
            continue
        values["hit_rate"][case] = 1
        values["recall"][case] = len(found) / len(ranks)
        values["ndcg"][case] = (1 / np.log2(found + 1)).sum() / discounts[: len(ranks)].sum()
        values["mrr"][case] = 1 / found[0]
        values["map"][case] = (np.arange(1, len(found) + 1) / found).sum() / len(ranks)
    return values


def compute_beyond_accuracy(lists: RowArray, training: Interactions) -> dict[str, float]:
    """Return what lists (rows of items, padded with -1) are like as a whole.

    `coverage`: share of the catalogue that is in any list. `novelty`: mean surprise, in bits, of
    meeting a listed item among the training interactions. `diversity`: share of the pairs in a
    list that are of different categories, NaN where there are none. `gini`: 0 when every item is
    listed equally often, 1 when one item fills all lists.
    """
    listed = lists[lists >= 0]
    if not len(listed):
        return {"coverage": 0.0, "novelty": np.nan, "diversity": np.nan, "gini": np.nan}
    times_listed = np.bincount(listed, minlength=training.n_items)
    touched = np.maximum(np.bincount(training.items, minlength=training.n_items), 1)
    surprise = np.log2(max(len(training), 1) / touched)
    return {
        "coverage": float(np.count_nonzero(times_listed) / training.n_items),
        "novelty": float(surprise[listed].mean()),
        "diversity": _diversity(lists, training.catalogue.categories),
        "gini": _gini(times_listed),
    }


def compute_metrics(ranking: Ranking, split: Split, *, k: int = 10) -> dict[str, dict[str, float]]:
    """Return the means of all metrics for the cases `all`, `known` and `new`, each with `cases`.

    `known` and `new` are there when the split has both.
    """
    of_case = compute_accuracy(ranking, k=k)
    cohorts = {"all": np.ones(len(split), dtype=bool)}
    if split.is_warm.any() and not split.is_warm.all():
        cohorts |= {"known": split.is_warm, "new": ~split.is_warm}
    return {
        cohort: {"cases": float(chosen.sum())}
        | {name: float(values[chosen].mean()) for name, values in of_case.items()}
        | compute_beyond_accuracy(ranking.items[chosen], split.training)
        for cohort, chosen in cohorts.items()
    }


def bootstrap_interval(
    values: NDArray[np.float64], *, n_samples: int = 1_000, seed: int = 42
) -> tuple[float, float]:
    """Return where the mean of the cases lies with a confidence of 95 % (percentile bootstrap).

    Of two models' values for the same cases, hand in the differences: the interval is paired.
    """
    chance = np.random.default_rng(seed)
    n = len(values)
    means = [values[chance.integers(0, n, n)].mean() for _ in range(n_samples)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _diversity(lists: RowArray, categories: NDArray[Any]) -> float:
    if not len(categories) or not (categories != "").any():
        return float("nan")
    _, codes = np.unique(categories, return_inverse=True)
    of_list = np.where(lists >= 0, codes[lists], -1)
    pairs = different = 0
    for one in range(lists.shape[1]):
        for other in range(one + 1, lists.shape[1]):
            both = (lists[:, one] >= 0) & (lists[:, other] >= 0)
            pairs += int(np.count_nonzero(both))
            different += int(np.count_nonzero(both & (of_list[:, one] != of_list[:, other])))
    return different / pairs if pairs else float("nan")


def _gini(counts: NDArray[Any]) -> float:
    ascending = np.sort(counts).astype(np.float64)
    n = len(ascending)
    places = np.arange(1, n + 1)
    return float((2 * places - n - 1) @ ascending / (n * ascending.sum()))
