"""Tasks that train in the background."""

import logging
from typing import Any

from celery import shared_task

from recommendations.errors import ShopError, TrainingUnderWayError
from recommendations.services.training.registry import share_live_artifact
from recommendations.services.training.schedule import find_retraining_reason
from recommendations.services.training.train import train

logger = logging.getLogger(__name__)

WAIT_SECONDS = 30
"""Pause before the next try while another training is running."""


@shared_task(name="recommendations.tasks.retrain", bind=True, acks_late=True, max_retries=60)
def retrain(self: Any) -> None:
    """Train now, or after a training that is running. If delivered twice, the task trains twice."""
    try:
        train()
    except TrainingUnderWayError as busy:
        raise self.retry(countdown=WAIT_SECONDS, exc=busy) from busy
    except ShopError as refused:
        logger.error("Nothing was trained: %s", refused)


@shared_task(name="recommendations.tasks.retrain_when_due", acks_late=True)
def retrain_when_due() -> None:
    """Train if a training is due; runs on a schedule.

    If the hosts of the shop share artifacts, this one first fetches a live version that it lacks.
    """
    share_live_artifact()
    reason = find_retraining_reason()
    if reason is None:
        return
    logger.info("Training: %s", reason)
    try:
        train()
    except TrainingUnderWayError as busy:
        logger.info("Nothing was trained: %s", busy)
    except ShopError as refused:
        logger.error("Nothing was trained: %s", refused)
