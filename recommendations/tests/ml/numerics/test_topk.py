import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from recommendations.ml.numerics import topk
from recommendations.ml.numerics.topk import DenseTopK, QuantizedTopK, TopK, build_top_k, top_k

small_numbers = st.integers(-3, 3).map(np.float32)
biases = st.sampled_from([-1.0, 0.0, 0.25, 2.0, float("nan")]).map(np.float32)
both_searches = pytest.mark.parametrize("search_type", [DenseTopK, QuantizedTopK])
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


@given(data=st.data(), n_items=st.integers(1, 400), k=st.integers(0, 450))
@both_searches
def test_a_search_finds_what_a_full_sort_puts_first(
    search_type: type[DenseTopK | QuantizedTopK], data: st.DataObject, n_items: int, k: int
) -> None:
    item_factors = data.draw(hnp.arrays(np.float32, (n_items, 5), elements=small_numbers))
    bias = data.draw(hnp.arrays(np.float32, n_items, elements=biases))

    found = search_type(item_factors, bias).search(np.ones(5, dtype=np.float32), k)

    # Sums of small whole numbers are exact in any order and have many ties.
    expected = top_k(item_factors.sum(axis=1) + bias, k)
    np.testing.assert_array_equal(found.items, expected.items)
    np.testing.assert_array_equal(found.scores, expected.scores)


def test_both_searches_return_the_same_items_and_scores_to_the_last_bit() -> None:
    rng = np.random.default_rng(0)
    item_factors = rng.standard_normal((5_000, 37), dtype=np.float32)
    bias = rng.standard_normal(5_000, dtype=np.float32)
    user_vector = rng.standard_normal(37, dtype=np.float32)
    searches: list[TopK] = [DenseTopK(item_factors, bias), QuantizedTopK(item_factors, bias)]

    dense, quantized = (search.search(user_vector, 300) for search in searches)

    np.testing.assert_array_equal(dense.items, quantized.items)
    np.testing.assert_array_equal(dense.scores, quantized.scores)


@both_searches
def test_a_user_vector_of_nan_finds_nothing(
    search_type: type[DenseTopK | QuantizedTopK],
) -> None:
    search = search_type(np.ones((3, 2), np.float32), np.zeros(3, np.float32))

    assert len(search.search(np.full(2, np.nan, np.float32), 3).items) == 0


def test_the_search_is_chosen_by_the_number_of_items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topk, "MAX_DENSE_ITEMS", 3)

    at_most, above = (
        build_top_k(np.ones((n, 2), np.float32), np.zeros(n, np.float32)) for n in (3, 4)
    )

    assert isinstance(at_most, DenseTopK)
    assert isinstance(above, QuantizedTopK)
