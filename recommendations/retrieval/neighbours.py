"""Products that are found together: neighbours lift each other, and near doubles stand apart."""

import numpy as np
from numpy.typing import NDArray

from recommendations.retrieval.segments import SegmentedIndex
from recommendations.retrieval.vector_kernels import LENGTH, spread

COMPARED = 150
"""So many of the best products are compared with each other."""
NEIGHBOURS, LIFT = 5, 0.5
"""A product comes nearer to the mean relevance of its nearest neighbours by this share, if that is
above its own: products of a kind are found together."""
SPREAD = 50
"""So many of the best products are spread."""
DOUBLE_COSINE, DOUBLE_COST = 0.8, 0.03
"""From this cosine on, a product stands the lower the more it is like a better one: one that is the
same costs it so much relevance."""


def lift_neighbours(
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


def spread_doubles(
    relevance: NDArray[np.float32], product_ids: NDArray[np.int64], index: SegmentedIndex
) -> NDArray[np.float32]:
    """Return the relevance with less for those of the best products that are like a better one.

    Ten variants of one lamp fill no first page: this is maximal marginal relevance (Carbonell and
    Goldstein 1998) for near doubles alone.
    """
    best = np.lexsort((-product_ids, -relevance))[:SPREAD]
    vectors = index.get_vectors(product_ids[best]).astype(np.float32) / np.float32(LENGTH)
    likeness = ((vectors @ vectors.T - DOUBLE_COSINE) / (1 - DOUBLE_COSINE)).clip(0, 1)
    apart = relevance.copy()
    apart[best] = spread(relevance[best], likeness, DOUBLE_COST).clip(0)
    return apart
