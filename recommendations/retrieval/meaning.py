"""Meaning beside words: products whose vectors are near that of the query."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommendations.retrieval.covering import cover_by_meaning
from recommendations.retrieval.neighbours import lift_neighbours, spread_doubles
from recommendations.retrieval.segments import Matches, Segment, SegmentedIndex, Terms
from recommendations.retrieval.vector_kernels import LENGTH, multiply

MOST_NEAR = 150
"""So many products at most are found by meaning alone."""
SMALLEST_COSINE = 0.3
"""A product that is farther from the query is not found by meaning alone."""
SMALLEST_COSINE_WITHOUT_WORDS = 0.42
"""The same if no product has any word of the query: such a text may be a slip of the hand, and
everything has a meaning to the encoder."""
SMALLEST_BEST = 0.3
"""The relevance by words that others are compared with at least: where a word stands in
descriptions alone, what has it there is no perfect match."""
WORDS_WEIGHT, COSINE_WEIGHT, COVERAGE_WEIGHT, RUN_WEIGHT = 0.5, 0.5, 0.7, 0.1


def add_meaning(
    matches: Matches,
    wordings: Sequence[Terms],
    index: SegmentedIndex,
    vector: NDArray[np.int8],
    k: int,
    *,
    smallest_cosine: float = SMALLEST_COSINE,
) -> Matches:
    """Return the k best products by words and meaning.

    The relevance is a weighted mean of that by words, as a share of the best one's, the cosine,
    and how much of the query is covered and stands in the name in a row. Then a product is lifted
    by its nearest neighbours among the best, and lowered if it is much like a better one. What is
    near has the best coverage: its words need not be the query's.

    Args:
        matches: What the words found.
        wordings: What was looked up for them.
        index: The products.
        vector: The vector of the query.
        k: How many products to return at most.
        smallest_cosine: From which cosine on a product is found by meaning alone.
    """
    cosines = [compute_cosines(segment, vector) for segment in index.segments]
    near = [
        _take_near(segment, found, smallest_cosine)
        for segment, found in zip(index.segments, cosines, strict=True)
    ]
    new = np.concatenate([matches.product_ids[:0], *near])
    new = new[~np.isin(new, matches.product_ids)]
    product_ids = np.concatenate([matches.product_ids, new])
    padding = (0, len(new))
    is_exact = matches.relevance == 1
    best = matches.relevance[~is_exact].max(initial=SMALLEST_BEST)
    by_words = np.pad(matches.relevance / best, padding).clip(max=1)
    by_meaning, in_stock = np.zeros((2, len(product_ids)), dtype=np.float32)
    for segment, found in zip(index.segments, cosines, strict=True):
        rows = segment.index.find_rows(product_ids)
        here = rows >= 0
        here[here] = segment.is_current[rows[here]] > 0
        by_meaning[here] = found[rows[here]].clip(0)
        in_stock[here] = segment.in_stock[rows[here]]
    covered, run = cover_by_meaning(index, product_ids, wordings)
    relevance = (
        WORDS_WEIGHT * by_words
        + COSINE_WEIGHT * by_meaning
        + COVERAGE_WEIGHT * covered
        + RUN_WEIGHT * run
    ) / (WORDS_WEIGHT + COSINE_WEIGHT + COVERAGE_WEIGHT + RUN_WEIGHT)
    relevance = lift_neighbours(relevance, product_ids, index)
    # What is named exactly stays so.
    exact_rows = np.flatnonzero(is_exact)
    relevance[exact_rows] = 1
    relevance = spread_doubles(relevance, product_ids, index)
    relevance[exact_rows] = 1
    order = np.lexsort((-product_ids, -relevance))[:k]
    coverage = np.where(
        by_meaning >= smallest_cosine,
        matches.coverage.max(initial=0.0) or 1.0,
        np.pad(matches.coverage, padding),
    )
    return Matches(
        product_ids[order],
        relevance[order].astype(np.float32),
        coverage[order].astype(np.float32),
        in_stock[order] > 0,
    )


def compute_cosines(segment: Segment, vector: NDArray[np.int8]) -> NDArray[np.float32]:
    """Return the cosines of all products; 0 for one without a vector."""
    if segment.vectors is None:
        return np.zeros(len(segment.index), dtype=np.float32)
    products: NDArray[np.float32] = multiply(segment.vectors, vector.astype(np.float32))
    products /= np.float32(LENGTH**2)
    return products


def _take_near(
    segment: Segment, cosines: NDArray[np.float32], smallest: float
) -> NDArray[np.int64]:
    """Return the nearest products on sale."""
    found = np.flatnonzero((cosines >= smallest) & (segment.is_current > 0))
    if len(found) > MOST_NEAR:
        found = found[np.argpartition(-cosines[found], MOST_NEAR)[:MOST_NEAR]]
    return segment.index.product_ids[found]
