"""Build the word index of all products on sale, which every process then follows."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from recommendations.errors import ArtifactError
from recommendations.models import Product
from recommendations.progress import Progress, report_nothing
from recommendations.retrieval.indexing import build_index
from recommendations.retrieval.segments import Segment
from recommendations.retrieval.sentence_encoder import DIMENSIONS, SentenceEncoder
from recommendations.retrieval.tokens import Tokenizer
from recommendations.retrieval.word_index import WordIndex
from recommendations.retrieval.word_vectors import WordVectors, choose_words
from recommendations.sentences import say
from recommendations.services.infra.locks import hold
from recommendations.services.infra.replica import read_from_replica
from recommendations.services.search import artifacts, meaning
from recommendations.services.search.documents import (
    BEFORE_ALL,
    list_changes,
    make_tokenizer,
    read_documents,
    read_names,
)

LEASE = "building of the search index"
MOST_CHANGED, MOST_CHANGED_SHARE = 100, 0.01
"""With more changed products, and a larger share of them, building anew is due."""
ENCODING_SECONDS = 240.0
TEXTS_PER_STEP = 64
OLDEST = timedelta(days=1)
"""After so long, it is due if anything has changed."""


def rebuild(*, progress: Progress = report_nothing) -> int:
    """Build the index of all products on sale and write it; return how many it has.

    Vectors of words, and of products whose texts did not change, are taken from the index before.
    Of the others, as many are computed as `ENCODING_SECONDS` allow; the next run goes on.

    Raises:
        TrainingUnderWayError: Another process is building.
        ArtifactError: The index cannot be written.
    """
    with hold(LEASE):
        # What changes meanwhile, or has not reached the replica, processes read from the primary.
        segment, tokenizer, newest = read_from_replica(partial(_build_words, progress))
        index = segment.index
        has_all_vectors = False
        if meaning.is_on():
            segment, has_all_vectors = _add_vectors(segment, tokenizer, progress)
        progress(say("Writing the index"), 0, 1)
        artifacts.save(
            segment,
            languages=tokenizer.languages,
            newest=newest,
            has_all_vectors=has_all_vectors,
        )
        progress(say("Writing the index"), 1, 1)
    return len(index)


def _build_words(progress: Progress) -> tuple[Segment, Tokenizer, datetime]:
    """Return the words of all products on sale, and the time of the newest change among them."""
    changes = list_changes(after=BEFORE_ALL)
    in_stock = {one.product_id: one.in_stock for one in changes if one.is_active}
    documents = read_documents(sorted(in_stock), progress=progress)
    tokenizer = make_tokenizer()
    index = build_index(documents, tokenizer)
    stock = np.array([in_stock[pk] for pk in index.product_ids.tolist()], dtype=bool)
    newest = max((one.changed_at for one in changes), default=BEFORE_ALL)
    return Segment(index, np.ones(len(index), dtype=np.float32), stock), tokenizer, newest


def _add_vectors(
    segment: Segment, tokenizer: Tokenizer, progress: Progress
) -> tuple[Segment, bool]:
    """Return the segment with vectors of its products and words, and whether none is missing."""
    index = segment.index
    words = choose_words(index, tokenizer)
    vectors, word_vectors = _take_known(index, words)
    encoder = _Encoder(progress)
    encoder.fill(
        vectors, lambda rows: read_names(index.product_ids[rows].tolist()), "Computing vectors"
    )
    texts = list(words.values())
    encoder.fill(
        word_vectors, lambda rows: [texts[row] for row in rows], "Computing vectors of words"
    )
    found = WordVectors.build(words, word_vectors, len(index.terms))
    return replace(segment, vectors=vectors, word_vectors=found), encoder.is_done


class _Encoder:
    """Computes vectors until `ENCODING_SECONDS` are over; the model is loaded for the first one.

    `is_done` is False as soon as one was left out.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._until = monotonic() + ENCODING_SECONDS
        self._encoder: SentenceEncoder | None = None
        self.is_done = True

    def fill(
        self,
        vectors: NDArray[np.int8],
        read_texts: Callable[[NDArray[np.int64]], Sequence[str]],
        step: str,
    ) -> None:
        """Compute the vectors that are zeros; `read_texts` returns the texts of rows."""
        missing = np.flatnonzero(~vectors.any(axis=1))
        for first in range(0, len(missing), TEXTS_PER_STEP):
            self._progress(step, first, len(missing))
            if monotonic() > self._until:
                self.is_done = False
                return
            self._encoder = self._encoder or SentenceEncoder()
            rows = missing[first : first + TEXTS_PER_STEP]
            vectors[rows] = self._encoder.encode(read_texts(rows))


def _take_known(
    index: WordIndex, words: Mapping[int, str]
) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return the vectors of products and of words that the stored index has, zeros for the others.

    A product keeps its vector while its texts are the same.
    """
    vectors = np.zeros((len(index), DIMENSIONS), dtype=np.int8)
    word_vectors = np.zeros((len(words), DIMENSIONS), dtype=np.int8)
    name = artifacts.find_newest()
    if name is None:
        return vectors, word_vectors
    with suppress(ArtifactError):
        before = artifacts.load(name).index.segments[0]
        if before.vectors is not None and len(before.index):
            rows = before.index.find_rows(index.product_ids)
            is_same = (rows >= 0) & (before.index.digests[rows] == index.digests)
            vectors[is_same] = before.vectors[rows[is_same]]
        if before.word_vectors is not None:
            for place, column in enumerate(words):
                found = before.index.terms.find(index.terms.read(column))
                if found is not None and before.word_vectors.rows[found] >= 0:
                    row = before.word_vectors.rows[found]
                    word_vectors[place] = before.word_vectors.vectors[row]
    return vectors, word_vectors


def is_due() -> bool:
    """Return whether there is no index to follow, or much has changed since it was built."""
    name = artifacts.find_newest()
    if name is None:
        return True
    newest, n_products = artifacts.read_facts(name)
    if meaning.is_on() and not artifacts.has_all_vectors(name):
        return True
    changed = Product.objects.filter(changed_at__gt=newest)
    if changed.count() > max(MOST_CHANGED, MOST_CHANGED_SHARE * n_products):
        return True
    return timezone.now() - newest > OLDEST and changed.exists()
