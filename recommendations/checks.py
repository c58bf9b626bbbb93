"""System checks of a shop: what an operator should set, although the shop runs without it."""

import logging
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, register, run_checks

logger = logging.getLogger(__name__)

TAG = "shop"
NOWHERE = "django.core.mail.backends.dummy.EmailBackend"


@register(TAG)
def check_mail_server(**_: Any) -> list[CheckMessage]:
    """Warn if mails go nowhere."""
    if settings.EMAIL_BACKEND != NOWHERE:
        return []
    return [
        checks.Warning(
            "There is no mail server: nobody gets a link for a new password, or any other mail.",
            hint="Set EMAIL_HOST, and DEFAULT_FROM_EMAIL to an address that it may send from.",
            id="shop.W001",
        )
    ]


@register(TAG)
def check_proxies(**_: Any) -> list[CheckMessage]:
    """Warn if a shop that expects a proxy takes every visitor for the proxy."""
    expects_proxy = settings.SECURE_PROXY_SSL_HEADER is not None
    if not expects_proxy or settings.REST_FRAMEWORK["NUM_PROXIES"]:
        return []
    return [
        checks.Warning(
            "All visitors share the address of the proxy: ten wrong passwords by anyone lock a "
            "shopper out.",
            hint="Set NUM_PROXIES to the number of proxies that append to X-Forwarded-For.",
            id="shop.W002",
        )
    ]


def log_warnings() -> None:
    """Log what the checks say; web servers and workers do not print it themselves."""
    for message in run_checks(tags=[TAG]):
        logger.warning("%s %s", message.msg, message.hint)
