"""German compounds: one word that is made of two, perhaps with a link between them."""

from collections.abc import Iterator, Mapping

from recommendations.retrieval.tokens import Tokenizer

LANGUAGE = "de"
SHORTEST_PART = 4
LINKS = ("", "s", "es", "n", "en")
"""What German puts between the parts of a compound."""
COMMON_COUNT = 2
"""A part of an indexed compound is a word that so many products have."""


def list_splits(word: str) -> Iterator[tuple[str, str]]:
    """Yield the two parts that a word may be made of; the longest first part comes first."""
    for place in range(len(word) - SHORTEST_PART, SHORTEST_PART - 1, -1):
        first, last = word[:place], word[place:]
        for link in LINKS:
            stem = first.removesuffix(link)
            if len(stem) >= SHORTEST_PART and first.endswith(link):
                yield stem, last


def split_compounds(
    counts: Mapping[str, int], tokenizer: Tokenizer
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the stems of both parts of the words that are made of two others.

    `counts` says how many products have each word; parts are common words of these, in any
    inflection. There are none where nothing is in German.
    """
    if LANGUAGE not in tokenizer.languages:
        return {}
    products_of: dict[str, int] = {}
    for word, count in counts.items():
        for stem in tokenizer.stem(word):
            products_of[stem] = products_of.get(stem, 0) + count
    found = {}
    for word in counts:
        if len(word) < 2 * SHORTEST_PART or not word.isalpha():
            continue
        for parts in list_splits(word):
            stems = tuple(tokenizer.stem(part) for part in parts)
            if all(products_of.get(each[0], 0) >= COMMON_COUNT for each in stems):
                found[word] = stems
                break
    return found
