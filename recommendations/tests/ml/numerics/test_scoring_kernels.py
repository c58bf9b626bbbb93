import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recommendations.ml.models.base import top_k
from recommendations.ml.numerics.scoring_kernels import history_weights
from recommendations.tests.ml.builders import history_of

scores_with_ties_and_gaps = hnp.arrays(
    np.float32,
    st.integers(0, 40),
    elements=st.sampled_from([-1.0, 0.0, 0.25, 0.5, 2.0, float("nan")]),
)


@given(scores=scores_with_ties_and_gaps, k=st.integers(0, 45))
def test_the_best_are_those_that_a_full_sort_puts_first(scores: np.ndarray, k: int) -> None:
    rated = [(-score, row) for row, score in enumerate(scores.tolist()) if not np.isnan(score)]

    found = top_k(scores, k)

    assert found.items.tolist() == [row for _, row in sorted(rated)[:k]]


def test_history_weights_fall_by_position_and_add_up_to_one() -> None:
    weights = history_weights(history_of(5, 6, 7), position_decay=0.5, decay_per_day=0.0)

    np.testing.assert_allclose(weights, np.array([1, 2, 4]) / 7, rtol=1e-6)


def test_entries_of_one_product_share_its_position() -> None:
    weights = history_weights(history_of(5, 6, 6), position_decay=0.5, decay_per_day=0.0)

    np.testing.assert_allclose(weights, np.array([1, 2, 2]) / 5, rtol=1e-6)


def test_history_weights_age_from_the_newest_entry() -> None:
    history = history_of(5, 6, ages_in_days=[1010.0, 1000.0])

    weights = history_weights(history, position_decay=1.0, decay_per_day=0.1)

    np.testing.assert_allclose(weights[0] / weights[1], np.exp(-1), rtol=1e-5)
