"""Tasks that fetch feeds."""

import logging

from celery import shared_task

from recommendations.errors import FeedUnderWayError
from recommendations.models import Feed
from recommendations.services.feeds.runs import run_due_feeds, run_feed

logger = logging.getLogger(__name__)


@shared_task(name="recommendations.tasks.fetch_due_feeds", acks_late=True)
def fetch_due_feeds() -> None:
    """Fetch the feeds that are due; runs every minute."""
    run_due_feeds()


@shared_task(name="recommendations.tasks.fetch_feed", acks_late=True)
def fetch_feed(feed_id: int, *, is_confirmed: bool = False) -> None:
    """Fetch a feed now, unless it is being fetched or was deleted."""
    feed = Feed.objects.filter(pk=feed_id).first()
    if feed is None:
        return
    try:
        run_feed(feed, is_confirmed=is_confirmed)
    except FeedUnderWayError as busy:
        logger.info("%s", busy)
