"""Search in several word indexes as if they were one.

The first segment is large and was built by the worker. The others hold products that changed since:
a word index is never altered, so a changed product is indexed anew, and its earlier row is switched
off. Lucene does the same.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.retrieval.documents import Document
from recommendations.retrieval.english_words import is_english
from recommendations.retrieval.indexing import build_index
from recommendations.retrieval.label_table import LabelKind
from recommendations.retrieval.tokens import Tokenizer
from recommendations.retrieval.word_index import WordIndex
from recommendations.retrieval.word_vectors import WordVectors

PAIR_WEIGHT = 0.125
"""What it adds if all neighbouring words of a query stand side by side in the name: a fifth of what
words do that stand once in a name of mean length."""
PAIR_CANDIDATES = 300
"""How many of the best products are compared by the order of their words as well."""
MAX_PRODUCT_TERMS = 24
"""So many of a product's terms are compared with those of others."""
MAX_FORMS = 200
"""So many words with the same beginning are compared when the forms of a term are listed."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """A word index with the state of its products.

    `is_current` is 1 for a product that is on sale and in no later segment, else 0. `vectors`, of
    shape (products, dimensions), are zeros for a product without one; None without any.
    `word_vectors` are those of its words.
    """

    index: WordIndex
    is_current: NDArray[np.float32]
    in_stock: NDArray[np.bool_]
    vectors: NDArray[np.int8] | None = None
    word_vectors: WordVectors | None = None


class ProductState(NamedTuple):
    """What search knows of a product beside its texts."""

    is_on_sale: bool
    in_stock: bool


class Terms(NamedTuple):
    """What is looked up for a query: weighted terms, and all its terms in order."""

    weights: Mapping[str, float]
    in_order: Sequence[str] = ()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The known terms that stand side by side."""
        known = [pair for pair in pairwise(self.in_order) if set(pair) <= self.weights.keys()]
        return list(dict.fromkeys(known))


class Matches(NamedTuple):
    """Products, best first; ties go to the higher id.

    The relevance is in [0, 1], and 1 for a product with exactly the name that is looked up. The
    coverage is the share of the query's weight that a product matches, in any field.
    """

    product_ids: NDArray[np.int64]
    relevance: NDArray[np.float32]
    coverage: NDArray[np.float32]
    in_stock: NDArray[np.bool_]


_NONE = np.empty(0, dtype=np.float32)
NO_MATCHES = Matches(np.empty(0, dtype=np.int64), _NONE, _NONE, np.empty(0, dtype=np.bool_))


