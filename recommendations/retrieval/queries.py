"""Queries: what is looked up for the words that a shopper typed."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from recommendations.retrieval.curation import NO_CURATION, Curation
from recommendations.retrieval.segments import SegmentedIndex, Terms
from recommendations.retrieval.spelling import join_words, mend_words
from recommendations.retrieval.tokens import split_words

MAX_WORDS = 32
"""A longer query is cut."""
MAX_COMPLETIONS = 50
"""How many words that begin like the one being typed are looked up."""


class Query(NamedTuple):
    """The words that are searched, and what is looked up for them.

    `alternatives` are what is looked up where synonyms take the places of words.
    """

    words: Sequence[str]
    is_mended: bool
    """Whether they are others than those that were typed."""
    terms: Terms
    alternatives: Sequence[Terms]


def read_query(
    text: str,
    index: SegmentedIndex,
    *,
    curation: Curation = NO_CURATION,
    is_typing: bool = False,
    mends: bool = True,
    is_word: Callable[[str], bool] | None = None,
) -> Query:
    """Return the query of a text; its terms are empty if no product has any of the words.

    Args:
        text: What was typed.
        index: The words of the shop.
        curation: The words to ignore and the synonyms.
        is_typing: Whether the last word stands for all words that begin like it.
        mends: Whether words that the shop does not know are split or corrected.
        is_word: Tells real words, which are not corrected.
    """
    typed = split_words(text)[:MAX_WORDS]
    last = [typed.pop()] if is_typing and typed else []
    asked = curation.drop_ignored(typed)
    words: Sequence[str] = asked
    if mends:
        words = mend_words(asked, index, known=curation.list_curated(asked), is_word=is_word)
    terms, *alternatives = [
        _look_up(wording, index, is_typing=bool(last) and wording[-1:] == last)
        for wording in curation.reword([*words, *last])
    ]
    return Query([*words, *last], list(words) != list(asked), terms, alternatives)


def _look_up(words: Sequence[str], index: SegmentedIndex, *, is_typing: bool) -> Terms:
    """Return what is looked up for words; with `is_typing`, the last is the beginning of one."""
    whole = words[:-1] if is_typing else words
    weights: dict[str, float] = {}
    for word in [*whole, *join_words(whole, index)]:
        weights |= weigh_terms(index, index.tokenizer.stem(word))
    if is_typing:
        weights |= _weigh_completions(index, words[-1])
    return Terms(weights, [index.tokenizer.stem(word)[0] for word in whole])


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
