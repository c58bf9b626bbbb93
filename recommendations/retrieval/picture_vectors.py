"""Vectors of products' pictures: what looks alike has a high cosine.

An encoder describes a picture by `ACTIVATIONS` numbers, most of which say the same about all
pictures of a shop. Less their means and by the shop's own principal components, `DIMENSIONS` of
them tell the products apart as well, in a twentieth of the memory.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommendations.array_folders import Arrays
from recommendations.retrieval.vector_kernels import LENGTH, multiply

ACTIVATIONS = 1_280
DIMENSIONS = 64
SMALLEST_COSINE = 0.4
"""Products whose pictures have a lower cosine do not look alike."""
MOST_COMPARED = 20_000
"""The principal components are those of so many pictures at most."""
ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class PictureVectors:
    """The vectors of products, whose ids rise; each has length 127."""

    product_ids: NDArray[np.int64]
    vectors: NDArray[np.int8]

    @classmethod
    def build(cls, product_ids: NDArray[np.int64], activations: NDArray[np.uint8]) -> Self:
        """Return the vectors of pictures, given what the encoder found in each."""
        return cls(product_ids, compress(activations))

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the vectors that `get_arrays` returned."""
        return cls(arrays["product_ids"], arrays["vectors"])

    def get_arrays(self) -> Arrays:
        """Return the arrays to store."""
        return {"product_ids": self.product_ids, "vectors": self.vectors}

    def warm_up(self) -> Self:
        """Compile the loops, so that no request waits for it; return the vectors."""
        for product_id in self.product_ids[:1].tolist():
            self.find_nearest(product_id, 1)
        return self

    def __len__(self) -> int:
        return len(self.product_ids)

    def __contains__(self, product_id: int) -> bool:
        row = int(np.searchsorted(self.product_ids, product_id))
        return row < len(self) and bool(self.product_ids[row] == product_id)

    def compare(
        self, product_id: int, product_ids: NDArray[np.int64]
    ) -> NDArray[np.float32] | None:
        """Return the cosines of a product with others, NaN for those without a vector.

        None if the product itself has none.
        """
        found = self._compare_with_all(product_id)
        if found is None:
            return None
        rows = np.searchsorted(self.product_ids, product_ids).clip(max=len(self) - 1)
        is_there = self.product_ids[rows] == product_ids
        cosines: NDArray[np.float32] = np.where(is_there, found[rows], np.float32(np.nan))
        return cosines

    def find_nearest(
        self, product_id: int, k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the k products that look most like another one, and their cosines.

        Those below `SMALLEST_COSINE` are none. Ties go to the higher id.
        """
        found = self._compare_with_all(product_id)
        if found is None:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        rows = np.flatnonzero((found >= SMALLEST_COSINE) & (self.product_ids != product_id))
        rows = rows[np.lexsort((-self.product_ids[rows], -found[rows]))][:k]
        return self.product_ids[rows], found[rows]

    def _compare_with_all(self, product_id: int) -> NDArray[np.float32] | None:
        if product_id not in self:
            return None
        row = int(np.searchsorted(self.product_ids, product_id))
        cosines: NDArray[np.float32] = multiply(self.vectors, self.vectors[row].astype(np.float32))
        cosines /= np.float32(LENGTH**2)
        return cosines


def compress(activations: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Return the vectors of pictures, shape (pictures, at most `DIMENSIONS`)."""
    n_pictures = len(activations)
    every = max(1, -(-n_pictures // MOST_COMPARED))
    sample = activations[::every].astype(np.float32)
    mean = sample.mean(axis=0) if n_pictures else np.zeros(ACTIVATIONS, dtype=np.float32)
    sample -= mean
    # The last columns belong to the largest eigenvalues.
    _, components = np.linalg.eigh(sample.T @ sample)
    kept = components[:, : -DIMENSIONS - 1 : -1]
    vectors = np.empty((n_pictures, kept.shape[1]), dtype=np.int8)
    for first in range(0, n_pictures, ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        found = (activations[rows].astype(np.float32) - mean) @ kept
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        vectors[rows] = np.rint(found / np.maximum(lengths, 1e-6) * LENGTH)
    return vectors
