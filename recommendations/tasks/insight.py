"""The task that keeps the figures for staff."""

import logging

from celery import shared_task

from recommendations.errors import TrainingUnderWayError
from recommendations.services.insight.upkeep import keep_figures as keep

logger = logging.getLogger(__name__)


@shared_task(name="recommendations.tasks.keep_figures", acks_late=True)
def keep_figures() -> None:
    """Count the days on which something is new; runs every five minutes."""
    try:
        days = keep()
    except TrainingUnderWayError as busy:
        logger.info("Nothing was counted: %s", busy)
    else:
        logger.info("Counted the figures of %s days.", days)
