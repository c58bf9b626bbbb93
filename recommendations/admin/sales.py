"""Carts and orders; orders change their status step by step."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import display

from recommendations.admin.base import ModelAdmin, TabularInline
from recommendations.admin.formats import write_amount
from recommendations.admin.readonly import ReadOnly
from recommendations.admin.shopper_links import PERMISSION, link_to_shopper
from recommendations.choices import OrderStatus
from recommendations.errors import InvalidInputError
from recommendations.models import CartItem, Order, OrderChange, OrderLine
from recommendations.services.shop.confirmations import describe_confirmation
from recommendations.services.shop.order_status import change_status, require_next

STATUSES = {
    OrderStatus.PLACED: _("Placed"),
    OrderStatus.PACKED: _("Packed"),
    OrderStatus.SENT: _("Sent"),
    OrderStatus.DELIVERED: _("Delivered"),
    OrderStatus.CANCELLED: _("Cancelled"),
    OrderStatus.RETURNED: _("Returned"),
}
STEPS = {
    OrderStatus.PACKED: _("Mark as packed"),
    OrderStatus.SENT: _("Mark as sent"),
    OrderStatus.DELIVERED: _("Mark as delivered"),
    OrderStatus.CANCELLED: _("Cancel the order"),
    OrderStatus.RETURNED: _("Mark as returned"),
}
STATUS_COLOURS = {
    "placed": "warning", "packed": "info", "sent": "info", "delivered": "success",
    "cancelled": "danger", "returned": "danger",
}  # fmt: skip


@admin.register(CartItem)
class CartItemAdmin(ModelAdmin):
    list_display = ["product", "variant", "quantity", "user", "session_id", "added_at"]
    list_filter = ["added_at"]
    search_fields = ["product__name", "user__username", "session_id"]
    list_select_related = ["product", "variant", "user"]
    raw_id_fields = ["product", "variant", "user"]


class OrderLineInline(ReadOnly, TabularInline):
    model = OrderLine
    verbose_name_plural = _("What was ordered")
    fields = ["product_link", "variant_name", "amount", "quantity"]
    readonly_fields = ["product_link", "amount"]
    extra = 0
    can_delete = False

    @display(description=_("Product"))
    def product_link(self, line: OrderLine) -> str:
        if line.product_id is None:
            return line.product_name
        address = reverse("admin:recommendations_product_change", args=[line.product_id])
        return format_html('<a class="underline" href="{}">{}</a>', address, line.product_name)

    @display(description=_("Price"), ordering="price")
    def amount(self, line: OrderLine) -> str:
        return write_amount(line.price)


class OrderChangeInline(ReadOnly, TabularInline):
    model = OrderChange
    verbose_name_plural = _("History")
    fields = ["created_at", "before_label", "after_label", "staff", "note"]
    readonly_fields = ["before_label", "after_label"]
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[OrderChange]:
        changes: QuerySet[OrderChange] = super().get_queryset(request)
        return changes.select_related("staff")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may see an order may see what became of it."""
        return request.user.has_perm("recommendations.view_order")

    @display(description=_("From"))
    def before_label(self, change: OrderChange) -> str:
        return str(STATUSES[OrderStatus(change.before)])

    @display(description=_("To"))
    def after_label(self, change: OrderChange) -> str:
        return str(STATUSES[OrderStatus(change.after)])


