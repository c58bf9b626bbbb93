import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.models.next_item_equations import build_equations
from recommendations.ml.models.next_item_ridge import MAX_ITEMS, NextItemRidge
from recommendations.ml.sequences import Sequences
from recommendations.tests.ml.builders import build_history, build_interactions, find_candidates

VIEW = InteractionType.VIEW


def test_the_ridge_solves_its_equations() -> None:
    events = [(0, 0, VIEW, 0.0), (0, 1, VIEW, 1.0), (1, 0, VIEW, 2.0), (1, 2, VIEW, 3.0)]
    ridge = NextItemRidge(order_share=1.0, regularization=1.0)

    ridge.fit(build_interactions(events, n_items=3))

    # Two steps from item 0, to 1 and to 2: XᵀX has one cell, 2; so B[0] = (0, 1, 1) / (2 + 1).
    scores = ridge.score([build_history(0)])[0]
    assert scores[1:].tolist() == pytest.approx([1 / 3, 1 / 3])
    assert np.isnan(ridge.score([build_history(1)])[0]).all(), "nothing ever followed it"


def test_without_order_the_ridge_solves_the_equations_of_the_user_item_matrix() -> None:
    # Baskets of 0 and 1, and of 0 and 2: ZᵀZ = [[2, 1, 1], [1, 1, 0], [1, 0, 1]], λ = 1.
    events = [(0, 0, VIEW, 0.0), (0, 1, VIEW, 0.0), (1, 0, VIEW, 0.0), (1, 2, VIEW, 0.0)]
    ridge = NextItemRidge(regularization=1.0).fit(build_interactions(events, n_items=3))

    gram = np.array([[2, 1, 1], [1, 1, 0], [1, 0, 1]], dtype=float)
    expected = np.linalg.solve(gram + np.eye(3), gram - np.diag(np.diag(gram)))

    scores = ridge.score([build_history(0)])[0]
    assert scores[1:].tolist() == pytest.approx(expected[0, 1:].tolist(), rel=1e-5)


def test_sums_over_many_steps_lose_nothing() -> None:
    """Single precision would lose 5e-4 of the sums of so many steps."""
    n = 100_000
    equations = build_equations(
        Sequences(
            starts=np.arange(n + 1) * 3,
            items=np.tile(np.arange(3, dtype=np.int32), n),
            weights=np.ones(3 * n, dtype=np.float32),
            timestamps=np.tile(np.arange(3.0), n),
        ),
        3,
        order_share=1.0,
        past_decay=0.7,
        future_decay=0.5,
    )

    # The pasts of each shopper's steps are (1, 0, 0) and (.7, 1, 0), their futures (0, 1, .5) and
    # (0, 0, 1).
    left = [[1 + 0.7**2, 0.7, 0], [0.7, 1, 0], [0, 0, 0]]
    right = [[0, 1, 0.5 + 0.7], [0, 0, 1], [0, 0, 0]]
    np.testing.assert_allclose(equations.left.toarray(), n * np.array(left), rtol=1e-7)
    beyond = n * (np.array(right) - left)
    np.testing.assert_allclose(equations.beyond.toarray(), beyond, rtol=1e-7)


def test_a_catalogue_too_large_for_dense_matrices_leaves_the_ridge_without_opinions() -> None:
    ridge = NextItemRidge().fit(build_interactions([(0, 0, VIEW, 0.0)], n_items=MAX_ITEMS + 1))

    assert len(find_candidates(ridge, build_history(0), 5).items) == 0
