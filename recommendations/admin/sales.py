"""Carts and orders."""

from django.contrib import admin
from django.db.models import Count, F, QuerySet, Sum
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from recommendations.admin.base import ModelAdmin, TabularInline
from recommendations.admin.readonly import ReadOnly
from recommendations.models import CartItem, Order, OrderLine
from recommendations.money import format_amount
from recommendations.services.shop.confirmations import describe_confirmation


@admin.register(CartItem)
class CartItemAdmin(ModelAdmin):
    list_display = ["product", "variant", "quantity", "user", "session_id", "added_at"]
    list_filter = ["added_at"]
    search_fields = ["product__name", "user__username", "session_id"]
    list_select_related = ["product", "variant", "user"]
    raw_id_fields = ["product", "variant", "user"]


class OrderLineInline(ReadOnly, TabularInline):
    model = OrderLine
    fields = ["product_name", "variant_name", "amount", "quantity"]
    readonly_fields = ["amount"]
    extra = 0
    can_delete = False

    @display(description=_("Price"), ordering="price")
    def amount(self, line: OrderLine) -> str:
        return format_amount(line.price)


@admin.register(Order)
class OrderAdmin(ReadOnly, ModelAdmin):
    list_display = ["id", "created_at", "user", "name", "city", "arrives_on", "amount", "lines"]
    fields = [
        "created_at",
        "user",
        "session_id",
        "amount",
        "email",
        "confirmation",
        "delivery_method",
        "arrives_on",
        "address",
    ]
    readonly_fields = ["amount", "confirmation", "address"]
    list_filter = ["created_at", "delivery_method", "arrives_on"]
    search_fields = ["=id", "user__username", "session_id", "name", "email", "lines__product_name"]
    date_hierarchy = "created_at"
    list_select_related = ["user"]
    inlines = [OrderLineInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        orders: QuerySet[Order] = super().get_queryset(request)
        return orders.prefetch_related("lines").annotate(
            line_count=Count("lines"), cost=Sum(F("lines__price") * F("lines__quantity"))
        )

    @display(description=_("Total"), ordering="cost")
    def amount(self, order: Order) -> str:
        return format_amount(order.total)

    @display(description=_("Confirmation"))
    def confirmation(self, order: Order) -> str:
        return describe_confirmation(order)

    @display(description=_("Deliver to"))
    def address(self, order: Order) -> str:
        lines = [order.name, order.street, f"{order.postcode} {order.city}", order.country]
        return format_html_join(mark_safe("<br>"), "{}", [[line] for line in lines if line.strip()])

    @display(description=_("Products"), ordering="line_count")
    def lines(self, order: Order) -> int:
        return order.line_count  # type: ignore[attr-defined, no-any-return]


@admin.register(OrderLine)
class OrderLineAdmin(ReadOnly, ModelAdmin):
    list_display = ["order", "product_name", "variant_name", "amount", "quantity"]
    fields = ["order", "product", "product_name", "variant", "variant_name", "amount", "quantity"]
    readonly_fields = ["amount"]
    search_fields = ["=order__id", "product_name"]
    list_select_related = ["order"]

    @display(description=_("Price"), ordering="price")
    def amount(self, line: OrderLine) -> str:
        return format_amount(line.price)
