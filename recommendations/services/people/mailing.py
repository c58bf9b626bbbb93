"""Mails to people: sent outside of requests, and limited by recipient.

A slow mail server delays nobody. As nothing of a mail happens within a request, neither the answer
nor its time tells whether an address has an account.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.utils.crypto import salted_hmac

from recommendations.checks import NOWHERE
from recommendations.services.infra.rate_limit import MINUTE, consume
from recommendations.services.people.spelling import fold_spelling

MAILS_PER_HOUR = 5
"""How many mails a recipient gets in an hour, whoever asks for them."""

logger = logging.getLogger(__name__)

mail_executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


def send_within_limit(*, recipient: str, subject: str, text: str) -> None:
    """Send a mail, unless the recipient has had `MAILS_PER_HOUR` in this hour; log a failure.

    Addresses that differ in case or spaces are one recipient. The count does not store the address.
    """
    if not count_mail(recipient, purpose="mail", limit=MAILS_PER_HOUR):
        logger.warning("A mail was not sent: its recipient has had %s this hour.", MAILS_PER_HOUR)
        return
    if settings.EMAIL_BACKEND == NOWHERE:
        logger.warning("A mail was not sent: there is no mail server. Set EMAIL_HOST.")
        return
    try:
        send_mail(subject, text, None, [recipient])
    except (SMTPException, OSError) as problem:
        logger.error("A mail was not sent: %s", type(problem).__name__)


def count_mail(recipient: str, *, purpose: str, limit: int) -> bool:
    """Count a mail; return whether its recipient is within the hour's limit of its purpose."""
    key = salted_hmac("mail limit", fold_spelling(recipient)).hexdigest()
    return consume(f"{purpose}:{key}", limit=limit, window_seconds=60 * MINUTE) is None
