"""The caller's orders: a checkout without payment."""

from datetime import UTC
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import MoneyField, StrictSerializer
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.conf import configuration
from recommendations.models import Order, OrderLine
from recommendations.services.shop import orders


class OrderLineSerializer(serializers.Serializer[OrderLine]):
    """One product of an order; `product_id` is null after the product was deleted."""

    product_id = serializers.IntegerField(allow_null=True)
    product_name = serializers.CharField()
    price = MoneyField()
    quantity = serializers.IntegerField()


class OrderSerializer(serializers.Serializer[Order]):
    """An order."""

    id = serializers.IntegerField()
    total = MoneyField()
    currency = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(default_timezone=UTC)
    lines = OrderLineSerializer(many=True)

    def get_currency(self, order: Order) -> str:
        """Return the currency of the shop."""
        return configuration().currency


class OrderListSerializer(serializers.Serializer[Any]):
    """Orders, newest first."""

    orders = OrderSerializer(many=True)


class CheckoutSerializer(StrictSerializer):
    """An empty body: the order takes the whole cart."""


class OrdersRoute(Route):
    """The orders of the caller."""

    policy = Policy(Access.OWN)

    @extend_schema(operation_id="list_orders", tags=["orders"], responses=OrderListSerializer)
    def get(self, request: Request) -> Response:
        """List the latest hundred orders of the caller."""
        subject = self.caller.get_subject()
        found = [] if subject is None else orders.get_orders(subject)[:100]
        return Response(OrderListSerializer({"orders": found}).data)

    @extend_schema(
        operation_id="place_order",
        tags=["orders"],
        request=CheckoutSerializer,
        responses={201: OrderSerializer},
    )
    def post(self, request: Request) -> Response:
        """Order the cart; stock, order and purchases change in one transaction."""
        self.validate_body(CheckoutSerializer)
        order = orders.place_order(subject=self.caller.ensure_subject())
        return Response(OrderSerializer(order).data, status=status.HTTP_201_CREATED)
