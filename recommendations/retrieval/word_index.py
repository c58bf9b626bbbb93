"""The word index: which products have which words, and how much each word says about a product.

Products are scored by BM25F (Robertson, Zaragoza and Taylor 2004): the occurrences of a word are
weighted by their field and divided by the field's relative length, summed over the fields, and
then saturated. So a word in the name says more than the same word in the description, and a word
twice says less than twice as much.
"""

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommendations.retrieval.compounds import split_compounds
from recommendations.retrieval.label_table import Label, LabelKind, LabelTable
from recommendations.retrieval.text_table import TextTable
from recommendations.retrieval.tokens import Tokenizer, fold_accents, fold_code, split_words
from recommendations.retrieval.vocabulary import Vocabulary
from recommendations.retrieval.word_kernels import add_scores, count_common, count_pairs

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
MOST_COUNTED = 10_000
"""So many names are read to count how often two words stand side by side."""
FULL_IMPACT = 2**16 - 1
"""The impact of a word that a product could not have more of."""


class Document(NamedTuple):
    """What is searched of a product, by field. `codes` are its SKUs and own ids.

    The brand counts as a code too: both name products exactly. `category_paths` has the paths of
    all its categories and of the levels above them, which are suggested.
    """

    product_id: int
    name: str
    brand: str = ""
    category: str = ""
    attributes: str = ""
    description: str = ""
    codes: Sequence[str] = ()
    category_paths: Sequence[str] = ()

    def compute_digest(self) -> int:
        """Return a number that differs for documents that differ."""
        content = repr(tuple(self)).encode()
        return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big", signed=True)


