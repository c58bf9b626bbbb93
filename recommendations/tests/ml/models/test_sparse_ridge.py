import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.evaluation.metrics import compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import LeaveLastOut
from recommendations.ml.models import sparse_ridge
from recommendations.ml.models.next_item_ridge import NextItemRidge
from recommendations.ml.models.sparse_ridge import SparseRidge
from recommendations.tests.ml.builders import (
    build_catalogue,
    build_history,
    build_interactions,
    make_realistic_visits,
)

VIEW = InteractionType.VIEW


def test_the_weights_of_an_item_solve_the_equations_of_its_inputs() -> None:
    # Baskets of 0 and 1, of 0 and 2, and of 1 and 2: ZᵀZ = [[2, 1, 1], [1, 2, 1], [1, 1, 2]].
    events = [
        (user, item, VIEW, 0.0)
        for user, pair in enumerate([(0, 1), (0, 2), (1, 2)])
        for item in pair
    ]
    gram = np.array([[2, 1], [1, 2]])
    expected = np.linalg.solve(gram + np.eye(2), [1, 1])

    ridge = SparseRidge(regularization=1.0).fit(build_interactions(events, n_items=3))

    found = [ridge.score([build_history(item)])[0, 2] for item in (0, 1)]
    assert found == pytest.approx(expected.tolist(), rel=1e-5)


def test_each_item_has_at_most_so_many_inputs() -> None:
    log = build_interactions(make_realistic_visits(), n_items=300)

    ridge = SparseRidge(n_inputs=5).fit(log)

    scores = ridge.score([build_history(item) for item in range(300)])
    per_item = np.count_nonzero(~np.isnan(scores), axis=0)
    assert per_item.max() <= 5
    assert per_item.mean() > 3


def test_it_finds_nearly_as_much_as_the_ridge_that_is_dense() -> None:
    log = build_interactions(make_realistic_visits(), n_items=300)
    split = LeaveLastOut().split(log)

    dense, sparse = (
        compute_accuracy(rank_ground_truth(model.fit(split.training), split))["ndcg"].mean()
        for model in (NextItemRidge(), SparseRidge(n_inputs=50))
    )

    assert sparse > 0.95 * dense


def test_of_a_log_that_is_too_large_it_learns_from_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sparse_ridge, "MAX_STEPS", 4)
    old, new = [(0, 0), (0, 1)], [(1, 0), (1, 2), (2, 0), (2, 2)]
    events = [(user, item, VIEW, float(time)) for time, (user, item) in enumerate([*old, *new])]

    ridge = SparseRidge().fit(build_interactions(events, n_items=3))

    scores = ridge.score([build_history(0)])[0]
    assert scores[2] > 0
    assert np.isnan(scores[1])


def test_alike_items_explain_an_item_that_nobody_touched() -> None:
    catalogue = build_catalogue(4, categories=["Pans", "Hats", "Hats", "Pans"])
    log = build_interactions(
        [(user, item, VIEW, float(item)) for user in range(3) for item in range(3)],
        n_items=4,
        catalogue=catalogue,
    )

    scores = SparseRidge().fit(log).score([build_history(0)])[0]

    assert scores[3] > 0
