"""Tasks of pictures: fetching them, and computing the vectors that tell what looks alike."""

import logging

from celery import shared_task

from recommendations.errors import ShopError
from recommendations.services.looks import artifacts, building
from recommendations.services.shop.picture_fetching import fetch_due_pictures

logger = logging.getLogger(__name__)


@shared_task(name="recommendations.tasks.fetch_pictures", acks_late=True)
def fetch_pictures() -> None:
    """Fetch pictures that sources name by their address; runs every minute."""
    done = fetch_due_pictures()
    if done.fetched or done.failed:
        logger.info("Fetched %s pictures; %s tries failed.", done.fetched, done.failed)


@shared_task(name="recommendations.tasks.encode_pictures_when_due", acks_late=True)
def encode_pictures_when_due() -> None:
    """Compute the vectors of new and changed pictures, if the shop has set it; runs every minute.

    One run takes four minutes at most, and the next one goes on.
    """
    if not building.is_on():
        return
    artifacts.fetch_newest()
    if not building.is_due():
        artifacts.publish_newest()
        return
    try:
        count = building.encode_pictures()
    except ShopError as refused:
        logger.error("The vectors of pictures were not computed: %s", refused)
        return
    logger.info(
        "%s of %s products with a photograph have a vector.", count.vectors, count.photographs
    )
    artifacts.publish_newest()
