"""What is made ready for shoppers while they look around."""

import logging
from datetime import timedelta

from celery import shared_task

from recommendations.services import lists
from recommendations.services.people import profiles

logger = logging.getLogger(__name__)

ACTIVE_WITHIN = timedelta(minutes=15)
"""Longer than the pause between two runs, so that a late one leaves nobody out."""


@shared_task(name="recommendations.tasks.keep_profiles_current", acks_late=True)
def keep_profiles_current() -> None:
    """Derive the profiles of shoppers who are active anew."""
    logger.info(
        "Brought %s profiles up to date.", profiles.refresh_active(active_within=ACTIVE_WITHIN)
    )


@shared_task(name="recommendations.tasks.prepare_lists", acks_late=True)
def prepare_lists() -> None:
    """Put the next lists of active shoppers into the shared cache, after a new model above all."""
    logger.info("Prepared %s lists.", lists.prepare_lists(active_within=ACTIVE_WITHIN))
