"""The warm-up of a web process before its first request, so that no shopper waits for it."""

import gc

from django.db import connection
from django.urls import get_resolver
from django.utils import timezone

from recommendations import checks
from recommendations.choices import InteractionType
from recommendations.engine import explanations, mmr
from recommendations.models import Product
from recommendations.services.infra.database_limits import REQUEST_SECONDS, limit_database_waits
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.lists.given_history import GivenEvent, recommend_for_events
from recommendations.services.looks import live_vectors
from recommendations.services.people.subjects import Subject
from recommendations.services.search import live_index
from recommendations.services.search.ranking import search_products
from recommendations.services.search.suggestions import suggest
from recommendations.services.training import live_model
from recommendations.trials import assignment

GC_THRESHOLDS = (2_000, 20, 50)
"""Thresholds of the garbage collector's three generations. A request leaves many objects that the
caches still need; with Python's own thresholds, scanning them took a thirtieth of the time."""
NOBODY = Subject(session_id="rehearsal")
MISSPELT = "wasserfsat"
"""No word of a shop: a search for it corrects, completes and splits."""


def warm_up_process() -> None:
    """Log what an operator should set, import all views, load model and index, and rehearse.

    Vectors of pictures are loaded too. Without a database or a model, the process starts anyway,
    and loads the model once there is one.
    """
    checks.log_warnings()
    _ = get_resolver().url_patterns
    mmr.warm_up()
    explanations.warm_up()
    assignment.warm_up()
    with limit_database_waits(REQUEST_SECONDS):
        live_model.refresh()
        live_vectors.refresh()
        with ignore_database_errors("products for the search index"):
            live_index.refresh()
        with ignore_database_errors("a rehearsal"):
            _rehearse()
    connection.close()
    # Imported modules are never garbage, and a collection that scans them takes 0.15 seconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def _rehearse() -> None:
    """Make a list, searches and suggestions as requests do, and store nothing.

    Loops are compiled and caches filled meanwhile: a fresh process took half a second for its first
    search, and searches that came together with it were refused.
    """
    product = Product.objects.filter(is_active=True).order_by("-pk").first()
    if product is None:
        return
    recommend_for_events([GivenEvent(product.pk, InteractionType.VIEW, None, timezone.now())])
    for text in (product.name, MISSPELT):
        search_products(text=text, subject=NOBODY, count=1)
        suggest(text=text)
