"""The words of a shop's products as they are written, and how many products have each."""

import re
from collections.abc import Mapping
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
_SOUNDS = {letter: alike for alike in ("ckq", "fv", "gj", "sz") for letter in alike}
"""The letters that sound alike: they are mistaken for each other even as the first one."""
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
"""The rows of a keyboard; a row begins half a key to the right of the row above it."""
_DOUBLE, _VOWELS = re.compile(r"(.)\1"), re.compile("[aeiouyäöü]")


class Vocabulary:
    """Words in lower case, with accents and without, and the number of products with each."""

    def __init__(self, words: TextTable, counts: NDArray[np.int32]) -> None:
        self.words, self.counts = words, counts
        self.correct = lru_cache(maxsize=MAX_REMEMBERED)(self._correct)

    def count(self, word: str) -> int:
        """Return how many products have the word."""
        row = self.words.find(word)
        return 0 if row is None else int(self.counts[row])

    def add_counts(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return how many products have each word, those of another index included."""
        known = {self.words.read(row): int(count) for row, count in enumerate(self.counts)}
        return known | {word: count + known.get(word, 0) for word, count in counts.items()}

    def list_completions(self, beginning: str, count: int) -> list[tuple[str, int]]:
        """Return the commonest words that begin like this, and how many products have each."""
        found = self.words.find_beginning(beginning)
        counts = self.counts[found.start : found.stop]
        best = np.argsort(-counts, kind="stable")[:count]
        return [(self.words.read(found[row]), int(counts[row])) for row in best.tolist()]

    def _correct(self, word: str) -> str | None:
        """Return the word that was probably meant, None if there is none.

        It differs in one letter, in a longer word in two: one is missing, another, added, or
        swapped with its neighbour. With two differences, the first letter is the same or sounds
        alike. In a short word, no letter stands for one that is not mistaken for it: German `Tasse`
        is not `taste`. The least cost wins, then the same first letter, then the commonest word.
        """
        limit = 1 if len(word) <= LONGEST_WITH_ONE_ERROR else 2
        candidates = [
            (found, int(distance))
            for letter in _SOUNDS.get(word[0], word[0])
            for length in range(len(word) - limit, len(word) + limit + 1)
            for found, distance, _ in process.extract_iter(
                word,
                self._by_beginning.get((letter, length), ()),
                scorer=OSA.distance,
                score_cutoff=limit,
            )
        ]
        candidates += [(found, 1) for found in self._list_other_beginnings(word)]
        if limit == 1:
            candidates = [one for one in candidates if _is_likely_slip(word, one[0])]
        ranks = [
            (
                self.count(found) < CERTAIN_COUNT,
                distance + _compute_extra_cost(word, found),
                found[0] != word[0],
                -self.count(found),
                found,
            )
            for found, distance in candidates
        ]
        return min(ranks)[-1] if ranks else None

    def _list_other_beginnings(self, word: str) -> list[str]:
        """Return the words with another first letter that differ in the beginning alone."""
        others = {word[1:], word[1] + word[0] + word[2:]}
        for letter in self._first_letters:
            others |= {letter + word[1:], letter + word}
        return [
            one
            for one in others
            if len(one) >= SHORTEST_CORRECTION
            and one[0] != word[0]
            and one.isalpha()
            and self.words.find(one) is not None
        ]

    @cached_property
    def _by_beginning(self) -> dict[tuple[str, int], list[str]]:
        """The words of letters only, by first letter and length."""
        found: dict[tuple[str, int], list[str]] = {}
        for row in range(len(self.words)):
            word = self.words.read(row)
            if len(word) >= SHORTEST_CORRECTION and word.isalpha():
                found.setdefault((word[0], len(word)), []).append(word)
        return found

    @cached_property
    def _first_letters(self) -> frozenset[str]:
        return frozenset(letter for letter, _ in self._by_beginning)

    def warm_up(self) -> None:
        """Prepare for the first correction, which otherwise takes long."""
        _ = self._first_letters


def _is_likely_slip(typed: str, meant: str) -> bool:
    """Return whether words of one difference differ in what people mistake.

    That is a letter too few or too many, swapped neighbours, a vowel for a vowel, letters that
    sound alike or are neighbours on the keyboard.
    """
    changed = [pair for pair in zip(typed, meant, strict=False) if pair[0] != pair[1]]
    if len(typed) != len(meant) or len(changed) != 1:
        return True
    (letters,) = changed
    return (
        all(_VOWELS.match(letter) for letter in letters)
        or letters[1] in _SOUNDS.get(letters[0], "")
        or _is_near_key(*letters)
    )


def _is_near_key(one: str, other: str) -> bool:
    places = [
        (row, 2 * keys.index(letter) + row)
        for letter in (one, other)
        for row, keys in enumerate(_KEYS)
        if letter in keys
    ]
    if len(places) < len((one, other)):
        return False
    (row, place), (other_row, other_place) = places
    return abs(row - other_row) <= 1 and abs(place - other_place) <= 2


def _compute_extra_cost(typed: str, meant: str) -> float:
    """Return half of the differences that remain without double letters and without vowels.

    Double letters and vowels are what people mistake most: `shirrt` is `shirt` and not `skirt`.
    """
    single = OSA.distance(_DOUBLE.sub(r"\1", typed), _DOUBLE.sub(r"\1", meant))
    consonants = OSA.distance(*(text[0] + _VOWELS.sub("", text[1:]) for text in (typed, meant)))
    return 0.5 * single + 0.5 * consonants
