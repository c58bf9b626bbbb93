"""Turns documents into a word index.

Products are scored by BM25F (Robertson, Zaragoza and Taylor 2004): the occurrences of a word are
weighted by their field and divided by the field's relative length, summed over the fields, and
then saturated. So a word in the name says more than the same word in the description, and a word
twice says less than twice as much.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommendations.retrieval.compounds import split_compounds
from recommendations.retrieval.documents import Document
from recommendations.retrieval.label_table import Label, LabelKind, LabelTable
from recommendations.retrieval.text_table import TextTable
from recommendations.retrieval.tokens import Tokenizer, fold_accents, fold_code, split_words
from recommendations.retrieval.vocabulary import Vocabulary
from recommendations.retrieval.word_index import FULL_IMPACT, WordIndex

FIELD_WEIGHTS = {
    "name": 1.0,
    "brand": 0.45,
    "category": 0.3,
    "attributes": 0.15,
    "description": 0.08,
}
"""How much an occurrence says, by field. A word in the name says more than in all other fields."""
K1 = 0.6
"""How soon further occurrences say nothing more."""
B = 0.6
"""How much the length of a field counts."""
PART_WEIGHT = 0.5
"""How much a part of a compound says, compared with a word of its own."""


def build_index(
    documents: Iterable[Document], tokenizer: Tokenizer, whole: WordIndex | None = None
) -> WordIndex:
    """Return the index of these documents, whose product ids rise.

    `whole` is the index of the catalogue where only a part of it is indexed: its fields' lengths
    are compared with, and its words are parts of compounds.
    """
    collected = _CollectedTerms(tokenizer)
    for document in documents:
        collected.add(document)
    return collected.build_index(whole)


class _CollectedTerms:
    """The terms of documents, field by field, before they become arrays."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._product_ids, self._digests = array("q"), array("q")
        self._numbers: dict[str, int] = {}
        self._terms = {name: array("i") for name in FIELD_WEIGHTS}
        self._lengths = {name: array("i") for name in FIELD_WEIGHTS}
        self._words: Counter[str] = Counter()
        self._codes: dict[str, list[int]] = {}
        self._labels: dict[Label, list[int]] = {}

    def add(self, document: Document) -> None:
        row = len(self._product_ids)
        self._product_ids.append(document.product_id)
        self._digests.append(document.compute_digest())
        seen: set[str] = set()
        for name, terms in self._terms.items():
            before = len(terms)
            for word in split_words(getattr(document, name)):
                seen |= {word, fold_accents(word)}
                for term in self._tokenizer.stem(word):
                    terms.append(self._numbers.setdefault(term, len(self._numbers)))
            self._lengths[name].append(len(terms) - before)
        self._words.update(seen)
        for code in {fold_code(code) for code in (*document.codes, document.brand)} - {""}:
            self._codes.setdefault(code, []).append(row)
        if document.brand:
            self._labels.setdefault(Label(LabelKind.BRAND, document.brand), []).append(row)
        for path in dict.fromkeys(document.category_paths):
            self._labels.setdefault(Label(LabelKind.CATEGORY, path), []).append(row)

    def build_index(self, whole: WordIndex | None) -> WordIndex:
        parts = self._list_parts(whole)
        lengths = {name: np.array(self._lengths[name]) for name in FIELD_WEIGHTS}
        mean_lengths = whole.mean_lengths if whole else _compute_means(lengths)
        terms = TextTable.build(self._numbers)
        numbers = [self._numbers[terms.read(row)] for row in range(len(terms))]
        columns = np.empty(len(terms), dtype=np.int32)
        columns[numbers] = np.arange(len(terms))
        placed = {name: columns[np.array(found)] for name, found in self._terms.items()}
        parts_of = {columns[number]: columns[found] for number, found in parts.items()}
        matrix = self._weigh(placed, parts_of, lengths, mean_lengths, len(terms))
        codes = TextTable.build(self._codes)
        in_order = [self._codes[codes.read(code)] for code in range(len(codes))]
        return WordIndex(
            product_ids=np.array(self._product_ids, dtype=np.int64),
            digests=np.array(self._digests, dtype=np.int64),
            terms=terms,
            term_starts=matrix.indptr.astype(np.int64),
            rows=matrix.indices.astype(np.int32),
            impacts=np.rint(FULL_IMPACT * matrix.data / (K1 + matrix.data)).astype(np.uint16),
            names=placed["name"],
            name_starts=_to_starts(lengths["name"]),
            vocabulary=self._count_words(),
            codes=codes,
            code_starts=_to_starts(list(map(len, in_order))),
            code_rows=np.array([row for rows in in_order for row in rows], dtype=np.int32),
            labels=LabelTable.build(self._labels),
            mean_lengths=mean_lengths,
        )

    def _list_parts(self, whole: WordIndex | None) -> dict[int, list[int]]:
        """Return the numbers of the terms that compounds are also found by, by their own."""
        counts = whole.vocabulary.add_counts(self._words) if whole else self._words
        compounds = split_compounds(counts, self._tokenizer)
        parts: dict[int, list[int]] = {}
        for word in self._words.keys() & compounds.keys():
            stems = [stem for each in compounds[word] for stem in each]
            numbers = [self._numbers.setdefault(stem, len(self._numbers)) for stem in stems]
            for own in self._tokenizer.stem(word):
                parts[self._numbers[own]] = numbers
        return parts

    def _count_words(self) -> Vocabulary:
        words = TextTable.build(self._words)
        counts = [self._words[words.read(row)] for row in range(len(words))]
        return Vocabulary(words, np.array(counts, dtype=np.int32))

    def _weigh(
        self,
        terms: Mapping[str, NDArray[np.int32]],
        parts: Mapping[int, NDArray[np.int32]],
        lengths: Mapping[str, NDArray[np.int64]],
        mean_lengths: Mapping[str, float],
        n_terms: int,
    ) -> scipy.sparse.csc_matrix:
        """Return the weighted occurrences before saturation, shape (products, terms)."""
        n_products = len(self._product_ids)
        total = scipy.sparse.csc_matrix((n_products, n_terms), dtype=np.float32)
        for name, weight in FIELD_WEIGHTS.items():
            counts = lengths[name]
            worth = weight / (1 - B + B * counts / mean_lengths[name])
            rows = np.repeat(np.arange(n_products, dtype=np.int32), counts)
            cells = [(worth[rows], rows, terms[name])]
            for place in np.flatnonzero(np.isin(terms[name], list(parts))) if parts else ():
                found = parts[terms[name][place]]
                row = np.full(len(found), rows[place])
                cells.append((PART_WEIGHT * worth[row], row, found))
            values, rows, columns = map(np.concatenate, zip(*cells, strict=True))
            total = total + scipy.sparse.csc_matrix(
                (values.astype(np.float32), (rows, columns)), shape=total.shape
            )
        return total


def _compute_means(lengths: Mapping[str, NDArray[np.int64]]) -> dict[str, float]:
    return {
        name: float(counts[counts > 0].mean()) if counts.any() else 1.0
        for name, counts in lengths.items()
    }


def _to_starts(lengths: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each run begins, and where the last one ends."""
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))