@dataclass(frozen=True, eq=False)
class SegmentedIndex:
    """Segments of one catalogue, the largest first."""

    tokenizer: Tokenizer
    segments: Sequence[Segment]

    def __len__(self) -> int:
        return sum(len(segment.index) for segment in self.segments)

    def warm_up(self) -> None:
        """Prepare what the first correction and the first suggestion need."""
        for segment in self.segments:
            segment.index.vocabulary.warm_up()
            segment.index.labels.warm_up()
        is_english("")

    def follow(
        self, states: Mapping[int, ProductState], documents: Sequence[Document]
    ) -> "SegmentedIndex":
        """Return the index after a change of products.

        `states` has all changed products; `documents` has those on sale, in the order of their
        ids. A product whose texts differ from those indexed gets a row in a new segment.
        """
        product_ids = np.array(list(states), dtype=np.int64)
        rows = [segment.index.find_rows(product_ids) for segment in self.segments]
        digests: dict[int, int] = {}
        for segment, found in zip(self.segments, rows, strict=True):
            known = found >= 0
            digests |= zip(
                product_ids[known].tolist(),
                segment.index.digests[found[known]].tolist(),
                strict=True,
            )
        renewed = [one for one in documents if digests.get(one.product_id) != one.compute_digest()]
        is_renewed = np.isin(product_ids, [document.product_id for document in renewed])
        is_on_sale = np.array([state.is_on_sale for state in states.values()], dtype=bool)
        in_stock = np.array([state.in_stock for state in states.values()], dtype=bool)
        segments: list[Segment] = []
        is_open = np.ones(len(product_ids), dtype=bool)
        for segment, found in zip(reversed(self.segments), reversed(rows), strict=True):
            here = (found >= 0) & is_open
            is_open &= ~here
            is_current, was_in_stock = segment.is_current.copy(), segment.in_stock.copy()
            is_current[found[here]] = (is_on_sale & ~is_renewed)[here]
            was_in_stock[found[here]] = in_stock[here]
            segments.insert(0, replace(segment, is_current=is_current, in_stock=was_in_stock))
        if renewed:
            stock = {product_id: state.in_stock for product_id, state in states.items()}
            first = self.segments[0].index if self.segments else None
            segments.append(self._build_segment(renewed, stock, first))
        return SegmentedIndex(self.tokenizer, segments)

    @property
    def has_vectors(self) -> bool:
        """Whether any product has a vector of its meaning."""
        return any(segment.vectors is not None for segment in self.segments)

    def get_vectors(self, product_ids: NDArray[np.int64]) -> NDArray[np.int8]:
        """Return the vectors of products, shape (products, dimensions); zeros without one."""
        dimensions = max(
            (one.vectors.shape[1] for one in self.segments if one.vectors is not None), default=0
        )
        vectors = np.zeros((len(product_ids), dimensions), dtype=np.int8)
        for segment in self.segments:
            if segment.vectors is not None:
                rows = segment.index.find_rows(product_ids)
                here = rows >= 0
                here[here] = segment.is_current[rows[here]] > 0
                vectors[here] = segment.vectors[rows[here]]
        return vectors

    def list_changed_products(self) -> list[int]:
        """Return the products on sale that a later segment than the first has, in their order."""
        found = [one.index.product_ids[one.is_current > 0] for one in self.segments[1:]]
        return np.sort(np.concatenate(found)).tolist() if found else []

    def merge_changed_products(self, documents: Sequence[Document]) -> "SegmentedIndex":
        """Return the index with all segments but the first merged into one.

        `documents` are those of `list_changed_products`.
        """
        in_stock = {
            product_id: stocked
            for segment in self.segments[1:]
            for product_id, stocked in zip(
                segment.index.product_ids.tolist(), segment.in_stock.tolist(), strict=True
            )
        }
        first = self.segments[0]
        return SegmentedIndex(
            self.tokenizer, [first, self._build_segment(documents, in_stock, first.index)]
        )

    def _build_segment(
        self, documents: Sequence[Document], in_stock: Mapping[int, bool], first: WordIndex | None
    ) -> Segment:
        index = build_index(documents, self.tokenizer, first)
        stock = [in_stock[product_id] for product_id in index.product_ids.tolist()]
        return Segment(index, np.ones(len(index), dtype=np.float32), np.array(stock, dtype=bool))

    def count_products(self, term: str) -> int:
        """Return how many products have the term; replaced rows count too."""
        return sum(segment.index.count_products(term) for segment in self.segments)

    def knows(self, word: str) -> bool:
        """Return whether any product has the word in any inflection."""
        return any(self.count_products(term) for term in self.tokenizer.stem(word))

    def count_word(self, word: str) -> int:
        """Return how many products have exactly this word."""
        return sum(segment.index.vocabulary.count(word) for segment in self.segments)

    def count_side_by_side(self, first: str, second: str) -> int:
        """Return in how many names an inflection of the second word follows the first."""
        terms = self.tokenizer.stem(first)[0], self.tokenizer.stem(second)[0]
        return sum(segment.index.count_side_by_side(*terms) for segment in self.segments)

    def has_together(self, first: str, second: str) -> bool:
        """Return whether a product has inflections of both words."""
        terms = self.tokenizer.stem(first)[0], self.tokenizer.stem(second)[0]
        return any(segment.index.has_together(*terms) for segment in self.segments)

    def correct(self, word: str) -> str | None:
        """Return the word of the first segment that was probably meant, None if there is none."""
        return self.segments[0].index.vocabulary.correct(word) if self.segments else None

    def compute_idf(self, term: str) -> float:
        """Return the inverse document frequency ln(1 + (N - n + 0.5) / (n + 0.5)); 0 if n is 0."""
        count = self.count_products(term)
        return float(np.log1p((len(self) - count + 0.5) / (count + 0.5))) if count else 0.0

    def weigh_product(self, product_id: int, *, exclude: Collection[str] = ()) -> dict[str, float]:
        """Return the inverse document frequencies of the terms that say most about a product.

        There are at most `MAX_PRODUCT_TERMS`, none of them of `exclude`, and none at all for a
        product that is not indexed.
        """
        for segment in reversed(self.segments):
            row = int(segment.index.find_rows(np.array([product_id]))[0])
            if row < 0:
                continue
            impacts = dict(segment.index.list_impacts(row))
            weights = {term: self.compute_idf(term) for term in impacts if term not in exclude}
            best = sorted(weights, key=lambda term: (-impacts[term] * weights[term], term))
            return {term: weights[term] for term in best[:MAX_PRODUCT_TERMS]}
        return {}

    def find_completions(self, beginning: str, count: int) -> list[str]:
        """Return the commonest words that begin like this."""
        counts: Counter[str] = Counter()
        for segment in self.segments:
            counts.update(dict(segment.index.vocabulary.list_completions(beginning, count)))
        return [word for word, _ in counts.most_common(count)]

    def find_labels(self, kind: LabelKind, typed: str, count: int) -> list[str]:
        """Return the brands or categories of products on sale that `LabelTable.find` finds."""
        found: list[str] = []
        for segment in self.segments:
            for label, rows in segment.index.labels.find(kind, typed):
                if label not in found and segment.is_current[rows].any():
                    found.append(label)
                if len(found) == count:
                    return found
        return found

    def list_word_forms(self, terms: Collection[str]) -> list[str]:
        """Return the words of products, in lower case, that have one of these terms as stem."""
        wanted = frozenset(terms)
        found = {
            word
            for segment in self.segments
            for term in wanted
            for word, _ in segment.index.vocabulary.list_completions(term[:-1] or term, MAX_FORMS)
            if not wanted.isdisjoint(self.tokenizer.stem(word))
        }
        return sorted(found)

    def find(self, terms: Terms, k: int) -> Matches:
        """Return the k best products that have at least one of the terms."""
        found = [NO_MATCHES, *(self._find_in(one, terms, k) for one in self.segments)]
        product_ids = np.concatenate([one.product_ids for one in found])
        relevance = np.concatenate([one.relevance for one in found])
        coverage = np.concatenate([one.coverage for one in found])
        in_stock = np.concatenate([one.in_stock for one in found])
        order = np.lexsort((-product_ids, -relevance))[:k]
        return Matches(product_ids[order], relevance[order], coverage[order], in_stock[order])

    def find_any(self, wordings: Sequence[Terms], k: int) -> Matches:
        """Return the k best products by the wording that suits each of them best."""
        found = [self.find(terms, k) for terms in wordings]
        return found[0] if len(found) == 1 else _merge(found, k)

    def find_by_code(self, text: str, *, is_beginning: bool = False) -> list[int]:
        """Return the products with this SKU, own id or brand, or with one that begins like this.

        The newest stand first.
        """
        found: list[int] = []
        for segment in self.segments:
            index, is_current = segment.index, segment.is_current
            rows = index.find_code_beginning(text) if is_beginning else index.find_code(text)
            found += index.product_ids[rows[is_current[rows] > 0]].tolist()
        return sorted(set(found), reverse=True)

    def _find_in(self, segment: Segment, terms: Terms, k: int) -> Matches:
        if not terms.weights:
            return NO_MATCHES
        index = segment.index
        scores, matched = index.score(terms.weights)
        scores *= segment.is_current
        rows = np.flatnonzero(scores).astype(np.int32)
        rows = take_best(rows, scores, max(k, PAIR_CANDIDATES))
        total = np.float32(sum(terms.weights.values()))
        relevance = scores[rows] / total
        pairs = terms.pairs
        if pairs:
            best = take_best(rows, scores, PAIR_CANDIDATES)
            counts = np.zeros(len(index), dtype=np.float32)
            counts[best] = index.count_pairs(best, pairs)
            relevance += PAIR_WEIGHT * counts[rows] / len(pairs)
        relevance /= 1 + PAIR_WEIGHT
        if terms.in_order:
            relevance[index.is_name(rows, terms.in_order)] = 1
        return Matches(
            index.product_ids[rows], relevance, matched[rows] / total, segment.in_stock[rows]
        )


def _merge(found: Sequence[Matches], k: int) -> Matches:
    """Return the k best products of several searches, each with its best figures."""
    product_ids, relevance, coverage, in_stock = map(np.concatenate, zip(*found, strict=True))
    by_product = np.argsort(product_ids, kind="stable")
    product_ids, starts = np.unique(product_ids[by_product], return_index=True)
    if len(starts):
        relevance = np.maximum.reduceat(relevance[by_product], starts)
        coverage = np.maximum.reduceat(coverage[by_product], starts)
        in_stock = in_stock[by_product][starts]
    order = np.lexsort((-product_ids, -relevance))[:k]
    return Matches(product_ids[order], relevance[order], coverage[order], in_stock[order])


def take_best(rows: NDArray[np.int32], scores: NDArray[np.float32], k: int) -> NDArray[np.int32]:
    """Return the k rows with the best scores in no order; all rows that tie with the last stay."""
    if len(rows) <= k:
        return rows
    found = scores[rows]
    best: NDArray[np.int32] = rows[found >= np.partition(found, -k)[-k]]
    return best
