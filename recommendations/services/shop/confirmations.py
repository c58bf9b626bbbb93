"""Mails that confirm orders. The order's row says what is due, so no crash loses a mail."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.core.mail import send_mail
from django.utils import timezone

from recommendations.models import Order
from recommendations.services.people.mailing import count_mail
from recommendations.services.shop.order_mail import build_order_mail

logger = logging.getLogger(__name__)

MAILS_PER_HOUR = 20
"""Confirmations that one address gets in an hour; the others wait for the next hour."""
RETRY_AFTER = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(days=3)


def send_due_confirmations() -> int:
    """Mail the confirmations that are due, oldest order first; return how many were sent."""
    now = timezone.now()
    due = (
        Order.objects.filter(confirmation_due_at__lte=now, created_at__gt=now - GIVE_UP_AFTER)
        .order_by("confirmation_due_at")
        .prefetch_related("lines")
    )
    return sum(_send(order, now) for order in due[:500])


def _send(order: Order, now: datetime) -> bool:
    """Mail one confirmation unless another process does; a mail that fails is due again later."""
    row = Order.objects.filter(pk=order.pk, confirmation_due_at=order.confirmation_due_at)
    if not row.update(confirmation_due_at=now + RETRY_AFTER):
        return False
    if not count_mail(order.email, purpose="confirmation", limit=MAILS_PER_HOUR):
        return False
    subject, text = build_order_mail(order)
    try:
        send_mail(subject, text, None, [order.email])
    except (OSError, SMTPException) as problem:
        logger.warning(
            "The confirmation of order %s was not sent: %s", order.pk, type(problem).__name__
        )
        return False
    Order.objects.filter(pk=order.pk).update(confirmation_due_at=None)
    return True
