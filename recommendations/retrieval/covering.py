"""How much of a query a product has: its words, or words that mean nearly the same."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommendations.retrieval.indexing import K1
from recommendations.retrieval.segments import Segment, SegmentedIndex, Terms
from recommendations.retrieval.word_index import FULL_IMPACT
from recommendations.retrieval.word_kernels import cover_terms, find_longest_runs

MOST_COMPARED = 8
"""Of a longer query, the other words of the shop are compared with so many of the rarest words."""
IMPACT_IN_NAME = FULL_IMPACT / (1 + K1)
"""The impact of a word that stands once in a name of mean length."""
NOT_HERE = -1
"""The column of a term that only another segment has."""


def cover_by_meaning(
    index: SegmentedIndex, product_ids: NDArray[np.int64], wordings: Sequence[Terms]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return how much of a query products cover, and how much of it stands in their names in a row.

    Both are in [0, 1], for the wording that suits a product best. A word in the name counts whole,
    and one in another field by its impact. Else the word of the name that is most like it counts.
    """
    coverage, run = np.zeros((2, len(product_ids)), dtype=np.float32)
    for segment in index.segments:
        rows = segment.index.find_rows(product_ids)
        here = np.flatnonzero(rows >= 0)
        here = here[segment.is_current[rows[here]] > 0]
        for terms in wordings if len(here) else ():
            found = _cover(segment, rows[here].astype(np.int32), terms)
            coverage[here], run[here] = map(np.maximum, (coverage[here], run[here]), found)
    return coverage, run


def _cover(
    segment: Segment, rows: NDArray[np.int32], terms: Terms
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    index = segment.index
    # With the idf itself, one rare word would count more than all others.
    weights = {term: float(np.sqrt(idf)) for term, idf in terms.weights.items()}
    columns = {term: column for term in weights if (column := index.terms.find(term)) is not None}
    rarest = sorted(columns, key=lambda term: -weights[term])
    likeness = np.zeros((len(rarest), len(index.terms)), dtype=np.float32)
    if segment.word_vectors is not None:
        for place, term in enumerate(rarest[:MOST_COMPARED]):
            likeness[place] = segment.word_vectors.compare(columns[term])
    coverage = cover_terms(
        rows,
        np.array([columns[term] for term in rarest], dtype=np.int32),
        np.array([weights[term] for term in rarest], dtype=np.float32),
        likeness,
        index.term_starts,
        index.rows,
        index.impacts,
        IMPACT_IN_NAME,
        index.name_starts,
        index.names,
    )
    in_order = [columns.get(term, NOT_HERE) for term in terms.in_order if term in weights]
    runs = find_longest_runs(
        rows, np.array(in_order, dtype=np.int32), index.name_starts, index.names
    )
    return (
        coverage / np.float32(sum(weights.values()) or 1),
        runs.astype(np.float32) / np.float32(max(1, len(in_order))),
    )
