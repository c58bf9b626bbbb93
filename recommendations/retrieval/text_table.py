"""A sorted table of texts in two arrays: small in memory, and quick to store and to load."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

_AFTER_EVERY_LETTER = b"\xff"
"""No UTF-8 text has this byte, so it sorts after every text with the same beginning."""


class TextTable(Sequence[bytes]):
    """Different texts in UTF-8, sorted; the row of a text is its place."""

    def __init__(self, letters: NDArray[np.uint8], starts: NDArray[np.int64]) -> None:
        # Python reads single numbers and letters of its own types ten times as fast as NumPy's.
        self._joined = letters.tobytes()
        self._starts = array("q", starts.tobytes())

    @classmethod
    def build(cls, texts: Iterable[str]) -> "TextTable":
        """Return the table of these texts; each stands in it once."""
        encoded = sorted({text.encode() for text in texts})
        lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
        letters = np.frombuffer(b"".join(encoded), dtype=np.uint8)
        return cls(letters, np.concatenate(([0], lengths.cumsum())))

    def get_arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays of the table, by names that begin like this."""
        return {
            f"{name}.letters": np.frombuffer(self._joined, dtype=np.uint8),
            f"{name}.starts": np.frombuffer(self._starts, dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, name: str, arrays: Mapping[str, NDArray[Any]]) -> "TextTable":
        """Return the table that `get_arrays` described."""
        return cls(arrays[f"{name}.letters"], arrays[f"{name}.starts"])

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, row: int) -> bytes: ...
    @overload
    def __getitem__(self, row: slice) -> Any: ...
    def __getitem__(self, row: int | slice) -> bytes | Any:
        if isinstance(row, slice):
            return [self[one] for one in range(*row.indices(len(self)))]
        if row < 0:
            raise IndexError(row)
        return self._joined[self._starts[row] : self._starts[row + 1]]

    def find(self, text: str) -> int | None:
        """Return the row of a text; None if the table does not have it."""
        wanted = text.encode()
        row = bisect_left(self, wanted)
        return row if row < len(self) and self[row] == wanted else None

    def find_beginning(self, beginning: str) -> range:
        """Return the rows of the texts that begin like this."""
        wanted = beginning.encode()
        first = bisect_left(self, wanted)
        return range(first, bisect_left(self, wanted + _AFTER_EVERY_LETTER, lo=first))

    def read(self, row: int) -> str:
        """Return the text of a row."""
        return self[row].decode()
