"""Links from rows of a person to the page of what the person did."""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

PERMISSION = "recommendations.view_shopper"


def get_shopper_address(user_id: int | None, session_id: str | None) -> str:
    """Return the address of a shopper's or visitor's page; empty for a person who was erased."""
    if user_id is not None:
        return reverse("admin:recommendations_shopper", args=[user_id])
    if session_id:
        return reverse("admin:recommendations_visitor", args=[session_id])
    return ""


def link_to_shopper(user: Any, session_id: str | None) -> str:
    """Return the name of whom a row is about, as a link to the page of what the person did."""
    name = user.get_username() if user else _("A visitor without an account")
    address = get_shopper_address(user.pk if user else None, session_id)
    if not address:
        return "–"
    return format_html('<a class="underline" href="{}">{}</a>', address, name)
