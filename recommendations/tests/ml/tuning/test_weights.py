from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.data import FloatArray, History
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.metrics import compute_metrics, rank_ground_truth
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.item_facts import ItemFacts
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.tuning.weights import tune_weights
from recommendations.tests.ml.builders import build_history, build_interactions

N_ITEMS, N_CASES = 300, 200
VIEW = InteractionType.VIEW


class Guessing(PopularityModel):
    """Scores the ground truth best in every `every`-th case from `first` on; guesses in others."""

    def __init__(self, *, first: int, every: int, seed: int) -> None:
        self.first, self.every, self.seed = first, every, seed

    def score(self, histories: Sequence[History]) -> FloatArray:
        scores = np.empty((len(histories), N_ITEMS), dtype=np.float32)
        for row, history in enumerate(histories):
            case = int(history.items[0])
            scores[row] = np.random.default_rng((self.seed, case)).random(N_ITEMS) / 2
            if case % self.every == self.first:
                scores[row, case + 1] = 1
        return scores


class Hesitating(PopularityModel):
    """Scores the `rivals` 1 and the ground truth `truth`, but is sure in `sure` of ten cases.

    Every fiftieth case is a sure one.
    """

    def __init__(self, rivals: range, *, truth: float, sure: int = 0) -> None:
        self.rivals, self.truth, self.sure = rivals, truth, sure

    def score(self, histories: Sequence[History]) -> FloatArray:
        scores = np.zeros((len(histories), N_ITEMS), dtype=np.float32)
        for row, history in enumerate(histories):
            case = int(history.items[0])
            is_sure = case % 50 == 0 or case % 10 < self.sure
            scores[row, case + 1] = 1 if is_sure else self.truth
            if not is_sure:
                scores[row, list(self.rivals)] = 1
        return scores


def cases() -> Split:
    interactions = build_interactions([(0, 0, VIEW, 0.0)], n_items=N_ITEMS)
    return Split(
        training=interactions,
        users=np.zeros(N_CASES, dtype=np.int32),
        histories=[build_history(case) for case in range(N_CASES)],
        ground_truth=[np.array([case + 1], dtype=np.int32) for case in range(N_CASES)],
        is_warm=np.ones(N_CASES, dtype=bool),
        excluded=[np.array([case], dtype=np.int32) for case in range(N_CASES)],
    )


def test_two_members_that_know_different_things_are_blended_and_a_guesser_is_left_out() -> None:
    members = {
        "evens": Guessing(first=0, every=2, seed=1),
        "odds": Guessing(first=1, every=2, seed=2),
        "guesser": Guessing(first=0, every=10_000, seed=3),
    }

    tuning = tune_weights(members, cases())

    assert tuning.weights["guesser"] == 0
    assert tuning.weights["evens"] > 0.2
    assert tuning.weights["odds"] > 0.2
    assert sum(tuning.weights.values()) == pytest.approx(1, abs=1e-3)
    assert tuning.ndcg > 1.2 * max(tuning.ndcg_alone.values())


def test_two_members_that_need_each_other_are_found_although_neither_enters_alone() -> None:
    """Each half lists forty rivals before the ground truth, and only both together list it first.

    With equal weights for all, those who mislead outvote the halves, one more or less.
    """
    misled = {f"misleading {one}": Hesitating(range(281, N_ITEMS), truth=0.0) for one in range(4)}
    members = {
        "best alone": Hesitating(range(281, N_ITEMS), truth=0.0, sure=3),
        "left": Hesitating(range(201, 241), truth=0.9),
        "right": Hesitating(range(241, 281), truth=0.9),
    } | misled

    tuning = tune_weights(members, cases())

    assert max(tuning.ndcg_alone, key=lambda name: tuning.ndcg_alone[name]) == "best alone"
    assert min(tuning.weights["left"], tuning.weights["right"]) > 0.2
    assert tuning.ndcg == pytest.approx(1, abs=0.01)


def test_the_ndcg_of_a_tuning_is_the_ndcg_that_evaluation_measures() -> None:
    members = {
        "evens": Guessing(first=0, every=2, seed=1),
        "odds": Guessing(first=1, every=2, seed=2),
    }
    tuning = tune_weights(members, cases())
    blend = Ensemble(dict(members), tuning.weights, tuning.shape)
    blend.catalogue = cases().training.catalogue
    blend.facts_ = ItemFacts.of(cases().training)

    measured = compute_metrics(rank_ground_truth(blend, cases()), cases())["all"]["ndcg"]

    # Tuning measures before it rounds the weights, and among the members' best 60 items only.
    assert tuning.ndcg == pytest.approx(measured, abs=0.01)


def test_without_time_the_best_member_has_all_the_weight() -> None:
    members = {
        "all": Guessing(first=0, every=1, seed=1),
        "odds": Guessing(first=1, every=2, seed=2),
    }

    tuning = tune_weights(members, cases(), deadline=0)

    assert tuning.weights == {"all": 1, "odds": 0}
    assert tuning.left_out == ["weights"]


def test_nothing_held_out_is_refused() -> None:
    nothing = replace(cases(), users=np.empty(0, dtype=np.int32), histories=[], ground_truth=[])

    with pytest.raises(ValueError, match="no held-out interaction"):
        tune_weights({"popularity": PopularityModel()}, nothing)
