"""Measure searches on judged queries, in memory or through the database."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial

import numpy as np
from django.db import transaction

from recommendations.conf import configuration
from recommendations.models import Product
from recommendations.progress import Progress, report_nothing
from recommendations.retrieval.encoder_access import is_installed
from recommendations.retrieval.judged_queries import (
    RECALL_DEPTH,
    Figures,
    JudgedQueries,
    measure,
    run_queries,
)
from recommendations.retrieval.languages import choose_languages
from recommendations.retrieval.meaning import add_meaning
from recommendations.retrieval.searching import search
from recommendations.retrieval.segments import NO_MATCHES, ProductState, SegmentedIndex
from recommendations.retrieval.sentence_encoder import SentenceEncoder
from recommendations.retrieval.spelling import is_unknown
from recommendations.retrieval.tokens import Tokenizer, split_words
from recommendations.retrieval.word_vectors import WordVectors, choose_words
from recommendations.sentences import say
from recommendations.services.infra.row_writes import insert_rows
from recommendations.services.search import live_index
from recommendations.services.search.documents import TEXTS_COMPARED
from recommendations.services.search.query import find_products

LONGEST_NAME, LONGEST_BRAND = 200, 100
MAX_CONTAINED_WORDS = 8
TEXTS_PER_STEP = 512


class Mode(StrEnum):
    """What compares the text of a query with the products."""

    CONTAINS = "contains"
    """Every word of at most eight stands somewhere in the name, newest first: a plain filter."""
    WORDS = "words"
    MEANING = "meaning"
    BOTH = "both"


def list_modes() -> list[Mode]:
    """Return the modes that can be measured here: meaning needs packages of its own."""
    return [mode for mode in Mode if is_installed() or mode not in WITH_MEANING]


WITH_MEANING = (Mode.MEANING, Mode.BOTH)


@dataclass(frozen=True, slots=True)
class ModeReport:
    """The figures of a mode for all queries and for the misspelt ones, and what it found.

    A query is misspelt if it has a word of letters that no product has.
    """

    mode: Mode
    figures: Figures
    misspelt: Figures
    found: dict[str, list[int]]


def evaluate(
    judged: JudgedQueries,
    *,
    modes: Sequence[Mode],
    through_database: bool = False,
    progress: Progress = report_nothing,
) -> list[ModeReport]:
    """Return a report of each mode.

    With `through_database`, the products are in the database while they are searched by words,
    alone on sale, in a transaction that is rolled back; other modes are measured in memory.
    """
    index = _build_index(judged)
    misspelt = {
        query_id
        for query_id, text in judged.texts.items()
        if any(is_unknown(word, index) for word in split_words(text))
    }
    reports = []
    with_vectors: SegmentedIndex | None = None
    for done, mode in enumerate(modes):
        progress(say("Searching"), done, len(modes))
        if mode is Mode.CONTAINS:
            found, times = run_queries(judged, partial(_find_containing, _lower_names(judged)))
        elif mode in WITH_MEANING:
            encoder = SentenceEncoder()
            with_vectors = with_vectors or _add_vectors(index, judged, encoder, progress)
            ask = _find_by_meaning if mode is Mode.MEANING else _find_by_both
            found, times = run_queries(judged, partial(ask, with_vectors, encoder))
        elif through_database:
            with _sell_only(judged) as products:
                found, times = run_queries(judged, partial(_find_in_shop, products))
        else:
            found, times = run_queries(judged, partial(_find_in_memory, index))
        time_of = dict(zip(found, times, strict=True))
        part = {query_id: found[query_id] for query_id in found if query_id in misspelt}
        reports.append(
            ModeReport(
                mode=mode,
                figures=measure(judged, found, times),
                misspelt=measure(judged, part, [time_of[query_id] for query_id in part]),
                found=found,
            )
        )
    progress(say("Searching"), len(modes), len(modes))
    return reports


def _build_index(judged: JudgedQueries) -> SegmentedIndex:
    states = {one.product_id: ProductState(True, True) for one in judged.documents}
    newest = judged.documents[-TEXTS_COMPARED:]
    texts = (f"{document.name} {document.description}" for document in newest)
    languages = choose_languages(configuration().search_languages, texts)
    empty = SegmentedIndex(Tokenizer(languages), ())
    return empty.follow(states, judged.documents)


def _add_vectors(
    index: SegmentedIndex, judged: JudgedQueries, encoder: SentenceEncoder, progress: Progress
) -> SegmentedIndex:
    segment = index.segments[0]
    names = [document.name for document in judged.documents]
    words = choose_words(segment.index, index.tokenizer)
    texts = [*names, *words.values()]
    parts = []
    for first in range(0, len(texts), TEXTS_PER_STEP):
        progress(say("Computing vectors"), first, len(texts))
        parts.append(encoder.encode(texts[first : first + TEXTS_PER_STEP]))
    progress(say("Computing vectors"), len(texts), len(texts))
    vectors = np.concatenate(parts)
    segment = replace(
        segment,
        vectors=vectors[: len(names)],
        word_vectors=WordVectors.build(words, vectors[len(names) :], len(segment.index.terms)),
    )
    return SegmentedIndex(index.tokenizer, [segment])


def _find_by_meaning(index: SegmentedIndex, encoder: SentenceEncoder, text: str) -> Sequence[int]:
    matches = add_meaning(NO_MATCHES, (), index, encoder.encode_query(text), RECALL_DEPTH)
    found: list[int] = matches.product_ids.tolist()
    return found


def _find_by_both(index: SegmentedIndex, encoder: SentenceEncoder, text: str) -> Sequence[int]:
    return search(text, index, encoder=encoder).product_ids


def _find_in_memory(index: SegmentedIndex, text: str) -> Sequence[int]:
    return search(text, index).product_ids


def _find_in_shop(products: Mapping[int, int], text: str) -> Sequence[int]:
    return [products[pk] for pk in find_products(text=text).product_ids]


def _find_containing(names: Sequence[str], text: str) -> Sequence[int]:
    words = text.lower().split()
    if not 1 <= len(words) <= MAX_CONTAINED_WORDS:
        return []
    rows: Sequence[int] = range(len(names) - 1, -1, -1)
    for word in words:
        rows = [row for row in rows if word in names[row]]
    return [row + 1 for row in rows[:RECALL_DEPTH]]


def _lower_names(judged: JudgedQueries) -> list[str]:
    return [document.name.lower() for document in judged.documents]


@contextmanager
def _sell_only(judged: JudgedQueries) -> Iterator[dict[int, int]]:
    """Sell only these products for the time of the block; yield their numbers by id."""
    with transaction.atomic():
        Product.objects.update(is_active=False)
        rows = [
            Product(
                name=document.name[:LONGEST_NAME],
                brand=document.brand[:LONGEST_BRAND],
                category=document.category,
                description=document.description,
                price=0,
                stock=1,
            )
            for document in judged.documents
        ]
        insert_rows(rows)
        try:
            # Another thread would not see the rows of this transaction.
            live_index.build_now()
            yield {
                row.pk: document.product_id
                for row, document in zip(rows, judged.documents, strict=True)
            }
        finally:
            transaction.set_rollback(True)
    live_index.forget()
