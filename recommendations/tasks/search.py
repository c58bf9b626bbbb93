"""Tasks of search: a fresh index, and the log of searches."""

import logging

from celery import shared_task

from recommendations.conf import configuration
from recommendations.errors import ShopError
from recommendations.services.search import learning, query_figures, search_log
from recommendations.services.search.artifacts import fetch_newest, publish_newest
from recommendations.services.search.building import is_due, rebuild

logger = logging.getLogger(__name__)


@shared_task(name="recommendations.tasks.rebuild_search_when_due", acks_late=True)
def rebuild_search_when_due() -> None:
    """Build the search index anew if much has changed; runs every minute.

    If the hosts of the shop share artifacts, this one begins with their newest index, and shares
    its own.
    """
    fetch_newest()
    if is_due():
        try:
            logger.info("The search index has %s products.", rebuild())
        except ShopError as refused:
            logger.error("The search index was not built: %s", refused)
    publish_newest()


@shared_task(name="recommendations.tasks.count_queries", acks_late=True)
def count_queries() -> None:
    """Count the queries of the latest days for staff; runs every five minutes."""
    logger.info("Counted %s queries.", query_figures.count_queries())


@shared_task(name="recommendations.tasks.prune_search_log", acks_late=True)
def prune_search_log() -> None:
    """Delete searches that are older than `search_log_keep_days`."""
    logger.info("Deleted %s old searches.", search_log.prune())


@shared_task(name="recommendations.tasks.learn_from_searches", acks_late=True)
def learn_from_searches() -> None:
    """Learn what shoppers choose after queries, if the shop has set it; runs every hour."""
    if not configuration().search_learns:
        return
    try:
        logger.info("Learned %s matches of queries.", learning.learn())
    except ShopError as refused:
        logger.error("Nothing was learnt from searches: %s", refused)
