"""The task that keeps the search index fresh."""

import logging

from celery import shared_task

from recommendations.errors import ShopError
from recommendations.services.search.building import is_due, rebuild

logger = logging.getLogger(__name__)


@shared_task(name="recommendations.tasks.rebuild_search_when_due", acks_late=True)
def rebuild_search_when_due() -> None:
    """Build the search index anew if much has changed; runs every minute."""
    if not is_due():
        return
    try:
        logger.info("The search index has %s products.", rebuild())
    except ShopError as refused:
        logger.error("The search index was not built: %s", refused)
