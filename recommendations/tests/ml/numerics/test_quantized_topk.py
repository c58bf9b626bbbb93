import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommendations.ml.data import FloatArray
from recommendations.ml.numerics.quantized_topk import BLOCK, BLOCKS_PER_ROUND, QuantizedFactors
from recommendations.ml.numerics.scoring_kernels import score_rows

ROW_DISTRIBUTIONS = ("even", "uneven", "tiny", "huge", "spiky", "few alike", "far")
VECTOR_DISTRIBUTIONS = ("even", "sparse", "spiky", "tiny", "huge", "nothing")


def make_random_rows(
    distribution: str, n_rows: int, n_factors: int, *, seed: int
) -> tuple[FloatArray, FloatArray]:
    """Return factors and biases; some rows are zeros, some biases NaN."""
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((n_rows, n_factors))
    uneven = 10.0 ** rng.uniform(-2, 1, n_factors) * 10.0 ** rng.uniform(-3, 3, (n_rows, 1))
    factors = {
        "even": rows,
        "uneven": rows * uneven,
        "tiny": rows * 10.0 ** rng.uniform(-44, -28, (n_rows, 1)),
        "huge": rows * 1e6,
        "spiky": rows * 10.0 ** rng.uniform(-6, 0, rows.shape),
        "far": rows,
        "few alike": rows[rng.integers(0, 3, n_rows)] if n_rows > 2 else rows,
    }[distribution]
    factors = factors * (rng.random((n_rows, 1)) < 0.9)
    bias = rng.standard_normal(n_rows) * (distribution in {"even", "uneven", "huge"})
    bias += 1e8 * (distribution == "far")
    bias[rng.random(n_rows) < 0.1] = np.nan
    return factors.astype(np.float32), bias.astype(np.float32)


