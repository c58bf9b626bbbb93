"""The page of what one shopper did, and the search that leads there.

Both need a permission of their own, and each look at a shopper is noted in the admin's log.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommendations.admin.dimension_names import name_value
from recommendations.admin.formats import write_amount
from recommendations.admin.sales import STATUSES
from recommendations.admin.shopper_links import PERMISSION, get_shopper_address
from recommendations.choices import OrderStatus
from recommendations.services.insight.report import Dimension
from recommendations.services.people.shopper_record import find_shoppers, read_record
from recommendations.services.people.subjects import Subject


def list_addresses() -> list[URLPattern]:
    """Return the addresses of the pages, below that of the profiles."""
    view = admin.site.admin_view
    return [
        path("shoppers/", view(search_page), name="recommendations_shoppers"),
        path("shoppers/<int:user_id>/", view(shopper_page), name="recommendations_shopper"),
        path("visitors/<str:session_id>/", view(visitor_page), name="recommendations_visitor"),
    ]


def search_page(request: HttpRequest) -> HttpResponse:
    """Find shoppers by name, mail address or order."""
    _require_permission(request)
    text = request.GET.get("q", "").replace("\0", "").strip()[:100]
    context = {
        **admin.site.each_context(request),
        "title": _("Shoppers"),
        "query": text,
        "found": [
            (account, get_shopper_address(account.pk, None)) for account in find_shoppers(text)
        ],
    }
    return TemplateResponse(request, "recommendations/admin/shoppers.html", context)


def shopper_page(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show what a shopper did."""
    _require_permission(request)
    if user_id >= 2**31:
        raise Http404
    return _show(request, Subject(user_id=user_id))


def visitor_page(request: HttpRequest, session_id: str) -> HttpResponse:
    """Show what a visitor without an account did."""
    _require_permission(request)
    if "\0" in session_id:
        raise Http404
    return _show(request, Subject(session_id=session_id))


def _require_permission(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _show(request: HttpRequest, subject: Subject) -> HttpResponse:
    record = read_record(subject)
    if record is None:
        raise Http404
    _note(request, subject)
    name = record.account.get_username() if record.account else _("A visitor without an account")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": name,
        "record": record,
        "orders": [
            (order, STATUSES[OrderStatus(order.status)], write_amount(order.total))
            for order in record.orders
        ],
        "lists": [
            (name_value(Dimension.LIST, served.name), served, products)
            for served, products in record.lists
        ],
        "may_see_orders": request.user.has_perm("recommendations.view_order"),
        "may_see_products": request.user.has_perm("recommendations.view_product"),
    }
    return TemplateResponse(request, "recommendations/admin/shopper.html", context)


def _note(request: HttpRequest, subject: Subject) -> None:
    assert request.user.pk is not None  # noqa: S101 - whoever has a permission has an account
    LogEntry.objects.create(
        user_id=request.user.pk,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(subject.user_id or ""),
        object_repr=subject.key,
        action_flag=CHANGE,
        change_message=gettext("Looked at what the shopper did."),
    )
