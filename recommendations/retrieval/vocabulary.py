"""The words of a shop's products as they are written, and how many products have each."""

from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from recommendations.retrieval.text_table import TextTable

LONGEST_WITH_ONE_ERROR = 5
"""A longer word may differ in two letters."""
SHORTEST_CORRECTION = 3
CERTAIN_COUNT = 2
"""A word that so many products have is hardly a misspelling itself."""
MAX_REMEMBERED = 10_000


class Vocabulary:
    """Words in lower case, with accents and without, and the number of products with each."""

    def __init__(self, words: TextTable, counts: NDArray[np.int32]) -> None:
        self.words, self.counts = words, counts
        self.correct = lru_cache(maxsize=MAX_REMEMBERED)(self._correct)

    def count(self, word: str) -> int:
        """Return how many products have the word."""
        row = self.words.find(word)
        return 0 if row is None else int(self.counts[row])

    def list_completions(self, beginning: str, count: int) -> list[tuple[str, int]]:
        """Return the commonest words that begin like this, and how many products have each."""
        found = self.words.find_beginning(beginning)
        counts = self.counts[found.start : found.stop]
        best = np.argsort(-counts, kind="stable")[:count]
        return [(self.words.read(found[row]), int(counts[row])) for row in best.tolist()]

    def _correct(self, word: str) -> str | None:
        """Return the word that was probably meant, None if there is none.

        It differs in one letter, in a longer word in two: one is missing, another, added, or
        swapped with its neighbour. The fewest differences win, then the same first letter, then the
        commonest word.
        """
        limit = 1 if len(word) <= LONGEST_WITH_ONE_ERROR else 2
        best: tuple[bool, int, bool, int, str] | None = None
        for length in range(len(word) - limit, len(word) + limit + 1):
            texts, counts = self._by_length.get(length, ([], []))
            for found, distance, place in process.extract_iter(
                word, texts, scorer=OSA.distance, score_cutoff=limit
            ):
                count = counts[place]
                rank = (count < CERTAIN_COUNT, int(distance), found[0] != word[0], -count, found)
                best = rank if best is None else min(best, rank)
        return None if best is None else best[-1]

    @cached_property
    def _by_length(self) -> dict[int, tuple[list[str], list[int]]]:
        """The words of letters only, and their counts, by length."""
        found: dict[int, tuple[list[str], list[int]]] = {}
        for row in range(len(self.words)):
            word = self.words.read(row)
            if len(word) >= SHORTEST_CORRECTION and word.isalpha():
                words, counts = found.setdefault(len(word), ([], []))
                words.append(word)
                counts.append(int(self.counts[row]))
        return found
