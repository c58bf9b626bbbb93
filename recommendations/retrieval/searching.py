"""A search: from the text that was typed to products with their relevance."""

from collections.abc import Sequence, Set
from typing import NamedTuple

from recommendations.retrieval.curation import NO_CURATION, Curation
from recommendations.retrieval.english_words import is_english
from recommendations.retrieval.meaning import (
    SMALLEST_COSINE,
    SMALLEST_COSINE_WITHOUT_WORDS,
    add_meaning,
)
from recommendations.retrieval.queries import Query, read_query
from recommendations.retrieval.segments import SegmentedIndex
from recommendations.retrieval.sentence_encoder import QueryEncoder

MAX_FOUND = 1_000
SMALLEST_COVERAGE = 0.3
"""Of what the best-covered product has of the query's words, by weight, a product needs this share
to be found. Words in all fields count alike here."""
NAMED_EXACTLY = 1.0
"""The relevance of a product whose SKU, own id, brand or name was typed."""


class Found(NamedTuple):
    """Products, best first, with their relevance in [0, 1], and the query as it was searched.

    The relevance is 1 for what was named exactly, by SKU, own id, brand or name; these products
    stand first. Sold-out products stand last.
    """

    product_ids: Sequence[int]
    relevance: Sequence[float]
    sold_out: Set[int]
    query: Query


def search(
    text: str,
    index: SegmentedIndex,
    *,
    curation: Curation = NO_CURATION,
    is_typing: bool = False,
    mends: bool = True,
    encoder: QueryEncoder | None = None,
) -> Found:
    """Return at most `MAX_FOUND` products that a text finds.

    With `encoder`, its meaning finds products too. See `read_query` for the other arguments.

    Raises:
        EncoderUnavailableError: The encoder does not answer.
    """
    query = read_query(
        text,
        index,
        curation=curation,
        is_typing=is_typing,
        mends=mends,
        is_word=is_english,
    )
    wordings = [query.terms, *query.alternatives]
    matches = index.find_any(wordings, MAX_FOUND)
    if encoder is not None and query.words:
        vector = encoder.encode_query(" ".join(query.words))
        is_known = len(matches.product_ids) > 0
        smallest = SMALLEST_COSINE if is_known else SMALLEST_COSINE_WITHOUT_WORDS
        matches = add_meaning(matches, wordings, index, vector, MAX_FOUND, smallest_cosine=smallest)
    is_covered = matches.coverage >= SMALLEST_COVERAGE * matches.coverage.max(initial=0.0)
    relevance = dict.fromkeys(index.find_by_code(text, is_beginning=is_typing), NAMED_EXACTLY)
    by_words = zip(
        matches.product_ids[is_covered].tolist(),
        matches.relevance[is_covered].tolist(),
        strict=True,
    )
    for product_id, value in by_words:
        relevance.setdefault(product_id, value)
    sold_out = set(matches.product_ids[~matches.in_stock].tolist()) & relevance.keys()
    product_ids = sorted(relevance, key=lambda pk: pk in sold_out and relevance[pk] < NAMED_EXACTLY)
    product_ids = product_ids[:MAX_FOUND]
    return Found(
        product_ids, [relevance[product_id] for product_id in product_ids], sold_out, query
    )