@admin.register(Order)
class OrderAdmin(ReadOnly, ModelAdmin):
    list_display = [
        "id", "status_label", "created_at", "buyer", "name", "city", "arrives_on", "amount",
        "lines",
    ]  # fmt: skip
    list_display_links = ["id", "created_at"]
    fieldsets = [
        (None, {"fields": ["status_name", "created_at", "amount", "customer"]}),
        (_("Delivery"), {"fields": ["delivery_method", "arrives_on", "address"]}),
        (_("Mail"), {"fields": ["email", "confirmation"]}),
    ]
    readonly_fields = ["status_name", "amount", "confirmation", "address", "customer", "buyer"]
    list_filter = ["status", "created_at", "delivery_method", "arrives_on"]
    search_fields = ["=id", "user__username", "session_id", "name", "email", "lines__product_name"]
    date_hierarchy = "created_at"
    list_select_related = ["user"]
    list_per_page = 50
    inlines = [OrderLineInline, OrderChangeInline]
    actions = ["mark_packed", "mark_sent", "mark_delivered", "cancel"]
    change_form_outer_before_template = "recommendations/admin/order_steps.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """Return the orders; what their lines add up to is computed for the page alone."""
        orders: QuerySet[Order] = super().get_queryset(request)
        lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by().values("order")
        return orders.prefetch_related("lines").annotate(
            line_count=Subquery(lines.annotate(number=Count("pk")).values("number")),
            cost=Subquery(lines.annotate(sum=Sum(F("price") * F("quantity"))).values("sum")),
        )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fieldsets; the customer is a link for those who may follow it."""
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.has_perm(PERMISSION):
            return fieldsets
        said = [name.replace("customer", "buyer") for name in fieldsets[0][1]["fields"]]
        return [(None, {"fields": said}), *fieldsets[1:]]

    def has_advance_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may change the status of orders."""
        return request.user.has_perm("recommendations.change_order")

    @display(description=_("Status"), ordering="status", label=STATUS_COLOURS)
    def status_label(self, order: Order) -> tuple[str, Any]:
        return order.status, STATUSES[OrderStatus(order.status)]

    @display(description=_("Status"))
    def status_name(self, order: Order) -> str:
        return str(STATUSES[OrderStatus(order.status)])

    @display(description=_("Customer"), ordering="user__username")
    def buyer(self, order: Order) -> str:
        return order.user.get_username() if order.user else "–"

    @display(description=_("Customer"))
    def customer(self, order: Order) -> str:
        return link_to_shopper(order.user, order.session_id)

    @display(description=_("Total"), ordering="cost")
    def amount(self, order: Order) -> str:
        return write_amount(order.total)

    @display(description=_("Confirmation"))
    def confirmation(self, order: Order) -> str:
        return describe_confirmation(order)

    @display(description=_("Deliver to"))
    def address(self, order: Order) -> str:
        lines = [order.name, order.street, f"{order.postcode} {order.city}", order.country]
        return format_html_join(mark_safe("<br>"), "{}", [[line] for line in lines if line.strip()])

    @display(description=_("Products"), ordering="line_count")
    def lines(self, order: Order) -> int:
        return len(order.lines.all())

    def get_urls(self) -> list[Any]:
        """Return the addresses of the pages, with that of the buttons."""
        step = self.admin_site.admin_view(require_POST(self.take_step))
        name = "recommendations_order_step"
        return [path("<int:order_id>/status/", step, name=name), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **options: Any
    ) -> HttpResponse:
        """Show an order, with the steps that may follow to those who may take them."""
        order = options.get("obj")
        if order is not None and self.has_advance_permission(request):
            steps = OrderStatus(order.status).next_statuses
            context["steps"] = [(status.value, STEPS[status]) for status in steps]
        page: HttpResponse = super().render_change_form(request, context, **options)
        return page

    def take_step(self, request: HttpRequest, order_id: int) -> HttpResponse:
        """Set the status of an order, if it may follow."""
        if not self.has_advance_permission(request):
            raise PermissionDenied
        order = Order.objects.filter(pk=order_id).first()
        status = {each.value: each for each in OrderStatus}.get(request.POST.get("status", ""))
        if order is None or status is None:
            raise Http404
        try:
            require_next(order, status)
        except InvalidInputError as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            note = request.POST.get("note", "").replace("\0", "").strip()[:200]
            self._change(request, [order_id], status, note=note)
        address = reverse("admin:recommendations_order_change", args=[order_id])
        return HttpResponseRedirect(address)

    @admin.action(description=STEPS[OrderStatus.PACKED], permissions=["advance"])
    def mark_packed(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._change_many(request, orders, OrderStatus.PACKED)

    @admin.action(description=STEPS[OrderStatus.SENT], permissions=["advance"])
    def mark_sent(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._change_many(request, orders, OrderStatus.SENT)

    @admin.action(description=STEPS[OrderStatus.DELIVERED], permissions=["advance"])
    def mark_delivered(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._change_many(request, orders, OrderStatus.DELIVERED)

    @admin.action(description=STEPS[OrderStatus.CANCELLED], permissions=["advance"])
    def cancel(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        self._change_many(request, orders, OrderStatus.CANCELLED)

    def _change_many(
        self, request: HttpRequest, orders: QuerySet[Order], status: OrderStatus
    ) -> None:
        self._change(request, list(orders.order_by().values_list("pk", flat=True)), status)

    def _change(
        self, request: HttpRequest, order_ids: list[int], status: OrderStatus, *, note: str = ""
    ) -> None:
        staff: Any = request.user
        changed = change_status(order_ids, status, staff=staff, note=note)
        told = ngettext(
            "%(changed)s of %(chosen)s order is %(status)s now.",
            "%(changed)s of %(chosen)s orders are %(status)s now.",
            len(order_ids),
        ) % {
            "changed": changed,
            "chosen": len(order_ids),
            "status": str(STATUSES[status]).lower(),
        }
        level = messages.SUCCESS if changed == len(order_ids) else messages.WARNING
        self.message_user(request, told, level)
        if status is OrderStatus.CANCELLED and changed:
            self.message_user(request, _("Their pieces are in stock again."), messages.INFO)


@admin.register(OrderLine)
class OrderLineAdmin(ReadOnly, ModelAdmin):
    list_display = ["order", "product_name", "variant_name", "amount", "quantity"]
    fields = ["order", "product", "product_name", "variant", "variant_name", "amount", "quantity"]
    readonly_fields = ["amount"]
    search_fields = ["=order__id", "product_name"]
    list_select_related = ["order"]

    @display(description=_("Price"), ordering="price")
    def amount(self, line: OrderLine) -> str:
        return write_amount(line.price)
