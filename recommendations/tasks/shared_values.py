"""The task that keeps fresh what the requests of all shoppers read."""

import logging

from celery import shared_task

from recommendations.api import shared_values

logger = logging.getLogger(__name__)


@shared_task(name="recommendations.tasks.keep_shared_values_fresh", acks_late=True)
def keep_shared_values_fresh() -> None:
    """Count demand, facets and companions before they are stale; runs every minute."""
    counted = shared_values.keep_shared_values_fresh()
    if counted:
        logger.info("Counted what is bought with %s products.", counted)
