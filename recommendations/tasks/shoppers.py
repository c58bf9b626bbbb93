"""Tasks that prepare profiles and lists for active shoppers."""

import logging
from datetime import timedelta

from celery import shared_task

from recommendations.services import lists
from recommendations.services.people import profiles

logger = logging.getLogger(__name__)

ACTIVE_WITHIN = timedelta(minutes=15)
"""How recently a shopper was active; longer than the interval of the tasks, so that a late run
misses nobody."""


@shared_task(name="recommendations.tasks.keep_profiles_current", acks_late=True)
def keep_profiles_current() -> None:
    """Update the profiles of active shoppers."""
    logger.info("Updated %s profiles.", profiles.refresh_active(active_within=ACTIVE_WITHIN))


@shared_task(name="recommendations.tasks.prepare_lists", acks_late=True)
def prepare_lists() -> None:
    """Put the lists of active shoppers into the shared cache, for example after a training."""
    logger.info("Prepared %s lists.", lists.prepare_lists(active_within=ACTIVE_WITHIN))