def make_random_vector(distribution: str, n_factors: int, *, seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    sizes = {
        "even": 1.0,
        "sparse": rng.random(n_factors) < 0.2,
        "spiky": 10.0 ** rng.uniform(-6, 0, n_factors),
        "tiny": 10.0 ** rng.uniform(-44, 0),
        "huge": 1e25,
        "nothing": 0.0,
    }[distribution]
    vector: FloatArray = (rng.standard_normal(n_factors) * sizes).astype(np.float32)
    return vector


def find_best_by_full_scan(
    vector: FloatArray, factors: FloatArray, bias: FloatArray, k: int
) -> set[int]:
    """Return the rows of the k best scores, all ties included; requests compute scores alike.

    Many rows tie where floats are too coarse for tiny scores.
    """
    scores = score_rows(vector, factors, bias, np.arange(len(bias), dtype=np.int32))
    best_first = np.sort(scores[~np.isnan(scores)])[::-1]
    worst = best_first[min(k, len(best_first)) - 1] if k and len(best_first) else np.inf
    return set(np.flatnonzero(scores >= worst).tolist())


@given(
    of_rows=st.sampled_from(ROW_DISTRIBUTIONS),
    of_vector=st.sampled_from(VECTOR_DISTRIBUTIONS),
    n_rows=st.integers(0, 4 * BLOCK),
    n_factors=st.integers(1, 70),
    k=st.integers(0, 300),
    seed=st.integers(0, 1_000_000),
)
def test_none_of_the_best_rows_is_missing(
    of_rows: str, of_vector: str, n_rows: int, n_factors: int, k: int, seed: int
) -> None:
    factors, bias = make_random_rows(of_rows, n_rows, n_factors, seed=seed)
    vector = make_random_vector(of_vector, n_factors, seed=seed + 1)

    rows = QuantizedFactors.of(factors, bias).top_k_superset(vector, k)

    assert find_best_by_full_scan(vector, factors, bias, k) <= set(rows.tolist())
    assert not np.isnan(bias[rows]).any()
    assert (np.diff(rows) > 0).all()


@given(
    signs=st.lists(st.sampled_from([-1.0, 1.0]), min_size=2, max_size=70),
    code=st.integers(0, 126),
    part=st.floats(0, 0.499),
    size=st.floats(1e-6, 1e6),
    ahead=st.floats(1e-4, 0.1),
)
@example(signs=[1.0] * 64, code=126, part=0.499, size=1.0, ahead=1e-3)
@example(signs=[1.0, -1.0] * 32, code=0, part=0.499, size=1.0, ahead=1e-3)
def test_the_best_row_is_found_where_all_rounding_is_against_it(
    signs: list[float], code: int, part: float, size: float, ahead: float
) -> None:
    # The first factor makes the scale 1. In all others, rounding takes a part of a unit from the
    # better row and adds it to the worse one; rounding of the vector favours the worse row, too.
    along = np.array(signs)
    row = along * (code + part)
    row[0] = 127 * along[0]
    product = float(np.abs(row).sum())
    vector = (along * size).astype(np.float32)
    factors = np.array([row, -row], dtype=np.float32)
    bias = np.array([-product + ahead, product]).astype(np.float32) * np.float32(size)

    rows = QuantizedFactors.of(factors, bias).top_k_superset(vector, 1)

    assert find_best_by_full_scan(vector, factors, bias, 1) <= set(rows.tolist())


def test_rows_that_quantization_makes_equal_are_all_in_the_superset() -> None:
    # The scale is 1, so 50.2 and 50.4 both become 50.
    factors = np.array([[127, 50.2], [127, 50.4], [127, -90]], dtype=np.float32)
    quantized = QuantizedFactors.of(factors, np.zeros(3, dtype=np.float32))

    rows = quantized.top_k_superset(np.array([0, 1], dtype=np.float32), 1)

    assert quantized.codes[0, 0, :6].tolist() == [255, 178, 255, 178, 255, 38]
    assert rows.tolist() == [0, 1]


def test_the_superset_of_many_rows_is_small() -> None:
    n_rows = (BLOCKS_PER_ROUND + 100) * BLOCK
    rng = np.random.default_rng(0)
    factors = rng.standard_normal((n_rows, 32), dtype=np.float32)
    bias = np.zeros(n_rows, dtype=np.float32)
    vector = rng.standard_normal(32, dtype=np.float32)

    rows = QuantizedFactors.of(factors, bias).top_k_superset(vector, 100)

    assert find_best_by_full_scan(vector, factors, bias, 100) <= set(rows.tolist())
    assert len(rows) < 300


def test_equal_rows_are_all_in_the_superset() -> None:
    quantized = QuantizedFactors.of(np.ones((300, 2), np.float32), np.zeros(300, np.float32))

    rows = quantized.top_k_superset(np.array([1, 2], dtype=np.float32), 5)

    assert len(rows) == 300


def test_rows_alike_where_floats_are_far_apart_are_all_in_the_superset() -> None:
    # Floats near 1e8 are 8 apart: both scores round to the bias, a bound above 4 to the next float.
    factors = np.array([[3.99999], [3]], dtype=np.float32)
    quantized = QuantizedFactors.of(factors, np.full(2, 1e8 + 8, dtype=np.float32))

    assert quantized.top_k_superset(np.array([1], dtype=np.float32), 1).tolist() == [0, 1]


def test_rows_without_a_score_leave_their_neighbours_bounds_alone() -> None:
    factors = np.array([[127, 1], [127, 2], [9.9, 9.9], [np.nan, 1]], dtype=np.float32)
    alone = QuantizedFactors.of(factors[:2], np.zeros(2, np.float32))

    beside = QuantizedFactors.of(factors, np.array([0, 0, np.nan, 0], dtype=np.float32))

    assert beside.norms.tolist() == alone.norms.tolist()
    assert beside.max_errors.tolist() == alone.max_errors.tolist()
    assert beside.top_k_superset(np.ones(2, dtype=np.float32), 4).tolist() == [0, 1]


@pytest.mark.parametrize("vector", [[np.nan, np.nan], [1, np.nan]])
def test_a_vector_without_numbers_has_an_empty_superset(vector: list[float]) -> None:
    quantized = QuantizedFactors.of(np.ones((3, 2), np.float32), np.zeros(3, np.float32))

    assert len(quantized.top_k_superset(np.array(vector, dtype=np.float32), 2)) == 0


@pytest.mark.parametrize("size", [1e-12, 1e31])
def test_every_row_with_a_bias_is_in_the_superset_where_no_bound_holds(size: float) -> None:
    bias = np.array([0, np.nan, -5], dtype=np.float32)
    quantized = QuantizedFactors.of(np.array([[1], [2], [3]], np.float32), bias)

    assert quantized.top_k_superset(np.array([size], dtype=np.float32), 1).tolist() == [0, 2]


def test_rows_too_small_for_a_scale_of_their_own_stay_in_order() -> None:
    factors = np.array([[1e-40], [3e-40], [2e-40]], dtype=np.float32)
    quantized = QuantizedFactors.of(factors, np.zeros(3, dtype=np.float32))

    assert set(quantized.top_k_superset(np.array([1], dtype=np.float32), 1).tolist()) >= {1}
