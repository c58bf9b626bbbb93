"""Rank the whole catalogue for every test case, and compute the field's metrics."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recommendations.category_paths import PATH_SEPARATOR
from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.numerics.topk import top_k
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import say

SCORES_PER_BATCH = 16_000_000
"""64 MB in float32."""


class Scorer(Protocol):
    """Scores every item for a history: our recommenders, and those of other libraries."""

    def score(self, histories: Sequence[History], /) -> FloatArray:
        """Return scores of shape (len(histories), n_items); NaN means "no opinion"."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """For each case, the ranks of its ground truth, and its k best items with their scores.

    All items that may be listed are ranked; the best rank is 1. Equal scores share their mean rank.
    Items without a score come last and share the mean of the last ranks. `items` is padded with -1,
    `scores` with NaN.
    """

    ranks: list[NDArray[np.float64]]
    items: RowArray
    scores: FloatArray


def rank_ground_truth(
    recommender: Scorer, split: Split, *, k: int = 10, progress: Progress = report_nothing
) -> Ranking:
    """Rank the catalogue for every case, without the items that are excluded for the case."""
    ranks = []
    items = np.full((len(split), k), -1, dtype=np.int32)
    best = np.full((len(split), k), np.nan, dtype=np.float32)
    batch_size = max(1, SCORES_PER_BATCH // max(split.training.n_items, 1))
    for first in range(0, len(split), batch_size):
        histories = split.histories[first : first + batch_size]
        for case, scores in enumerate(recommender.score(histories), start=first):
            scores[split.excluded[case]] = np.nan
            found = top_k(scores, k)
            items[case, : len(found.items)] = found.items
            best[case, : len(found.items)] = found.scores
            scores[np.isnan(scores)] = -np.inf
            scores[split.excluded[case]] = np.nan
            ranks.append(compute_mean_ranks(scores, split.ground_truth[case]))
        progress(say("Ranking"), min(first + batch_size, len(split)), len(split))
    return Ranking(ranks=ranks, items=items, scores=best)


def compute_mean_ranks(scores: FloatArray, items: RowArray) -> NDArray[np.float64]:
    """Return the rank of each item among the scores that are not NaN; the best rank is 1.

    >>> compute_mean_ranks(np.float32([0.9, 0.5, 0.5, np.nan]), np.int32([0, 1]))
    array([1. , 2.5])
    """
    ranks = np.empty(len(items))
    for position, item in enumerate(items):
        above = np.count_nonzero(scores > scores[item])
        equal = np.count_nonzero(scores == scores[item])
        ranks[position] = above + (equal + 1) / 2
    return ranks


def compute_accuracy(ranking: Ranking, *, k: int = 10) -> dict[str, NDArray[np.float64]]:
    """Return hit rate, recall, NDCG, reciprocal rank and average precision at k of each case.

    Relevance is 0 or 1. The ideal list of NDCG has min(k, size of the ground truth) hits (Järvelin
    and Kekäläinen 2002). Recall and average precision divide by the size of the ground truth.
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
    """Return properties of all lists together; `lists` has one row per list, padded with -1.

    `coverage`: share of the catalogue that is in at least one list. `novelty`: mean of -log2(share
    of the training interactions) over the listed items. `diversity`: share of pairs of items in one
    list whose categories differ, NaN without categories. `gini`: Gini coefficient of the number of
    lists that each item is in: 0 if all items are in equally many, 1 if one item fills all lists.
    """
    listed = lists[lists >= 0]
    if not len(listed):
        return {"coverage": 0.0, "novelty": np.nan, "diversity": np.nan, "gini": np.nan}
    times_listed = np.bincount(listed, minlength=training.n_items)
    popularity = np.maximum(np.bincount(training.items, minlength=training.n_items), 1)
    surprise = np.log2(max(len(training), 1) / popularity)
    return {
        "coverage": float(np.count_nonzero(times_listed) / training.n_items),
        "novelty": float(surprise[listed].mean()),
        "diversity": _compute_diversity(lists, training.catalogue.categories),
        "gini": _compute_gini(times_listed),
    }


def compute_metrics(ranking: Ranking, split: Split, *, k: int = 10) -> dict[str, dict[str, float]]:
    """Return the means of all metrics, and `cases`, for each cohort.

    The cohort `all` is always there; `known` (warm users) and `new` are there if both have cases.
    """
    per_case = compute_accuracy(ranking, k=k)
    cohorts = {"all": np.ones(len(split), dtype=bool)}
    if split.is_warm.any() and not split.is_warm.all():
        cohorts |= {"known": split.is_warm, "new": ~split.is_warm}
    return {
        cohort: {"cases": float(is_member.sum())}
        | {name: float(values[is_member].mean()) for name, values in per_case.items()}
        | compute_beyond_accuracy(ranking.items[is_member], split.training)
        for cohort, is_member in cohorts.items()
    }


def compute_by_target(
    ranking: Ranking, split: Split, *, k: int = 10
) -> dict[str, dict[str, float]]:
    """Return the accuracy of the same lists for two parts of the ground truth, and `cases`.

    `repeats` are the items that are in the case's history, `new products` the others. Cases without
    such an item in their ground truth do not count. What is not about accuracy is NaN.
    """
    is_repeat = [
        np.isin(items, history.items)
        for items, history in zip(split.ground_truth, split.histories, strict=True)
    ]
    found = {}
    for part, is_part in (
        ("repeats", is_repeat),
        ("new products", [~repeated for repeated in is_repeat]),
    ):
        ranks = [
            of_case[wanted]
            for of_case, wanted in zip(ranking.ranks, is_part, strict=True)
            if wanted.any()
        ]
        accuracy = compute_accuracy(Ranking(ranks, ranking.items, ranking.scores), k=k)
        if ranks:
            found[part] = (
                {"cases": float(len(ranks))}
                | {name: float(values.mean()) for name, values in accuracy.items()}
                | dict.fromkeys(("coverage", "novelty", "diversity", "gini"), float("nan"))
            )
    return found


def bootstrap_interval(
    values: NDArray[np.float64], *, n_samples: int = 1_000, seed: int = 42
) -> tuple[float, float]:
    """Return the 95 % confidence interval of the mean (percentile bootstrap).

    To compare two models on the same cases, pass the differences: the interval is then paired.
    """
    rng = np.random.default_rng(seed)
    n = len(values)
    means = [values[rng.integers(0, n, n)].mean() for _ in range(n_samples)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _compute_diversity(lists: RowArray, categories: NDArray[Any]) -> float:
    if not len(categories) or not (categories != "").any():
        return float("nan")
    main_categories = [text.partition(PATH_SEPARATOR)[0] for text in categories.tolist()]
    _, codes = np.unique(main_categories, return_inverse=True)
    categories_of_lists = np.where(lists >= 0, codes[lists], -1)
    pairs = different = 0
    for one in range(lists.shape[1]):
        for other in range(one + 1, lists.shape[1]):
            both = (lists[:, one] >= 0) & (lists[:, other] >= 0)
            pairs += int(np.count_nonzero(both))
            differ = categories_of_lists[:, one] != categories_of_lists[:, other]
            different += int(np.count_nonzero(both & differ))
    return different / pairs if pairs else float("nan")


def _compute_gini(counts: NDArray[Any]) -> float:
    ascending = np.sort(counts).astype(np.float64)
    n = len(ascending)
    positions = np.arange(1, n + 1)
    return float((2 * positions - n - 1) @ ascending / (n * ascending.sum()))
