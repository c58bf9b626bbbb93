"""The caller's cart."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import (
    MoneyField,
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
    UuidField,
)
from recommendations.api.ids import ProductIdField, VariantIdField
from recommendations.api.interaction_serializers import MAX_POSITION
from recommendations.api.policy import Access, Policy
from recommendations.api.products import ProductCardSerializer, VariantSerializer
from recommendations.api.route import Route
from recommendations.conf import configuration
from recommendations.models import CartItem
from recommendations.money import format_amount
from recommendations.services.shop import carts


class CartItemSerializer(serializers.Serializer[CartItem]):
    """One product of a cart; `variant` is null for a product without variants.

    `price` is what one piece costs.
    """

    product = ProductCardSerializer()
    variant = VariantSerializer(allow_null=True)
    price = MoneyField()
    quantity = serializers.IntegerField()
    line_total = serializers.SerializerMethodField()

    def get_line_total(self, item: CartItem) -> str:
        """Return the price times the quantity."""
        return format_amount(item.price * item.quantity)


class CartSerializer(serializers.Serializer[carts.Cart]):
    """A cart at current prices."""

    items = CartItemSerializer(many=True)
    item_count = serializers.IntegerField()
    total = MoneyField()
    currency = serializers.SerializerMethodField()

    def get_currency(self, cart: carts.Cart) -> str:
        """Return the currency of the shop."""
        return configuration().currency


class CartAdditionSerializer(StrictSerializer):
    """A product, a quantity, the list and position that led to it, and an id for safe retries.

    Of a product with variants, `variant_id` says which one.
    """

    product_id = ProductIdField()
    variant_id = VariantIdField(allow_null=True, default=None)
    quantity = StrictIntegerField(min_value=1, max_value=carts.MAX_QUANTITY, default=1)
    list_id = UuidField(allow_null=True, default=None)
    position = StrictIntegerField(
        min_value=0, max_value=MAX_POSITION, allow_null=True, default=None
    )
    event_id = StrictCharField(max_length=64, allow_null=True, default=None)


class CartQuantitySerializer(StrictSerializer):
    """The new quantity."""

    quantity = StrictIntegerField(min_value=1, max_value=carts.MAX_QUANTITY)


class CartLineQuerySerializer(StrictSerializer):
    """Which variant of the product."""

    variant_id = VariantIdField(required=False)


class CartRoute(Route):
    """The caller's cart."""

    policy = Policy(Access.OWN)

    @extend_schema(operation_id="get_cart", tags=["cart"], responses=CartSerializer)
    def get(self, request: Request) -> Response:
        """Return the cart; a new visitor's cart is empty."""
        return Response(CartSerializer(carts.get_cart(self.caller.get_subject())).data)

    @extend_schema(
        operation_id="add_to_cart",
        tags=["cart"],
        request=CartAdditionSerializer,
        responses={201: CartSerializer},
    )
    def post(self, request: Request) -> Response:
        """Add a product to the cart, or raise its quantity."""
        addition: dict[str, Any] = self.validate_body(CartAdditionSerializer)
        product = addition["product_id"] = self.own_ids.find_product(addition["product_id"])
        addition["variant_id"] = self.own_ids.find_variant(product, addition["variant_id"])
        cart = carts.add_to_cart(subject=self.caller.ensure_subject(), **addition)
        return Response(CartSerializer(cart).data, status=status.HTTP_201_CREATED)


class CartItemRoute(Route):
    """One product of the caller's cart, or one variant of it."""

    policy = Policy(Access.OWN)
    query_serializer = CartLineQuerySerializer

    @extend_schema(
        operation_id="set_cart_quantity",
        tags=["cart"],
        request=CartQuantitySerializer,
        responses=CartSerializer,
    )
    def patch(self, request: Request, product_id: str) -> Response:
        """Set the quantity of a product, or of a variant, in the cart."""
        product = self.find_product(product_id)
        quantity = self.validate_body(CartQuantitySerializer)["quantity"]
        cart = carts.set_quantity(
            subject=self.caller.ensure_subject(),
            product_id=product,
            quantity=quantity,
            variant_id=self.find_variant(product),
        )
        return Response(CartSerializer(cart).data)

    @extend_schema(
        operation_id="remove_from_cart",
        tags=["cart"],
        responses={200: CartSerializer},
    )
    def delete(self, request: Request, product_id: str) -> Response:
        """Remove a variant, or a product in all its variants; no error if it is not there."""
        product = self.find_product(product_id)
        cart = carts.remove_from_cart(
            subject=self.caller.get_subject(),
            product_id=product,
            variant_id=self.find_variant(product),
        )
        return Response(CartSerializer(cart).data)

    def find_variant(self, product_id: int) -> int | None:
        """Return our id of the variant that the query string names."""
        return self.own_ids.find_variant(product_id, self.query.get("variant_id"))
