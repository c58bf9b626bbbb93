"""Records, and the lines of a text from which they are read."""

import io
from collections.abc import Callable, Iterator
from typing import Any, Self

from recommendations.record_files.errors import RowError, TooLongError

Record = dict[str, Any]
Records = Iterator[tuple[int, Record | RowError]]

LONGEST_ROW = 2**20
"""How many characters a row may have, over all its lines; a longer row ends the import."""


class BoundedLines:
    """The lines of a text; no line is read further than the rest of its row may be long."""

    def __init__(self, text: io.TextIOBase, check: Callable[[], None]) -> None:
        self._text = text
        self._check = check
        self._left = LONGEST_ROW

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._left + 1)
        if not line:
            raise StopIteration
        self._check()
        if len(line) > self._left:
            raise TooLongError
        self._left -= len(line)
        return line

    def begin_row(self) -> None:
        """Let the next line begin a row."""
        self._left = LONGEST_ROW
