"""Tasks that keep the database small."""

import logging

from celery import shared_task

from recommendations.services.lists import served_log

logger = logging.getLogger(__name__)


@shared_task(name="recommendations.tasks.prune_served_lists", acks_late=True)
def prune_served_lists() -> None:
    """Delete served lists that are older than `served_log_keep_days`."""
    logger.info("Deleted %s old served lists.", served_log.prune())
