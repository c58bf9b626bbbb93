"""Pinned figures: how well models find the last view of each shopper in a seeded, realistic set.

Without its singular values, its optimizer or its decays, a model still passes tests on toy data,
but not these.
"""

import pytest

from recommendations.ml.evaluation.metrics import compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import LeaveLastOut, Split
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.sgd_mf import MatrixFactorizationModel
from recommendations.ml.models.svd import CollaborativeFilteringModel
from recommendations.ml.models.transitions import TransitionModel
from recommendations.tests.ml.builders import DAY, build_interactions, make_realistic_visits


@pytest.fixture(scope="module")
def split() -> Split:
    return LeaveLastOut().split(build_interactions(make_realistic_visits(), n_items=300))


@pytest.mark.parametrize(
    ("model", "ndcg", "tolerance"),
    [
        (CollaborativeFilteringModel(), 0.2567, 0.004),
        # Other processors add in another order, and SGD magnifies the rounding errors.
        (MatrixFactorizationModel(), 0.1996, 0.012),
        (TransitionModel(), 0.2599, 0.002),
    ],
    ids=["collaborative", "factorization", "transitions"],
)
def test_the_ndcg_at_10_is_as_pinned(
    split: Split, model: Recommender, ndcg: float, tolerance: float
) -> None:
    ranking = rank_ground_truth(model.fit(split.training), split)

    found = compute_accuracy(ranking, k=10)["ndcg"].mean()

    assert found == pytest.approx(ndcg, abs=tolerance)


def test_the_ndcg_at_10_of_baskets_is_as_pinned() -> None:
    baskets = [
        (user, item, code, DAY * (time // DAY))
        for user, item, code, time in make_realistic_visits()
    ]
    split = LeaveLastOut().split(build_interactions(baskets, n_items=300))

    model = CollaborativeFilteringModel().fit(split.training)

    assert not model.is_sequential_
    found = compute_accuracy(rank_ground_truth(model, split), k=10)["ndcg"].mean()
    assert found == pytest.approx(0.1229, abs=0.004)
