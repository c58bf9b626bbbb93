"""The word index: which products have which words, and how much each word says about a product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.retrieval.label_table import LabelTable
from recommendations.retrieval.text_table import TextTable
from recommendations.retrieval.tokens import fold_code
from recommendations.retrieval.vocabulary import Vocabulary
from recommendations.retrieval.word_kernels import add_scores, count_common, count_pairs

MOST_COUNTED = 10_000
"""So many names are read to count how often two words stand side by side."""
FULL_IMPACT = 2**16 - 1
"""The impact of a word that a product could not have more of."""


@dataclass(frozen=True, eq=False)
class WordIndex:
    """An immutable index of documents.

    The impact of a term on a product is in [0, 1], stored in 16 bits: rows and impacts are the
    columns of a sparse matrix of products and terms. `names` has the terms of the names, in order.
    `product_ids` rise.
    """

    product_ids: NDArray[np.int64]
    digests: NDArray[np.int64]
    terms: TextTable
    term_starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    impacts: NDArray[np.uint16]
    names: NDArray[np.int32]
    name_starts: NDArray[np.int64]
    vocabulary: Vocabulary
    codes: TextTable
    code_starts: NDArray[np.int64]
    code_rows: NDArray[np.int32]
    labels: LabelTable
    mean_lengths: Mapping[str, float]

    def get_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything but the mean lengths, as arrays by name."""
        return {
            **{name: getattr(self, name) for name in _ARRAYS},
            **self.terms.get_arrays("terms"),
            **self.codes.get_arrays("codes"),
            **self.labels.get_arrays(),
            **self.vocabulary.words.get_arrays("words"),
            "word_counts": self.vocabulary.counts,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], mean_lengths: Mapping[str, float]
    ) -> "WordIndex":
        """Return the index of these arrays; KeyError if one is missing."""
        words = TextTable.from_arrays("words", arrays)
        return cls(
            terms=TextTable.from_arrays("terms", arrays),
            codes=TextTable.from_arrays("codes", arrays),
            vocabulary=Vocabulary(words, arrays["word_counts"]),
            labels=LabelTable.from_arrays(arrays),
            mean_lengths=mean_lengths,
            **{name: arrays[name] for name in _ARRAYS},
        )

    def __len__(self) -> int:
        return len(self.product_ids)

    def find_rows(self, product_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of products; -1 for one that the index does not have."""
        if not len(self):
            return np.full(len(product_ids), -1)
        rows = np.searchsorted(self.product_ids, product_ids).clip(max=len(self) - 1)
        return np.where(self.product_ids[rows] == product_ids, rows, -1)

    def count_products(self, term: str) -> int:
        """Return how many products have the term."""
        column = self.terms.find(term)
        return 0 if column is None else int(self.term_starts[column + 1] - self.term_starts[column])

    def score(
        self, weights: Mapping[str, float]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the scores of all products for weighted terms, and the weights that they have.

        Both have the shape (products,). A score is the sum of weights times impacts.
        """
        scores, matched = np.zeros((2, len(self)), dtype=np.float32)
        columns = {self.terms.find(term): weight for term, weight in weights.items()}
        known = {column: weight for column, weight in columns.items() if column is not None}
        if known:
            add_scores(
                scores,
                matched,
                np.array(list(known), dtype=np.int32),
                np.array(list(known.values()), dtype=np.float32),
                self.term_starts,
                self.rows,
                self.impacts,
            )
        return scores / np.float32(FULL_IMPACT), matched

    def list_impacts(self, row: int) -> list[tuple[str, float]]:
        """Return the terms of the product of a row, each with its impact in [0, 1]."""
        cells = np.flatnonzero(self.rows == row)
        columns = np.searchsorted(self.term_starts, cells, side="right") - 1
        impacts = self.impacts[cells] / FULL_IMPACT
        return [
            (self.terms.read(column), impact)
            for column, impact in zip(columns.tolist(), impacts.tolist(), strict=True)
        ]

    def count_pairs(
        self, rows: NDArray[np.int32], pairs: Sequence[tuple[str, str]]
    ) -> NDArray[np.int32]:
        """Return how many pairs of terms stand side by side in the names of products."""
        columns = [(self.terms.find(first), self.terms.find(second)) for first, second in pairs]
        known = [pair for pair in columns if None not in pair]
        if not known:
            return np.zeros(len(rows), dtype=np.int32)
        counts: NDArray[np.int32] = count_pairs(
            rows, np.array(known, dtype=np.int32), self.name_starts, self.names
        )
        return counts

    def count_side_by_side(self, first: str, second: str) -> int:
        """Return in how many names the second term follows the first.

        Of the names with the rarer term, `MOST_COUNTED` are read.
        """
        rows = min(self._find_term(first), self._find_term(second), key=len)[:MOST_COUNTED]
        return int(self.count_pairs(rows, [(first, second)]).sum())

    def has_together(self, first: str, second: str) -> bool:
        """Return whether a product has both terms."""
        return count_common(self._find_term(first), self._find_term(second), 1) > 0

    def is_name(self, rows: NDArray[np.int32], terms: Sequence[str]) -> NDArray[np.bool_]:
        """Return whether the names of products are exactly these terms in this order."""
        wanted = [self.terms.find(term) for term in terms]
        starts, ends = self.name_starts[rows], self.name_starts[rows + 1]
        found: NDArray[np.bool_] = ends - starts == len(wanted)
        for place, column in enumerate(wanted):
            found[found] = column is not None and self.names[starts[found] + place] == column
        return found

    def find_code(self, text: str) -> NDArray[np.int32]:
        """Return the rows of the products that have exactly this SKU, own id or brand."""
        code = self.codes.find(fold_code(text))
        return self._read_code_rows(range(0) if code is None else range(code, code + 1))

    def find_code_beginning(self, text: str) -> NDArray[np.int32]:
        """Return the rows of the products with a SKU, own id or brand that begins like this."""
        code = fold_code(text)
        return self._read_code_rows(self.codes.find_beginning(code) if code else range(0))

    def _find_term(self, term: str) -> NDArray[np.int32]:
        column = self.terms.find(term)
        if column is None:
            return self.rows[:0]
        return self.rows[self.term_starts[column] : self.term_starts[column + 1]]

    def _read_code_rows(self, codes: range) -> NDArray[np.int32]:
        return self.code_rows[self.code_starts[codes.start] : self.code_starts[codes.stop]]


_ARRAYS = (
    *("product_ids", "digests", "term_starts", "rows", "impacts", "names", "name_starts"),
    *("code_starts", "code_rows"),
)
