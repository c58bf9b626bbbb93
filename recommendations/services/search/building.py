"""Build the word index of all products on sale, which every process then follows."""

from contextlib import suppress
from datetime import timedelta
from time import monotonic

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from recommendations.errors import ArtifactError
from recommendations.models import Product
from recommendations.progress import Progress, report_nothing
from recommendations.retrieval.segments import Segment
from recommendations.retrieval.sentence_encoder import DIMENSIONS, SentenceEncoder
from recommendations.retrieval.word_index import WordIndex
from recommendations.services.infra.locks import hold
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

    Vectors of products whose texts did not change are taken from the index before. Of the others,
    as many are computed as `ENCODING_SECONDS` allow; the next run goes on.

    Raises:
        TrainingUnderWayError: Another process is building.
        ArtifactError: The index cannot be written.
    """
    with hold(LEASE):
        changes = list_changes(after=BEFORE_ALL)
        in_stock = {one.product_id: one.in_stock for one in changes if one.is_active}
        ids = sorted(in_stock)
        documents = read_documents(ids, progress=progress)
        tokenizer = make_tokenizer()
        index = WordIndex.build(documents, tokenizer)
        stock = np.array([in_stock[pk] for pk in index.product_ids.tolist()], dtype=bool)
        vectors = None
        if meaning.is_on():
            vectors = _collect_vectors(index, progress)
        newest = max((one.changed_at for one in changes), default=BEFORE_ALL)
        segment = Segment(index, np.ones(len(index), dtype=np.float32), stock, vectors)
        progress("Writing the index", 0, 1)
        artifacts.save(segment, languages=tokenizer.languages, newest=newest)
        progress("Writing the index", 1, 1)
    return len(index)


def _collect_vectors(index: WordIndex, progress: Progress) -> NDArray[np.int8]:
    """Return the vectors of products, shape (products, dimensions); zeros where one is missing."""
    vectors = np.zeros((len(index), DIMENSIONS), dtype=np.int8)
    _take_known(index, vectors)
    missing = np.flatnonzero(~vectors.any(axis=1))
    if len(missing):
        encoder = SentenceEncoder()
        until = monotonic() + ENCODING_SECONDS
        for first in range(0, len(missing), TEXTS_PER_STEP):
            progress("Computing vectors", first, len(missing))
            if monotonic() > until:
                break
            rows = missing[first : first + TEXTS_PER_STEP]
            ids = index.product_ids[rows].tolist()
            vectors[rows] = encoder.encode(read_names(ids))
    return vectors


def _take_known(index: WordIndex, vectors: NDArray[np.int8]) -> None:
    """Copy the vectors of products whose texts are those of the stored index."""
    name = artifacts.find_newest()
    if name is None:
        return
    with suppress(ArtifactError):
        before = artifacts.load(name).index.segments[0]
        if before.vectors is not None and len(before.index):
            rows = before.index.find_rows(index.product_ids)
            is_same = (rows >= 0) & (before.index.digests[rows] == index.digests)
            vectors[is_same] = before.vectors[rows[is_same]]


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
