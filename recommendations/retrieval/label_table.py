"""Brands and categories, found by the beginning of a word while it is typed."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.category_paths import get_name
from recommendations.retrieval.text_table import TextTable
from recommendations.retrieval.tokens import fold_accents

_LINE, _WORD = "\n", " "


class LabelKind(StrEnum):
    """What a label names."""

    BRAND = "brand"
    CATEGORY = "category"


class Label(NamedTuple):
    """A brand by its name, or a category by its path."""

    kind: LabelKind
    text: str


class LabelTable:
    """Labels, and the rows of the products that have each."""

    def __init__(self, keys: TextTable, starts: NDArray[np.int64], rows: NDArray[np.int32]) -> None:
        self._keys, self._starts, self._rows = keys, starts, rows

    @classmethod
    def build(cls, rows: Mapping[Label, Sequence[int]]) -> "LabelTable":
        """Return the table of these labels with their rows."""
        of_key = {_to_key(label): found for label, found in rows.items()}
        keys = TextTable.build(of_key)
        in_order = [of_key[keys.read(place)] for place in range(len(keys))]
        return cls(
            keys,
            np.cumsum([0, *map(len, in_order)], dtype=np.int64),
            np.array([row for found in in_order for row in found], dtype=np.int32),
        )

    def get_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the table as arrays by name."""
        keys = self._keys.get_arrays("labels")
        return {**keys, "label_starts": self._starts, "label_rows": self._rows}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "LabelTable":
        """Return the table that `get_arrays` described; KeyError if an array is missing."""
        keys = TextTable.from_arrays("labels", arrays)
        return cls(keys, arrays["label_starts"], arrays["label_rows"])

    def find(self, kind: LabelKind, typed: str) -> Iterator[tuple[str, NDArray[np.int32]]]:
        """Yield the labels with a word that begins like this, and the rows of their products.

        Those that themselves begin like it come first, else they stand by name. Case and accents
        do not count.
        """
        names, places = self._names[kind]
        wanted = _fold(typed)
        seen: set[int] = set()
        for beginning in (_LINE, _WORD):
            position = names.find(beginning + wanted)
            while position >= 0:
                line = names.count(_LINE, 0, position + 1) - 1
                if line not in seen:
                    seen.add(line)
                    place = places[line]
                    rows = self._rows[self._starts[place] : self._starts[place + 1]]
                    yield self._keys.read(place)[1:], rows
                position = names.find(beginning + wanted, position + 1)

    def warm_up(self) -> None:
        """Prepare for the first search, which otherwise takes long."""
        _ = self._names

    @cached_property
    def _names(self) -> dict[LabelKind, tuple[str, list[int]]]:
        """All names of each kind in one text, one a line, and the label of each line.

        Looking through one text takes microseconds, whatever the number of labels.
        """
        found: dict[LabelKind, list[tuple[str, str, int]]] = {kind: [] for kind in LabelKind}
        for place in range(len(self._keys)):
            key = self._keys.read(place)
            kind = _KINDS[key[0]]
            name = get_name(key[1:]) if kind is LabelKind.CATEGORY else key[1:]
            found[kind].append((_fold(name), key[1:], place))
        return {
            kind: (
                "".join(_LINE + name for name, _, _ in sorted(lines)),
                [place for _, _, place in sorted(lines)],
            )
            for kind, lines in found.items()
        }


_SIGNS = {LabelKind.BRAND: "b", LabelKind.CATEGORY: "c"}
_KINDS = {sign: kind for kind, sign in _SIGNS.items()}


def _to_key(label: Label) -> str:
    return _SIGNS[label.kind] + label.text


def _fold(text: str) -> str:
    return fold_accents(" ".join(text.casefold().split()))
