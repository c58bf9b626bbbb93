"""Items × attributes: the categories, the brand and the words of the name as a sparse matrix."""

import re
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from recommendations.category_paths import LEVEL_SEPARATOR, split_paths
from recommendations.ml.data import Catalogue

WORD = re.compile(r"[^\W_]{2,}")
MAX_DOCUMENT_FREQUENCY = 0.9


def build_attribute_matrix(catalogue: Catalogue) -> sp.csr_array:
    """Return items × attributes, IDF-weighted, each row of Euclidean length 1 or empty.

    Attributes are every level of all category paths, the brand and the words of the name. Two
    groups are left out: attributes of a single item, which make no two items similar, and
    attributes of more than `MAX_DOCUMENT_FREQUENCY` of the items, which make nearly all similar.
    """
    columns: dict[tuple[str, str], int] = {}
    starts = [0]
    cells: list[int] = []
    for item in range(len(catalogue)):
        attributes = _iter_attributes(catalogue, item)
        cells.extend(sorted({columns.setdefault(each, len(columns)) for each in attributes}))
        starts.append(len(cells))
    column_of_cell = np.array(cells, dtype=np.int64)
    matrix = sp.csr_array(
        (np.ones(len(cells)), column_of_cell, np.array(starts)),
        shape=(len(catalogue), len(columns)),
    )
    frequencies = np.bincount(column_of_cell, minlength=len(columns))
    is_used = (frequencies > 1) & (frequencies <= MAX_DOCUMENT_FREQUENCY * len(catalogue))
    idf = np.where(is_used, np.log(len(catalogue) / np.maximum(frequencies, 1)), 0)
    weighted = sp.csr_array(matrix @ sp.diags_array(idf))
    weighted.eliminate_zeros()
    lengths = np.sqrt(np.asarray(weighted.power(2).sum(axis=1)).ravel())
    normalized = sp.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ weighted
    return sp.csr_array(normalized.astype(np.float32))


def _iter_attributes(catalogue: Catalogue, item: int) -> Iterator[tuple[str, str]]:
    for path in split_paths(str(catalogue.categories[item]).casefold()):
        levels = [level for level in path.split(LEVEL_SEPARATOR) if level]
        for depth in range(len(levels)):
            yield "category", LEVEL_SEPARATOR.join(levels[: depth + 1])
    if catalogue.brands[item]:
        yield "brand", str(catalogue.brands[item]).casefold()
    for word in WORD.findall(str(catalogue.names[item]).casefold()):
        yield "word", word