@dataclass(frozen=True, eq=False)
class WordIndex:
    """An immutable index of documents.

    The impact of a term on a product is in [0, 1], stored in 16 bits: rows and impacts are the
    columns of a sparse matrix of products and terms. `names` has the terms of the names, in order.
    `product_ids` rise.
    """

    product_ids: NDArray[np.int64]
    digests: NDArray[np.int64]
    terms: TextTable
    term_starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    impacts: NDArray[np.uint16]
    names: NDArray[np.int32]
    name_starts: NDArray[np.int64]
    vocabulary: Vocabulary
    codes: TextTable
    code_starts: NDArray[np.int64]
    code_rows: NDArray[np.int32]
    labels: LabelTable
    mean_lengths: Mapping[str, float]

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        tokenizer: Tokenizer,
        whole: "WordIndex | None" = None,
    ) -> "WordIndex":
        """Return the index of these documents, whose product ids rise.

        `whole` is the index of the catalogue where only a part of it is indexed: its fields'
        lengths are compared with, and its words are parts of compounds.
        """
        collected = _Collected(tokenizer)
        for document in documents:
            collected.add(document)
        return collected.compile(whole)

    def get_arrays(self) -> dict[str, NDArray[Any]]:
        """Return everything but the mean lengths, as arrays by name."""
        return {
            **{name: getattr(self, name) for name in _ARRAYS},
            **self.terms.get_arrays("terms"),
            **self.codes.get_arrays("codes"),
            **self.labels.get_arrays(),
            **self.vocabulary.words.get_arrays("words"),
            "word_counts": self.vocabulary.counts,
        }

    @classmethod
    def from_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], mean_lengths: Mapping[str, float]
    ) -> "WordIndex":
        """Return the index of these arrays; KeyError if one is missing."""
        words = TextTable.from_arrays("words", arrays)
        return cls(
            terms=TextTable.from_arrays("terms", arrays),
            codes=TextTable.from_arrays("codes", arrays),
            vocabulary=Vocabulary(words, arrays["word_counts"]),
            labels=LabelTable.from_arrays(arrays),
            mean_lengths=mean_lengths,
            **{name: arrays[name] for name in _ARRAYS},
        )

    def __len__(self) -> int:
        return len(self.product_ids)

    def find_rows(self, product_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows of products; -1 for one that the index does not have."""
        if not len(self):
            return np.full(len(product_ids), -1)
        rows = np.searchsorted(self.product_ids, product_ids).clip(max=len(self) - 1)
        return np.where(self.product_ids[rows] == product_ids, rows, -1)

    def count_products(self, term: str) -> int:
        """Return how many products have the term."""
        column = self.terms.find(term)
        return 0 if column is None else int(self.term_starts[column + 1] - self.term_starts[column])

    def score(
        self, weights: Mapping[str, float]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return the scores of all products for weighted terms, and the weights that they have.

        Both have the shape (products,). A score is the sum of weights times impacts.
        """
        scores, matched = np.zeros((2, len(self)), dtype=np.float32)
        columns = {self.terms.find(term): weight for term, weight in weights.items()}
        known = {column: weight for column, weight in columns.items() if column is not None}
        if known:
            add_scores(
                scores,
                matched,
                np.array(list(known), dtype=np.int32),
                np.array(list(known.values()), dtype=np.float32),
                self.term_starts,
                self.rows,
                self.impacts,
            )
        return scores / np.float32(FULL_IMPACT), matched

    def list_impacts(self, row: int) -> list[tuple[str, float]]:
        """Return the terms of the product of a row, each with its impact in [0, 1]."""
        cells = np.flatnonzero(self.rows == row)
        columns = np.searchsorted(self.term_starts, cells, side="right") - 1
        impacts = self.impacts[cells] / FULL_IMPACT
        return [
            (self.terms.read(column), impact)
            for column, impact in zip(columns.tolist(), impacts.tolist(), strict=True)
        ]

    def count_pairs(
        self, rows: NDArray[np.int32], pairs: Sequence[tuple[str, str]]
    ) -> NDArray[np.int32]:
        """Return how many pairs of terms stand side by side in the names of products."""
        columns = [(self.terms.find(first), self.terms.find(second)) for first, second in pairs]
        known = [pair for pair in columns if None not in pair]
        if not known:
            return np.zeros(len(rows), dtype=np.int32)
        counts: NDArray[np.int32] = count_pairs(
            rows, np.array(known, dtype=np.int32), self.name_starts, self.names
        )
        return counts

    def count_side_by_side(self, first: str, second: str) -> int:
        """Return in how many names the second term follows the first.

        Of the names with the rarer term, `MOST_COUNTED` are read.
        """
        rows = min(self._find_term(first), self._find_term(second), key=len)[:MOST_COUNTED]
        return int(self.count_pairs(rows, [(first, second)]).sum())

    def has_together(self, first: str, second: str) -> bool:
        """Return whether a product has both terms."""
        return count_common(self._find_term(first), self._find_term(second), 1) > 0

    def is_name(self, rows: NDArray[np.int32], terms: Sequence[str]) -> NDArray[np.bool_]:
        """Return whether the names of products are exactly these terms in this order."""
        wanted = [self.terms.find(term) for term in terms]
        starts, ends = self.name_starts[rows], self.name_starts[rows + 1]
        found: NDArray[np.bool_] = ends - starts == len(wanted)
        for place, column in enumerate(wanted):
            found[found] = column is not None and self.names[starts[found] + place] == column
        return found

    def find_code(self, text: str) -> NDArray[np.int32]:
        """Return the rows of the products that have exactly this SKU, own id or brand."""
        code = self.codes.find(fold_code(text))
        return self._read_code_rows(range(0) if code is None else range(code, code + 1))

    def find_code_beginning(self, text: str) -> NDArray[np.int32]:
        """Return the rows of the products with a SKU, own id or brand that begins like this."""
        code = fold_code(text)
        return self._read_code_rows(self.codes.find_beginning(code) if code else range(0))

    def _find_term(self, term: str) -> NDArray[np.int32]:
        column = self.terms.find(term)
        if column is None:
            return self.rows[:0]
        return self.rows[self.term_starts[column] : self.term_starts[column + 1]]

    def _read_code_rows(self, codes: range) -> NDArray[np.int32]:
        return self.code_rows[self.code_starts[codes.start] : self.code_starts[codes.stop]]


_ARRAYS = (
    *("product_ids", "digests", "term_starts", "rows", "impacts", "names", "name_starts"),
    *("code_starts", "code_rows"),
)


class _Collected:
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

    def compile(self, whole: WordIndex | None) -> WordIndex:
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
