"""What the catalogue says about items, as numbers: categories, brand and the words of names."""

import re
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from recommendations.ml.data import Catalogue

WORD = re.compile(r"[^\W_]{2,}")
PATH = " > "
MOST_COMMON = 0.9


def attribute_matrix(catalogue: Catalogue) -> sp.csr_array:
    """Return items × attributes, IDF-weighted, each row of unit length or empty.

    Attributes are the steps of the category path, the brand and the words of the name. What only
    one item has says nothing about likeness, what nine in ten have next to nothing (an
    "unknown brand", and pairs without number): they are left out.
    """
    columns: dict[tuple[str, str], int] = {}
    starts = [0]
    found: list[int] = []
    for item in range(len(catalogue)):
        found.extend(sorted({columns.setdefault(a, len(columns)) for a in _of(catalogue, item)}))
        starts.append(len(found))
    shape = (len(catalogue), len(columns))
    cells = np.array(found, dtype=np.int64)
    matrix = sp.csr_array((np.ones(len(cells)), cells, np.array(starts)), shape=shape)
    counts = np.bincount(cells, minlength=len(columns))
    telling = (counts > 1) & (counts <= MOST_COMMON * len(catalogue))
    idf = np.where(telling, np.log(len(catalogue) / np.maximum(counts, 1)), 0)
    weighted = sp.csr_array(matrix @ sp.diags_array(idf))
    weighted.eliminate_zeros()
    lengths = np.sqrt(np.asarray(weighted.power(2).sum(axis=1)).ravel())
    of_unit_length = sp.diags_array(1 / np.where(lengths > 0, lengths, 1)) @ weighted
    return sp.csr_array(of_unit_length.astype(np.float32))


def _of(catalogue: Catalogue, item: int) -> Iterator[tuple[str, str]]:
    path = str(catalogue.categories[item]).casefold()
    steps = [step for step in path.split(PATH.casefold()) if step]
    for depth in range(len(steps)):
        yield "category", PATH.join(steps[: depth + 1])
    if catalogue.brands[item]:
        yield "brand", str(catalogue.brands[item]).casefold()
    for word in WORD.findall(str(catalogue.names[item]).casefold()):
        yield "word", word
