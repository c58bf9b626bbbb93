"""Build the word index of all products on sale, which every process then follows."""

from datetime import timedelta

import numpy as np
from django.utils import timezone

from recommendations.conf import configuration
from recommendations.models import Product
from recommendations.progress import Progress, report_nothing
from recommendations.retrieval.segments import Segment
from recommendations.retrieval.tokens import Tokenizer
from recommendations.retrieval.word_index import WordIndex
from recommendations.services.infra.locks import hold
from recommendations.services.search import artifacts
from recommendations.services.search.documents import BEFORE_ALL, list_changes, read_documents

LEASE = "building of the search index"
MOST_CHANGED, MOST_CHANGED_SHARE = 100, 0.01
"""With more changed products, and a larger share of them, building anew is due."""
OLDEST = timedelta(days=1)
"""After so long, it is due if anything has changed."""


def rebuild(*, progress: Progress = report_nothing) -> int:
    """Build the index of all products on sale and write it; return how many it has.

    Raises:
        TrainingUnderWayError: Another process is building.
        ArtifactError: The index cannot be written.
    """
    with hold(LEASE):
        changes = list_changes(after=BEFORE_ALL)
        in_stock = {one.product_id: one.in_stock for one in changes if one.is_active}
        ids = sorted(in_stock)
        documents = read_documents(ids, progress=progress)
        index = WordIndex.build(documents, Tokenizer(configuration().search_languages))
        stock = np.array([in_stock[pk] for pk in index.product_ids.tolist()], dtype=bool)
        newest = max((one.changed_at for one in changes), default=BEFORE_ALL)
        segment = Segment(index, np.ones(len(index), dtype=np.float32), stock)
        progress("Writing the index", 0, 1)
        artifacts.save(segment, newest=newest)
        progress("Writing the index", 1, 1)
    return len(index)


def is_due() -> bool:
    """Return whether there is no index to follow, or much has changed since it was built."""
    name = artifacts.find_newest()
    if name is None:
        return True
    newest, n_products = artifacts.read_facts(name)
    changed = Product.objects.filter(changed_at__gt=newest)
    if changed.count() > max(MOST_CHANGED, MOST_CHANGED_SHARE * n_products):
        return True
    return timezone.now() - newest > OLDEST and changed.exists()
