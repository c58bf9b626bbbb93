"""Truncated singular value decomposition of sparse matrices, small and large."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray

MAX_RANDOMIZED_WORK = 20_000_000
"""Up to this product of nonzero cells and factors, scikit-learn takes about a second."""
POWER_ITERATIONS = 5
"""How many power iterations scikit-learn's randomized decomposition makes."""
KRYLOV_BLOCKS = 16
"""How many blocks of vectors span the Krylov space of a large decomposition."""
DIMENSIONS_PER_FACTOR = 2
"""How many dimensions the Krylov space has for each factor."""
MIN_SINGULAR_VALUE = 1e-30
ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Decomposition:
    """`left * singular @ right.T` is the best matrix of its rank; singular values descend."""

    left: FloatArray
    singular: NDArray[np.float64]
    right: FloatArray


def compute_svd(matrix: sp.csr_array, n_factors: int, *, seed: int) -> Decomposition:
    """Return the `n_factors` largest singular values of a matrix, with their vectors.

    The matrix must have more than `n_factors` rows and columns. Small matrices go to scikit-learn's
    TruncatedSVD. Large ones are decomposed by a block Krylov method (Musco and Musco 2015), which
    finds the same singular values within a percent from a quarter of the products with the matrix.
    """
    if matrix.nnz * n_factors <= MAX_RANDOMIZED_WORK:
        return _compute_randomized_svd(matrix, n_factors, seed)
    return _compute_krylov_svd(matrix.astype(np.float32, copy=False), n_factors, seed)


def decompose_gram(gram: sp.csr_array, n_factors: int, *, seed: int) -> Decomposition:
    """Return the decomposition of a matrix by its Gram matrix `matrixᵀ matrix`; `left` is `right`.

    The Gram matrix must have more than `n_factors` rows. Its largest eigenvalues are found by the
    Lanczos method (ARPACK), to the precision of the numbers.
    """
    doubled = gram.astype(np.float64)
    return _find_largest(lambda vector: doubled @ vector, gram.shape[0], n_factors, seed)


def decompose_columns(matrix: sp.csr_array, n_factors: int, *, seed: int) -> Decomposition:
    """Return what `decompose_gram` finds, without making the Gram matrix."""
    doubled = matrix.astype(np.float64)
    transposed = sp.csr_array(doubled.T)
    return _find_largest(
        lambda vector: transposed @ (doubled @ vector), matrix.shape[1], n_factors, seed
    )


def _find_largest(
    multiply: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    n_columns: int,
    n_factors: int,
    seed: int,
) -> Decomposition:
    # Importing it takes a while, and processes that only serve do not need it.
    from scipy.sparse.linalg import LinearOperator, eigsh  # noqa: PLC0415

    gram = LinearOperator((n_columns, n_columns), matvec=multiply, dtype=np.float64)
    start = np.random.default_rng(seed).standard_normal(n_columns)
    eigenvalues, eigenvectors = eigsh(gram, k=n_factors, v0=start)
    right = np.ascontiguousarray(eigenvectors[:, ::-1], dtype=np.float32)
    singular = np.sqrt(np.maximum(eigenvalues[::-1], 0))
    return Decomposition(left=right, singular=singular, right=right)


def _compute_randomized_svd(matrix: sp.csr_array, n_factors: int, seed: int) -> Decomposition:
    # Importing scikit-learn takes seconds, and processes that only serve do not need it.
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415

    svd = TruncatedSVD(n_factors, n_iter=POWER_ITERATIONS, random_state=seed)
    left_times_singular = svd.fit_transform(matrix)
    singular = svd.singular_values_
    return Decomposition(
        left=(left_times_singular / np.maximum(singular, MIN_SINGULAR_VALUE)).astype(np.float32),
        singular=singular,
        right=svd.components_.T.astype(np.float32),
    )


def _compute_krylov_svd(matrix: sp.csr_array, n_factors: int, seed: int) -> Decomposition:
    """Project the matrix on the span of a random block multiplied by powers of `matrixᵀ matrix`."""
    n_rows, n_columns = matrix.shape
    width = min(DIMENSIONS_PER_FACTOR * n_factors, n_rows, n_columns)
    step = -(-width // KRYLOV_BLOCKS)
    space = np.zeros((n_columns, width), dtype=np.float32)
    images = np.zeros((n_rows, width), dtype=np.float32)
    rng = np.random.default_rng(seed)
    block = matrix.T @ rng.standard_normal((n_rows, step), dtype=np.float32)
    for first in range(0, width, step):
        last = min(first + step, width)
        space[:, first:last] = _orthonormalize(block[:, : last - first], space[:, :first], rng)
        images[:, first:last] = matrix @ space[:, first:last]
        block = matrix.T @ images[:, first:last]
    # The right singular vectors within the space are eigenvectors of the images' Gram matrix.
    eigenvalues, eigenvectors = np.linalg.eigh((images.T @ images).astype(np.float64))
    largest = np.arange(width - 1, width - 1 - n_factors, -1)
    singular = np.sqrt(np.maximum(eigenvalues[largest], 0))
    rotation = eigenvectors[:, largest].astype(np.float32)
    left = images @ rotation / np.maximum(singular, MIN_SINGULAR_VALUE).astype(np.float32)
    return Decomposition(left=left, singular=singular, right=space @ rotation)


def _orthonormalize(block: FloatArray, space: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return an orthonormal basis of what the block adds to the space.

    Random columns replace those that add nothing, which happens with matrices of low rank.
    """
    rest = block - space @ (space.T @ block)
    basis, upper = np.linalg.qr(rest)
    adds_nothing = np.abs(np.diag(upper)) <= ROUNDING * np.linalg.norm(block, axis=0)
    random_columns = rng.standard_normal((len(basis), adds_nothing.sum()))
    basis[:, adds_nothing] = random_columns / np.sqrt(len(basis))
    # A second time, because the first scaled up the rounding errors of columns with a small rest.
    orthonormal: FloatArray = np.linalg.qr(basis - space @ (space.T @ basis))[0]
    return orthonormal
