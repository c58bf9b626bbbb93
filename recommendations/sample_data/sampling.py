"""Random draws and grouping over columns of numbers."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

ROWS_AT_ONCE = 100_000


def draw_columns(weights: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw a column for each row, in proportion to the row's weights; -1 where all are 0."""
    limits = np.cumsum(weights, axis=1)
    targets = rng.random((len(weights), 1)) * limits[:, -1:]
    return np.where(limits[:, -1] > 0, np.argmax(limits > targets, axis=1), -1)


def mark_first(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return a mask of the first occurrence of each key."""
    is_first = np.zeros(len(keys), dtype=bool)
    is_first[np.unique(keys, return_index=True)[1]] = True
    return is_first


def iter_slices(length: int, size: int = ROWS_AT_ONCE) -> Iterator[slice]:
    """Yield slices of at most `size` rows that together cover `length` rows."""
    for start in range(0, length, size):
        yield slice(start, start + size)
