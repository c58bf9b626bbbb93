"""Tasks that keep the database small."""

import logging

from celery import shared_task

from recommendations.services.data_import import jobs
from recommendations.services.insight import inspections
from recommendations.services.lists import served_log
from recommendations.services.partitions import months
from recommendations.services.people import traces
from recommendations.services.shop import confirmations, orders
from recommendations.services.what_if import runs

logger = logging.getLogger(__name__)


@shared_task(name="recommendations.tasks.prune_served_lists", acks_late=True)
def prune_served_lists() -> None:
    """Delete served lists, and what staff did with them, older than `served_log_keep_days`."""
    logger.info("Deleted %s old served lists.", served_log.prune())
    logger.info("Deleted %s old looks of staff into lists.", inspections.prune())
    logger.info("Deleted %s old what-ifs.", runs.prune())


@shared_task(name="recommendations.tasks.make_partitions_ahead", acks_late=True)
def make_partitions_ahead() -> None:
    """Make the partitions of the next months, in a shop whose log of interactions has some."""
    for name in months.make_partitions_ahead():
        logger.info("Made the partition %s.", name)


@shared_task(name="recommendations.tasks.prune_idempotency_keys", acks_late=True)
def prune_idempotency_keys() -> None:
    """Forget the idempotency keys of orders that nobody will send again."""
    logger.info("Forgot %s idempotency keys.", orders.prune_keys())


@shared_task(name="recommendations.tasks.send_order_confirmations", acks_late=True)
def send_order_confirmations() -> None:
    """Mail the confirmations of orders that are due; runs every minute."""
    sent = confirmations.send_due_confirmations()
    if sent:
        logger.info("Sent %s confirmations of orders.", sent)


@shared_task(name="recommendations.tasks.prune_traces", acks_late=True)
def prune_traces() -> None:
    """Delete expired sessions, sign-in attempts that no longer count, and old mails and files."""
    jobs.prune_jobs()
    pruned = traces.prune()
    logger.info(
        "Deleted expired sessions, %s sign-in attempts and %s mails.",
        pruned.sign_in_attempts,
        pruned.mails,
    )
