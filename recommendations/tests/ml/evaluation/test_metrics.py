import ir_measures
import numpy as np
import pytest
from ir_measures import AP, RR, Qrel, R, ScoredDoc, Success, nDCG

from recommendations.choices import InteractionType
from recommendations.ml.evaluation.metrics import (
    Ranking,
    bootstrap_interval,
    compute_accuracy,
    compute_beyond_accuracy,
    compute_mean_ranks,
    compute_metrics,
    rank_ground_truth,
)
from recommendations.ml.evaluation.splits import LeaveLastOut, TimeSplit
from recommendations.ml.models.popularity import PopularityModel
from recommendations.tests.ml.builders import build_catalogue, build_interactions

VIEW = InteractionType.VIEW


def build_ranking(*ranks: list[float]) -> Ranking:
    return Ranking(
        ranks=[np.array(of_case, dtype=np.float64) for of_case in ranks],
        items=np.zeros((len(ranks), 0), dtype=np.int32),
        scores=np.zeros((len(ranks), 0), dtype=np.float32),
    )


def test_the_metrics_are_those_of_an_independent_library() -> None:
    rng = np.random.default_rng(11)
    n_cases, n_items, k = 60, 80, 10
    scores = rng.permuted(np.tile(np.arange(n_items, dtype=np.float32), (n_cases, 1)), axis=1)
    targets = [
        rng.choice(n_items, size=rng.integers(1, 15), replace=False).astype(np.int32)
        for _ in range(n_cases)
    ]

    ours = compute_accuracy(
        build_ranking(
            *[compute_mean_ranks(scores[c], targets[c]).tolist() for c in range(n_cases)]
        ),
        k=k,
    )

    relevant = [Qrel(str(c), str(item), 1) for c in range(n_cases) for item in targets[c]]
    run = [
        ScoredDoc(str(c), str(item), float(scores[c, item]))
        for c in range(n_cases)
        for item in range(n_items)
    ]
    theirs = {
        "hit_rate": Success @ k,
        "recall": R @ k,
        "ndcg": nDCG @ k,
        "mrr": RR @ k,
        "map": AP @ k,
    }
    expected = ir_measures.calc_aggregate(list(theirs.values()), relevant, run)
    for name, measure_ in theirs.items():
        assert ours[name].mean() == pytest.approx(expected[measure_], abs=1e-6), name


def test_one_target_at_rank_three() -> None:
    metrics = compute_accuracy(build_ranking([3]), k=10)

    assert metrics["hit_rate"] == [1]
    assert metrics["recall"] == [1]
    assert metrics["ndcg"] == [0.5]
    assert metrics["mrr"] == pytest.approx([1 / 3])


def test_a_target_past_the_list_counts_nothing() -> None:
    assert {
        name: value.tolist() for name, value in compute_accuracy(build_ranking([11]), k=10).items()
    } == {
        "hit_rate": [0],
        "recall": [0],
        "ndcg": [0],
        "mrr": [0],
        "map": [0],
    }


def test_tied_scores_share_their_mean_rank() -> None:
    scores = np.array([0.9, 0.5, 0.5, 0.5, 0.1, np.nan], dtype=np.float32)

    assert compute_mean_ranks(scores, np.array([0, 2, 4], dtype=np.int32)).tolist() == [1, 3, 5]


def test_the_history_is_not_ranked_and_items_without_a_score_come_last() -> None:
    popular, seen, target, silent = 0, 1, 2, 3
    events = [
        *[(user, popular, VIEW, 1.0) for user in range(5)],
        *[(user, seen, VIEW, 2.0) for user in range(5)],
        (7, seen, VIEW, 1.0),
        (7, popular, VIEW, 2.0),
        (7, target, VIEW, 3.0),
        (8, popular, VIEW, 1.0),
        (8, seen, VIEW, 2.0),
        (8, silent, VIEW, 3.0),
        (9, target, VIEW, 1.0),
    ]
    split = LeaveLastOut().split(build_interactions(events, n_items=5))

    ranking = rank_ground_truth(PopularityModel().fit(split.training), split, k=3)

    assert split.users.tolist() == [7, 8]
    assert [ranks.tolist() for ranks in ranking.ranks] == [[1], [2.5]]
    assert ranking.items.tolist() == [[target, -1, -1], [target, -1, -1]]


def test_the_figures_beyond_accuracy_equal_those_computed_by_hand() -> None:
    catalogue = build_catalogue(4, categories=["shoes", "shoes", "hats", "hats"])
    events = [(user, item, VIEW, 0.0) for user, item in enumerate([0, 0, 1, 2])]
    training = build_interactions(events, n_items=4, catalogue=catalogue)
    lists = np.array([[0, 1], [0, 2]], dtype=np.int32)

    figures = compute_beyond_accuracy(lists, training)

    assert figures["coverage"] == 0.75
    assert figures["novelty"] == pytest.approx((1 + 2 + 1 + 2) / 4)
    assert figures["diversity"] == 0.5
    # Listed 0, 1, 1, 2 times: (2·1−5)·0 + (2·2−5)·1 + (2·3−5)·1 + (2·4−5)·2 = 6, over 4 · 4.
    assert figures["gini"] == pytest.approx(6 / 16)


def test_known_and_new_users_are_measured_apart_and_together() -> None:
    before = [(user, item, VIEW, float(user)) for user in range(3) for item in range(3)]
    after = [(0, 3, VIEW, 90.0), (5, 0, VIEW, 91.0), (5, 1, VIEW, 92.0)]
    favourite = [(6, 1, VIEW, 3.0)]
    interactions = build_interactions([*before, *favourite, *after], n_items=4)
    split = TimeSplit(test_share=3 / 13).split(interactions)

    ranking = rank_ground_truth(PopularityModel().fit(split.training), split, k=1)
    figures = compute_metrics(ranking, split, k=1)

    assert {cohort: of["cases"] for cohort, of in figures.items()} == {
        "all": 2,
        "known": 1,
        "new": 1,
    }
    assert figures["known"]["hit_rate"] == 1, "it is the only item left"
    assert figures["new"]["hit_rate"] == 1


def test_the_interval_of_a_mean_is_about_two_standard_errors_to_each_side() -> None:
    values = np.random.default_rng(1).normal(3, 2, 400)

    low, high = bootstrap_interval(values)

    error = values.std() / 20
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.03)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.03)
