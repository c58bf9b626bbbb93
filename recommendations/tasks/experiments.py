"""The task that looks at experiments."""

import logging

from celery import shared_task

from recommendations.services.experiments.reporting import keep_experiments as keep

logger = logging.getLogger(__name__)


@shared_task(name="recommendations.tasks.keep_experiments", acks_late=True)
def keep_experiments() -> None:
    """Pause experiments that do harm, stop those that end, report on all once a day.

    It runs every five minutes.
    """
    logger.info("Reported on %s experiments.", keep())
