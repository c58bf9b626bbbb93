"""Products like one: by words, and by meaning and looks where both have a vector."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recommendations.retrieval.meaning import compute_cosines
from recommendations.retrieval.picture_vectors import PictureVectors
from recommendations.retrieval.segments import Segment, SegmentedIndex, take_best

COSINE_WEIGHT = 0.3
"""How much of the likeness by text the cosine of meanings decides; the words decide the rest."""
PICTURE_WEIGHT = 0.2
"""How much of the likeness the cosine of the pictures decides; the text decides the rest."""


def find_like(
    index: SegmentedIndex,
    product_id: int,
    weights: Mapping[str, float],
    k: int,
    *,
    least: float = 0.0,
    by_meaning: bool = True,
    pictures: PictureVectors | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the k products on sale that are most like another one, and their likeness in [0, 1].

    By words, the likeness is how much a product has of the other's terms, weighted, as a share of
    what the other has itself. The cosines of vectors and `pictures` count where both have one. A
    likeness of 0, or below `least`, is none. Ties go to the higher id.
    There are no products like one that is not on sale or has none of the terms.
    """
    nothing = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
    if not weights or not index.segments:
        return nothing
    product_ids = np.concatenate([one.index.product_ids for one in index.segments])
    scores = np.concatenate(
        [one.index.score(weights)[0] * one.is_current for one in index.segments]
    )
    own = scores[product_ids == product_id].max(initial=0)
    if not own:
        return nothing
    likeness = (scores / own).clip(max=1)
    vector = index.get_vectors(np.array([product_id]))[0]
    if by_meaning and vector.any():
        cosines = np.concatenate([_read_cosines(one, vector) for one in index.segments])
        blended = (1 - COSINE_WEIGHT) * likeness + COSINE_WEIGHT * cosines.clip(0)
        likeness = np.where(np.isnan(cosines), likeness, blended)
    if pictures is not None:
        likeness = _add_looks(likeness, pictures.compare(product_id, product_ids))
    is_like = (likeness > 0) & (likeness >= least) & (product_ids != product_id)
    rows = take_best(np.flatnonzero(is_like).astype(np.int32), likeness, k)
    rows = rows[np.lexsort((-product_ids[rows], -likeness[rows]))][:k]
    return product_ids[rows], likeness[rows]


def _add_looks(
    likeness: NDArray[np.float32], cosines: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    if cosines is None:
        return likeness
    blended = (1 - PICTURE_WEIGHT) * likeness + PICTURE_WEIGHT * cosines.clip(0)
    return np.where(np.isnan(cosines), likeness, blended)


def _read_cosines(segment: Segment, vector: NDArray[np.int8]) -> NDArray[np.float32]:
    """Return the cosines of all products; NaN for one without a vector or not on sale."""
    cosines = compute_cosines(segment, vector)
    cosines[segment.is_current == 0] = np.nan
    zeros = np.flatnonzero(cosines == 0)
    if segment.vectors is None:
        cosines[zeros] = np.nan
    else:
        cosines[zeros[~segment.vectors[zeros].any(axis=1)]] = np.nan
    return cosines
