"""The warm-up of a web process before its first request, so that no shopper waits for it."""

import gc

from django.db import connection
from django.urls import get_resolver

from recommendations import checks
from recommendations.engine import explanations, mmr
from recommendations.services.infra.database_limits import REQUEST_SECONDS, limit_database_waits
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.search import live_index
from recommendations.services.training import live_model
from recommendations.trials import assignment

GC_THRESHOLDS = (2_000, 20, 50)
"""Thresholds of the garbage collector's three generations. A request leaves many objects that the
caches still need; with Python's own thresholds, scanning them took a thirtieth of the time."""


def warm_up_process() -> None:
    """Log what an operator should set, import all views, compile loops, load model and index.

    Without a database or a model, the process starts anyway, and loads the model once there is one.
    """
    checks.log_warnings()
    _ = get_resolver().url_patterns
    mmr.warm_up()
    explanations.warm_up()
    assignment.warm_up()
    with limit_database_waits(REQUEST_SECONDS):
        live_model.refresh()
        with ignore_database_errors("products for the search index"):
            live_index.refresh()
    connection.close()
    # Imported modules are never garbage, and a collection that scans them takes 0.15 seconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
