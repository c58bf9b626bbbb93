"""Meaning beside words: products whose vectors are near that of the query."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.retrieval.segments import Matches, Segment, SegmentedIndex

MOST_NEAR = 150
"""So many products at most are found by meaning alone."""
SMALLEST_COSINE = 0.3
"""A product that is farther from the query is not found by meaning alone."""
WORDS_WEIGHT, COSINE_WEIGHT, COVERAGE_WEIGHT = 0.5, 0.5, 0.2
COMPARED = 150
"""So many of the best products are compared with each other."""
NEIGHBOURS, LIFT = 5, 0.3
"""A product comes nearer to the mean relevance of its nearest neighbours by this share, if that is
above its own: products of a kind are found together."""
LENGTH = float(np.iinfo(np.int8).max)
"""The length of the stored vectors."""


def add_meaning(
    matches: Matches, index: SegmentedIndex, vector: NDArray[np.int8], k: int
) -> Matches:
    """Return the k best products by words and meaning.

    The relevance is a weighted mean of that by words, as a share of the best one's, the cosine and
    the coverage, and a product is lifted by its nearest neighbours among the best. What is near has
    the best coverage: its words need not be the query's.
    """
    cosines = [compute_cosines(segment, vector) for segment in index.segments]
    near = [_take_near(*pair) for pair in zip(index.segments, cosines, strict=True)]
    new = np.concatenate([matches.product_ids[:0], *near])
    new = new[~np.isin(new, matches.product_ids)]
    product_ids = np.concatenate([matches.product_ids, new])
    padding = (0, len(new))
    is_exact = matches.relevance == 1
    best = matches.relevance[~is_exact].max(initial=0.0) or 1.0
    by_words = np.pad(matches.relevance / best, padding).clip(max=1)
    by_meaning, in_stock = np.zeros((2, len(product_ids)), dtype=np.float32)
    for segment, found in zip(index.segments, cosines, strict=True):
        rows = segment.index.find_rows(product_ids)
        here = rows >= 0
        here[here] = segment.is_current[rows[here]] > 0
        by_meaning[here] = found[rows[here]].clip(0)
        in_stock[here] = segment.in_stock[rows[here]]
    relevance = (
        WORDS_WEIGHT * by_words
        + COSINE_WEIGHT * by_meaning
        + COVERAGE_WEIGHT * np.pad(matches.coverage, padding)
    ) / (WORDS_WEIGHT + COSINE_WEIGHT + COVERAGE_WEIGHT)
    relevance = _lift_neighbours(relevance, product_ids, index)
    # What is named exactly stays so.
    relevance[: len(is_exact)][is_exact] = 1
    order = np.lexsort((-product_ids, -relevance))[:k]
    coverage = np.where(
        by_meaning >= SMALLEST_COSINE,
        matches.coverage.max(initial=0.0) or 1.0,
        np.pad(matches.coverage, padding),
    )
    return Matches(
        product_ids[order],
        relevance[order].astype(np.float32),
        coverage[order].astype(np.float32),
        in_stock[order] > 0,
    )


def _lift_neighbours(
    relevance: NDArray[np.float32], product_ids: NDArray[np.int64], index: SegmentedIndex
) -> NDArray[np.float32]:
    """Return the relevance with that of the best products moved towards their neighbours'.

    Similar documents are relevant to the same queries (Jardine and van Rijsbergen 1971); scores are
    smoothed among the best as Diaz (2005) does, but only upwards, so that the one product that was
    meant stays where it is.
    """
    best = np.argsort(-relevance, kind="stable")[:COMPARED]
    vectors = index.get_vectors(product_ids[best]).astype(np.float32)
    best, vectors = best[vectors.any(axis=1)], vectors[vectors.any(axis=1)]
    if len(best) <= NEIGHBOURS:
        return relevance
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    nearest = np.argpartition(-similarity, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    of_neighbours = relevance[best][nearest].mean(axis=1)
    lifted = relevance.copy()
    lifted[best] += LIFT * (of_neighbours - relevance[best]).clip(0)
    return lifted


def compute_cosines(segment: Segment, vector: NDArray[np.int8]) -> NDArray[np.float32]:
    """Return the cosines of all products; 0 for one without a vector."""
    if segment.vectors is None:
        return np.zeros(len(segment.index), dtype=np.float32)
    products: NDArray[np.float32] = multiply(segment.vectors, vector.astype(np.float32))
    products /= np.float32(LENGTH**2)
    return products


def _take_near(segment: Segment, cosines: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the nearest products on sale."""
    found = np.flatnonzero((cosines >= SMALLEST_COSINE) & (segment.is_current > 0))
    if len(found) > MOST_NEAR:
        found = found[np.argpartition(-cosines[found], MOST_NEAR)[:MOST_NEAR]]
    return segment.index.product_ids[found]


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def multiply(vectors: NDArray[np.int8], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the products of whole numbers of a vector with each of the vectors.

    Sums of 384 products of int8 are exact in float32, whatever their order, and so are three times
    as fast as in whole numbers, which Numba widens to 64 bits.
    """
    found = np.empty(len(vectors), dtype=np.float32)
    for row in range(len(vectors)):
        total = np.float32(0)
        for column in range(len(vector)):
            total += np.float32(vectors[row, column]) * vector[column]
        found[row] = total
    return found
