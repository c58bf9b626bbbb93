"""Mails that confirm orders. The order's row says what is due, so no crash loses a mail."""

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.checks import NOWHERE
from recommendations.models import Order
from recommendations.services.people.mailing import count_mail
from recommendations.services.shop.order_mail import build_order_mail

logger = logging.getLogger(__name__)

MAILS_PER_HOUR = 20
"""Confirmations that one address gets in an hour; the others wait for the next hour."""
RETRY_AFTER = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(days=3)


def send_due_confirmations() -> int:
    """Mail the confirmations that are due, oldest order first; return how many were sent.

    Without a mail server they stay due: a server that is set up later gets those of the last days.
    """
    if settings.EMAIL_BACKEND == NOWHERE:
        return 0
    now = timezone.now()
    due = (
        Order.objects.filter(confirmation_due_at__lte=now, created_at__gt=now - GIVE_UP_AFTER)
        .order_by("confirmation_due_at")
        .prefetch_related("lines")
    )
    return sum(_send(order, now) for order in due[:500])


def describe_confirmation(order: Order) -> str:
    """Return what became of the confirmation, for staff."""
    if not order.email:
        return _("None: the order has no mail address.")
    if order.confirmation_due_at is None:
        return _("Sent.")
    if order.created_at <= timezone.now() - GIVE_UP_AFTER:
        return _("Not sent, and given up after {} days.").format(GIVE_UP_AFTER.days)
    if settings.EMAIL_BACKEND == NOWHERE:
        return _("Not sent: there is no mail server. Set EMAIL_HOST.")
    due = timezone.localtime(order.confirmation_due_at)
    return _("Not sent yet; tried next at {}.").format(f"{due:%Y-%m-%d %H:%M}")


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
