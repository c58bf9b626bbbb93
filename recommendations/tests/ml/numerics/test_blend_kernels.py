import numpy as np
import pytest

from recommendations.ml.numerics.blend_kernels import (
    accumulate_contributions,
    candidate_pool,
    max_unseen_score,
    normalize,
)


def test_a_score_becomes_the_root_of_its_ratio_to_the_normalizer() -> None:
    scores = np.array([[4, 1, 9, -1, np.nan], [4, 1, 9, -1, np.nan]], dtype=np.float32)

    normalized = normalize(scores, np.array([4, 0], dtype=np.float32))

    assert normalized.tolist() == [[1, 0.5, 1, 0, 0], [0, 0, 0, 0, 0]]


@pytest.mark.parametrize(
    ("history", "expected"), [([], 3.0), ([7], 2.0), ([7, 5], 3.0), ([6], 3.0)]
)
def test_the_normalizer_is_the_best_score_outside_the_history_or_of_all(
    history: list[int], expected: float
) -> None:
    items = np.array([5, 6, 7, 8], dtype=np.int32)
    scores = np.array([2, np.nan, 3, -1], dtype=np.float32)

    assert max_unseen_score(items, scores, np.array(history, dtype=np.int32)) == expected


def test_without_a_score_above_zero_the_normalizer_is_zero() -> None:
    nothing = np.empty(0, dtype=np.int32)

    assert max_unseen_score(nothing, np.empty(0, dtype=np.float32), nothing) == 0
    assert max_unseen_score(np.array([1], np.int32), np.array([-2], np.float32), nothing) == 0


def test_the_pool_has_each_candidate_once_without_those_to_exclude() -> None:
    candidates = np.array([1, 1, 2, 3, 3, 3, 5], dtype=np.int32)

    pool = candidate_pool(candidates, np.array([3, 9], dtype=np.int32))

    assert pool.tolist() == [1, 2, 5]


def test_contributions_are_scaled_to_what_the_member_blends_in() -> None:
    total = np.ones((2, 2), dtype=np.float32)
    contributions = np.array([[1, 3], [1, 1]], dtype=np.float32)
    scores, member_scores = np.array([4, 2], np.float32), np.array([0.5, 0], np.float32)

    accumulate_contributions(total, contributions, scores, member_scores)

    assert total.tolist() == [[1 + 0.125, 1 + 0.375], [1, 1]]
