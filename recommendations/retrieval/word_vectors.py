"""Vectors of a shop's own words: which words of its products mean nearly the same."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.retrieval.tokens import Tokenizer
from recommendations.retrieval.vector_kernels import LENGTH, multiply
from recommendations.retrieval.word_index import WordIndex

MOST_WORDS = 20_000
"""The words of the most products have vectors: so many at most, 384 bytes each."""
COMMON_COUNT, SHORTEST_WORD = 2, 3
"""A rarer or shorter word has none: it is a name, an abbreviation or a misspelling."""
SMALLEST_COSINE = 0.5
"""Words whose vectors are farther apart have nothing in common."""


@dataclass(frozen=True, slots=True, eq=False)
class WordVectors:
    """The vectors of the terms of a word index.

    `vectors` has the shape (vectors, dimensions). `rows` has the row of each term, -1 for a term
    without a vector.
    """

    vectors: NDArray[np.int8]
    rows: NDArray[np.int32]

    @classmethod
    def build(
        cls, columns: Collection[int], vectors: NDArray[np.int8], n_terms: int
    ) -> "WordVectors":
        """Return the vectors of the terms of these columns, in their order; all zeros is none."""
        has_vector = vectors.any(axis=1)
        rows = np.full(n_terms, -1, dtype=np.int32)
        rows[np.array(list(columns), dtype=np.int64)[has_vector]] = np.arange(has_vector.sum())
        return cls(vectors[has_vector], rows)

    def get_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name."""
        return {"word_vectors": self.vectors, "word_vector_rows": self.rows}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "WordVectors | None":
        """Return the vectors that `get_arrays` described; None where there are none."""
        if "word_vectors" not in arrays:
            return None
        return cls(arrays["word_vectors"], arrays["word_vector_rows"])

    def compare(self, column: int) -> NDArray[np.float32]:
        """Return the likeness of a term and each term, in [0, 1]; 0 without vectors of both.

        It is 0 up to `SMALLEST_COSINE`, and rises to 1 from there on.
        """
        row = self.rows[column]
        if row < 0:
            return np.zeros(len(self.rows), dtype=np.float32)
        cosines = multiply(self.vectors, self.vectors[row].astype(np.float32)) / LENGTH**2
        likeness = ((cosines - SMALLEST_COSINE) / (1 - SMALLEST_COSINE)).clip(0, 1)
        compared: NDArray[np.float32] = np.append(likeness, np.float32(0))[self.rows]
        return compared


def choose_words(index: WordIndex, tokenizer: Tokenizer) -> dict[int, str]:
    """Return the commonest word of each term, by the term's column, in the order of the columns."""
    vocabulary = index.vocabulary
    by_term: dict[int, str] = {}
    for row in np.argsort(-vocabulary.counts, kind="stable").tolist():
        if vocabulary.counts[row] < COMMON_COUNT or len(by_term) >= MOST_WORDS:
            break
        word = vocabulary.words.read(row)
        if len(word) >= SHORTEST_WORD and word.isalpha():
            column = index.terms.find(tokenizer.stem(word)[0])
            if column is not None:
                by_term.setdefault(column, word)
    return dict(sorted(by_term.items()))
