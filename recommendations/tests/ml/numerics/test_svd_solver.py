import numpy as np
import pytest
import scipy.sparse as sp

from recommendations.ml.numerics import svd_solver
from recommendations.ml.numerics.svd_solver import compute_svd, decompose_columns, decompose_gram

every_method = pytest.mark.parametrize(
    "small", [svd_solver.MAX_RANDOMIZED_WORK, 0], ids=["scikit-learn", "krylov"]
)


def make_falling_spectrum() -> sp.csr_array:
    """A dense matrix with the singular values 1, 1/2, 1/3, …, in a sparse format."""
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.standard_normal((n, 200)))[0] for n in (300, 250))
    return sp.csr_array(left / np.arange(1, 201) @ right.T)


def make_low_rank() -> sp.csr_array:
    """Four groups of items that have nothing in common: four equal singular values, then none."""
    return sp.csr_array(np.kron(np.eye(4), np.ones((15, 10))))


@every_method
def test_the_largest_singular_values_are_found_within_a_percent(
    monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(svd_solver, "MAX_RANDOMIZED_WORK", small)

    found = compute_svd(make_falling_spectrum(), 40, seed=1)

    assert found.singular == pytest.approx(1 / np.arange(1, 41), rel=0.01)


@every_method
def test_the_product_is_nearly_as_close_as_any_of_its_rank(
    monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(svd_solver, "MAX_RANDOMIZED_WORK", small)
    matrix = make_falling_spectrum()

    found = compute_svd(matrix, 40, seed=1)

    missed = np.linalg.norm(matrix.toarray() - found.left * found.singular @ found.right.T)
    assert missed == pytest.approx(np.sqrt((1 / np.arange(41, 201) ** 2).sum()), rel=0.01)


@every_method
def test_the_right_singular_vectors_are_orthonormal(
    monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(svd_solver, "MAX_RANDOMIZED_WORK", small)

    right = compute_svd(make_falling_spectrum(), 40, seed=1).right

    np.testing.assert_allclose(right.T @ right, np.eye(40), atol=1e-5)


@every_method
def test_a_matrix_of_lower_rank_than_asked_for_is_reconstructed(
    monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(svd_solver, "MAX_RANDOMIZED_WORK", small)

    found = compute_svd(make_low_rank(), 12, seed=1)

    np.testing.assert_allclose(
        found.left * found.singular @ found.right.T, make_low_rank().toarray(), atol=1e-4
    )
    assert found.singular[:4] == pytest.approx([np.sqrt(150)] * 4, rel=1e-3)


@every_method
def test_the_same_seed_gives_the_same_singular_vectors(
    monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(svd_solver, "MAX_RANDOMIZED_WORK", small)

    first, second = (compute_svd(make_falling_spectrum(), 40, seed=1) for _ in range(2))

    np.testing.assert_array_equal(first.right, second.right)


def test_columns_are_decomposed_to_the_precision_of_the_numbers() -> None:
    found = decompose_columns(make_falling_spectrum(), 40, seed=1)

    assert found.singular == pytest.approx(1 / np.arange(1, 41), rel=1e-9)
    np.testing.assert_allclose(found.right.T @ found.right, np.eye(40), atol=1e-5)


def test_columns_and_their_gram_matrix_have_the_same_decomposition() -> None:
    matrix = make_falling_spectrum()

    of_columns = decompose_columns(matrix, 40, seed=1)
    of_gram = decompose_gram(sp.csr_array(matrix.T @ matrix), 40, seed=1)

    one, other = (each.right * each.singular @ each.right.T for each in (of_columns, of_gram))
    np.testing.assert_allclose(one, other, atol=1e-6)
