"""Spelling by the shop's own words: a word that no product has is split or corrected.

A word that the shop knows is never altered.
"""

from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

from recommendations.retrieval.compounds import list_splits
from recommendations.retrieval.segments import SegmentedIndex

SHORTEST_UNKNOWN = 4
SHORTEST_PART = 3
COMMON_COUNT = 3
"""Both parts of a word are words of the shop if so many products have each."""
COMMON_PAIR = 2
"""Two words belong together if they stand side by side in so many names."""


def mend_words(
    words: Sequence[str],
    index: SegmentedIndex,
    *,
    known: Collection[str] = (),
    is_word: Callable[[str], bool] | None = None,
) -> list[str]:
    """Return the words with each unknown one split or corrected, if the shop has what it means.

    `known` are words that are left alone although no product has them. What `is_word` knows as a
    word is split, but not corrected.
    """
    mended: list[str] = []
    for word in words:
        if word not in known and is_unknown(word, index):
            mended += (
                split_word(word, index)
                or split_compound(word, index)
                or (correct_word(word, index) if is_word is None or not is_word(word) else [])
                or [word]
            )
        else:
            mended.append(word)
    return mended


def is_unknown(word: str, index: SegmentedIndex) -> bool:
    """Return whether no product has the word, and it is long enough to be a misspelling."""
    return len(word) >= SHORTEST_UNKNOWN and word.isalpha() and not index.knows(word)


def split_word(word: str, index: SegmentedIndex) -> list[str]:
    """Return the two words that were written as one: they stand side by side in names."""
    splits = []
    for place in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        parts = [word[:place], word[place:]]
        if all(index.count_word(part) >= COMMON_COUNT for part in parts):
            count = index.count_side_by_side(*parts)
            if count >= COMMON_PAIR:
                splits.append((count, parts))
    return max(splits)[1] if splits else []


def split_compound(word: str, index: SegmentedIndex) -> list[str]:
    """Return the two parts of a compound that a product has both; the longest first part wins."""
    for first, last in list_splits(word):
        if index.knows(last) and index.has_together(first, last):
            return [first, last]
    return []


def correct_word(word: str, index: SegmentedIndex) -> list[str]:
    """Return the word of the shop that was probably meant."""
    found = index.correct(word)
    return [] if found is None else [found]


def join_words(words: Sequence[str], index: SegmentedIndex) -> list[str]:
    """Return the words of the shop that two neighbours are when written as one."""
    joined = [first + second for first, second in pairwise(words)]
    return [word for word in joined if word.isalpha() and index.count_word(word) >= COMMON_PAIR]
