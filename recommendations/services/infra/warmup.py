"""What a web process does before its first request, so that no shopper waits for it."""

import gc

from django.db import connection
from django.urls import get_resolver

from recommendations.engine import explanations, mmr
from recommendations.services.training import live_model

COLLECTED_AFTER = (2_000, 20, 50)
"""When the garbage collector looks: a request leaves much that is not garbage, but kept for the
next one, and looking through all of that again and again took a thirtieth of the time."""


def warm_up_process() -> None:
    """Load the live model, its compiled loops and all views.

    Without a database or a model the process starts all the same, and follows them when they come.
    """
    _ = get_resolver().url_patterns
    mmr.warm()
    explanations.warm()
    live_model.refresh()
    connection.close()
    # What was imported stays: looking through it for garbage held a request up for 0.15 seconds.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
