"""The task that begins and ends sales."""

import logging

from celery import shared_task

from recommendations.services.shop.prices import apply_due_sales

logger = logging.getLogger(__name__)


@shared_task(name="recommendations.tasks.begin_and_end_sales", acks_late=True)
def begin_and_end_sales() -> None:
    """Change the prices of products whose sale has begun or ended; runs every minute."""
    changed = apply_due_sales()
    if changed:
        logger.info("Sales changed the prices of %s products and variants.", changed)
