"""The task that fetches pictures."""

import logging

from celery import shared_task

from recommendations.services.shop.picture_fetching import fetch_due_pictures

logger = logging.getLogger(__name__)


@shared_task(name="recommendations.tasks.fetch_pictures", acks_late=True)
def fetch_pictures() -> None:
    """Fetch pictures that sources name by their address; runs every minute."""
    done = fetch_due_pictures()
    if done.fetched or done.failed:
        logger.info("Fetched %s pictures; %s tries failed.", done.fetched, done.failed)
