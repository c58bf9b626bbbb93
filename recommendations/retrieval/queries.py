"""Queries: what is looked up for the words that a shopper typed."""

from collections.abc import Sequence
from typing import NamedTuple

from recommendations.retrieval.segments import SegmentedIndex, Terms
from recommendations.retrieval.spelling import join_words, mend_words
from recommendations.retrieval.tokens import split_words

MAX_WORDS = 32
"""A longer query is cut."""
MAX_COMPLETIONS = 50
"""How many words that begin like the one being typed are looked up."""


class Query(NamedTuple):
    """The words that are searched, and what is looked up for them."""

    words: Sequence[str]
    is_mended: bool
    """Whether they are others than those that were typed."""
    terms: Terms


def read_query(
    text: str, index: SegmentedIndex, *, is_typing: bool = False, mends: bool = True
) -> Query:
    """Return the query of a text; its terms are empty if no product has any of the words.

    Args:
        text: What was typed.
        index: The words of the shop.
        is_typing: Whether the last word stands for all words that begin like it.
        mends: Whether words that the shop does not know are split or corrected.
    """
    typed = split_words(text)[:MAX_WORDS]
    last = typed.pop() if is_typing and typed else None
    words = mend_words(typed, index) if mends else typed
    weights: dict[str, float] = {}
    for word in [*words, *join_words(words, index)]:
        weights |= weigh_terms(index, index.tokenizer.stem(word))
    if last is not None:
        weights |= _weigh_completions(index, last)
    in_order = [index.tokenizer.stem(word)[0] for word in words]
    return Query(
        words=words if last is None else [*words, last],
        is_mended=words != typed,
        terms=Terms(weights, in_order),
    )


def weigh_terms(index: SegmentedIndex, terms: Sequence[str]) -> dict[str, float]:
    """Return the inverse document frequencies of the terms that products have."""
    frequencies = {term: index.compute_idf(term) for term in terms}
    return {term: idf for term, idf in frequencies.items() if idf}


def _weigh_completions(index: SegmentedIndex, beginning: str) -> dict[str, float]:
    """Return the terms of the words that begin like this, all with the weight of the commonest.

    A rare completion is no better an answer than a common one.
    """
    words = index.find_completions(beginning, MAX_COMPLETIONS)
    terms = {term for word in [*words, beginning] for term in index.tokenizer.stem(word)}
    weights = weigh_terms(index, sorted(terms))
    return dict.fromkeys(weights, min(weights.values(), default=0.0))
