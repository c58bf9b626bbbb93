"""What all requests read: the worker keeps it fresh, and a process has it before it serves."""

import logging

from django.db import Error as DatabaseFailure
from django.db import connections

from recommendations.api.facets import keep_facets_fresh
from recommendations.services.infra.database_limits import limit_database_waits
from recommendations.services.lists import ListContext, get_trending
from recommendations.services.lists.demand import (
    get_popular_products,
    get_trending_products,
    keep_demand_fresh,
)
from recommendations.services.shop.category_counts import keep_product_counts_fresh
from recommendations.services.shop.co_purchases import keep_co_purchases_fresh

logger = logging.getLogger(__name__)

COMPANION_SECONDS = 20.0
"""How long one run counts what is bought with the products in demand. For those, counting takes
longest."""
FACET_SECONDS = 20.0
"""How long one run counts facets of categories."""
WARM_UP_FACET_SECONDS = 5.0
"""How long a process that starts counts facets that nobody has counted."""
WARM_UP_SECONDS = 30.0
"""How long a process that starts waits for the database before it serves without these values."""


def keep_shared_values_fresh() -> int:
    """Count demand, categories, facets and companions, where that is due.

    Returns for how many products companions were counted. The others were counted lately, are due
    next time, or are in so little demand that a request may count them.
    """
    _keep_counts_fresh(FACET_SECONDS)
    in_demand = dict.fromkeys(
        product_id for product_id, _ in [*get_trending_products(), *get_popular_products()]
    )
    return keep_co_purchases_fresh(in_demand, within_seconds=COMPANION_SECONDS)


def warm_up_shared_values() -> None:
    """Have the values in memory, and a list made, before the first request.

    Without a database, the process serves without them.
    """
    try:
        with limit_database_waits(WARM_UP_SECONDS):
            _keep_counts_fresh(WARM_UP_FACET_SECONDS)
            get_trending(context=ListContext(None))
    except DatabaseFailure as problem:
        logger.warning("The database was not read before the first request: %s", problem)
    finally:
        connections.close_all()


def _keep_counts_fresh(facet_seconds: float) -> None:
    keep_demand_fresh()
    keep_product_counts_fresh()
    keep_facets_fresh(within_seconds=facet_seconds)
