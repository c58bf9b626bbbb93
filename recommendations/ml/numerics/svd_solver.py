"""Truncated singular value decomposition of sparse matrices, small and large."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray

SMALL = 20_000_000
"""Up to so many cells times factors, scikit-learn's decomposition takes about a second."""
POWER_ITERATIONS = 5
"""Of scikit-learn's randomized decomposition."""
BLOCKS = 16
"""In how many blocks the space of a large decomposition is grown."""
SPACE_PER_FACTOR = 2
"""How many dimensions are searched for each factor that is kept."""
SMALLEST = 1e-30
ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Decomposition:
    """`left * singular @ right.T` is the closest matrix of its rank; singular values never rise."""

    left: FloatArray
    singular: NDArray[np.float64]
    right: FloatArray


def truncated_svd(matrix: sp.csr_array, n_factors: int, *, seed: int) -> Decomposition:
    """Return the `n_factors` strongest directions of a matrix that has more rows and columns.

    Small matrices go to scikit-learn's TruncatedSVD. Large ones are decomposed by a block Krylov
    method (Musco and Musco 2015), which finds the same singular values within a percent from a
    quarter of the products with the matrix.
    """
    if matrix.nnz * n_factors <= SMALL:
        return _randomized(matrix, n_factors, seed)
    return _krylov(matrix.astype(np.float32), n_factors, seed)


def _randomized(matrix: sp.csr_array, n_factors: int, seed: int) -> Decomposition:
    # Loading scikit-learn takes seconds, and processes that only serve never fit.
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415

    svd = TruncatedSVD(n_factors, n_iter=POWER_ITERATIONS, random_state=seed)
    spread = svd.fit_transform(matrix)
    singular = svd.singular_values_
    return Decomposition(
        left=(spread / np.maximum(singular, SMALLEST)).astype(np.float32),
        singular=singular,
        right=svd.components_.T.astype(np.float32),
    )


def _krylov(matrix: sp.csr_array, n_factors: int, seed: int) -> Decomposition:
    """Project on what a random block becomes under powers of the matrix, all of them kept."""
    n_rows, n_columns = matrix.shape
    width = min(SPACE_PER_FACTOR * n_factors, n_rows, n_columns)
    step = -(-width // BLOCKS)
    space = np.zeros((n_columns, width), dtype=np.float32)
    images = np.zeros((n_rows, width), dtype=np.float32)
    rng = np.random.default_rng(seed)
    block = matrix.T @ rng.standard_normal((n_rows, step), dtype=np.float32)
    for first in range(0, width, step):
        last = min(first + step, width)
        space[:, first:last] = _orthonormal(block[:, : last - first], space[:, :first], rng)
        images[:, first:last] = matrix @ space[:, first:last]
        block = matrix.T @ images[:, first:last]
    # The right directions within the space are the eigenvectors of the images' products.
    squares, turns = np.linalg.eigh((images.T @ images).astype(np.float64))
    top_n_per_row = np.arange(width - 1, width - 1 - n_factors, -1)
    singular = np.sqrt(np.maximum(squares[top_n_per_row], 0))
    turn = turns[:, top_n_per_row].astype(np.float32)
    left = images @ turn / np.maximum(singular, SMALLEST).astype(np.float32)
    return Decomposition(left=left, singular=singular, right=space @ turn)


def _orthonormal(block: FloatArray, space: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return a basis at right angles to the space, of what the block adds to it.

    Columns that add nothing, as happens with matrices of low rank, are drawn anew.
    """
    rest = block - space @ (space.T @ block)
    basis, upper = np.linalg.qr(rest)
    nothing = np.abs(np.diag(upper)) <= ROUNDING * np.linalg.norm(block, axis=0)
    basis[:, nothing] = rng.standard_normal((len(basis), nothing.sum())) / np.sqrt(len(basis))
    # Once is not enough where little of a column was left: what was rounded away grew with it.
    again: FloatArray = np.linalg.qr(basis - space @ (space.T @ basis))[0]
    return again
