"""Pinned figures: how well models find the last view of each shopper in a seeded, realistic set.

Without its singular values, its optimizer or its decays, a model still passes tests on toy data,
but not these.
"""

import pytest

from recommendations.ml.evaluation.metrics import compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import LeaveLastOut, Split
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.ease import EaseModel
from recommendations.ml.models.item_graph import ItemGraphModel
from recommendations.ml.models.next_basket import NextBasketModel
from recommendations.ml.models.next_item_ridge import NextItemRidge
from recommendations.ml.models.own_items import OwnLatestModel, OwnMostFrequentModel
from recommendations.ml.models.repurchase import BuyAgainModel
from recommendations.ml.models.session import SessionModel
from recommendations.ml.models.sgd_mf import MatrixFactorizationModel
from recommendations.ml.models.sparse_ridge import SparseRidge
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
        (ItemGraphModel(), 0.2402, 0.002),
        (EaseModel(), 0.2458, 0.002),
        (SparseRidge(), 0.2637, 0.002),
        (NextItemRidge(), 0.2481, 0.002),
        (SessionModel(), 0.2262, 0.006),
    ],
    ids=lambda value: value.name if isinstance(value, Recommender) else "",
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


@pytest.mark.parametrize(
    ("model", "ndcg", "tolerance"),
    [
        (NextBasketModel(), 0.2034, 0.006),
        (BuyAgainModel(), 0.0733, 0.002),
        (OwnLatestModel(), 0.0690, 0.002),
        (OwnMostFrequentModel(), 0.0599, 0.002),
    ],
    ids=lambda value: value.name if isinstance(value, Recommender) else "",
)
def test_the_ndcg_at_10_with_repeats_is_as_pinned(
    model: Recommender, ndcg: float, tolerance: float
) -> None:
    log = build_interactions(make_realistic_visits(), n_items=300, merged=False)
    split = LeaveLastOut(include_seen=True).split(log)

    ranking = rank_ground_truth(model.fit(split.training), split)

    assert compute_accuracy(ranking, k=10)["ndcg"].mean() == pytest.approx(ndcg, abs=tolerance)
