"""The caller's orders: a checkout without payment."""

import hashlib
import json
import re
from datetime import UTC
from typing import Any

from django.utils.translation import get_language_from_request
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.errors import PROBLEM_JSON
from recommendations.api.fields import (
    AmountField,
    MoneyField,
    StrictBooleanField,
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
)
from recommendations.api.ids import OwnIdField, ProductIdField, VariantIdField
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.api.visitor import derive_visitor_id
from recommendations.choices import DeliveryMethod, OrderStatus
from recommendations.conf import configuration
from recommendations.countries import COUNTRIES
from recommendations.errors import InvalidInputError
from recommendations.models import Order, OrderLine
from recommendations.services.shop import orders
from recommendations.services.shop.carts import MAX_QUANTITY
from recommendations.services.shop.checkouts import Address, Attempt, Checkout, SeenLine

KEY_HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,100}", re.ASCII)
RANDOM_KEY = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE
)
"""A random UUID (version 4): nobody guesses its 122 bits."""
MAX_LINES = 100
METHODS = [method.value for method in DeliveryMethod]


class OrderLineSerializer(serializers.Serializer[OrderLine]):
    """One product of an order; its ids are null after the product was deleted.

    `variant_name` is empty for a product without variants.
    """

    product_id = serializers.IntegerField(allow_null=True)
    external_id = OwnIdField(source="product.external_id", default=None)
    product_name = serializers.CharField()
    variant_id = serializers.IntegerField(allow_null=True)
    variant_name = serializers.CharField()
    price = MoneyField()
    quantity = serializers.IntegerField()


class OrderDeliverySerializer(serializers.Serializer[Order]):
    """Where an order goes, how, and by when."""

    name = serializers.CharField()
    street = serializers.CharField()
    postcode = serializers.CharField()
    city = serializers.CharField()
    country = serializers.CharField()
    method = serializers.ChoiceField(choices=METHODS, source="delivery_method")
    arrives_on = serializers.DateField()


class OrderSerializer(serializers.Serializer[Order]):
    """An order; `delivery` is null for an order without an address."""

    id = serializers.IntegerField()
    total = MoneyField()
    currency = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(default_timezone=UTC)
    status = serializers.ChoiceField(choices=[status.value for status in OrderStatus])
    lines = OrderLineSerializer(many=True)
    email = serializers.CharField()
    delivery = serializers.SerializerMethodField()

    def get_currency(self, order: Order) -> str:
        """Return the currency of the shop."""
        return configuration().currency

    @extend_schema_field(OrderDeliverySerializer(allow_null=True))
    def get_delivery(self, order: Order) -> Any:
        """Return where the order goes."""
        return OrderDeliverySerializer(order).data if order.has_address else None


class OrderListSerializer(serializers.Serializer[Any]):
    """Orders, newest first."""

    orders = OrderSerializer(many=True)


def _ask_for(sentence: str, max_length: int) -> StrictCharField:
    """Return a field of an address that answers with this sentence when it is empty."""
    return StrictCharField(
        max_length=max_length,
        validators=[_require_one_line],
        error_messages={
            "required": sentence,
            "blank": sentence,
            "null": sentence,
            "invalid": sentence,
            "max_length": "Use at most {max_length} characters.",
        },
    )


def _require_one_line(text: str) -> None:
    if not text.isprintable():
        raise serializers.ValidationError("Write this on one line, without control characters.")


class DeliverySerializer(StrictSerializer):
    """Where the order goes, and how: `home` (to the door) or `pickup` (to a pick-up point)."""

    name = _ask_for("Give the name of the person who gets the order.", 100)
    street = _ask_for("Give the street and the number of the house.", 120)
    postcode = _ask_for("Give the postcode.", 12)
    city = _ask_for("Give the city.", 80)
    country = serializers.ChoiceField(
        choices=COUNTRIES,
        error_messages={
            "required": "Give the country.",
            "invalid_choice": "Give the two letters of a country (ISO 3166-1), such as DE.",
        },
    )
    method = serializers.ChoiceField(choices=METHODS, default=DeliveryMethod.HOME.value)


class SeenLineSerializer(StrictSerializer):
    """A product with the quantity and the price that the shopper was shown.

    Of a product with variants, `variant_id` says which one.
    """

    product_id = ProductIdField()
    variant_id = VariantIdField(allow_null=True, default=None)
    quantity = StrictIntegerField(min_value=1, max_value=MAX_QUANTITY)
    price = AmountField()


class CheckoutSerializer(StrictSerializer):
    """What the shopper was shown and entered; an empty body orders the cart as it is now.

    `lines` and `expected_total`: if the order would be another one, the answer is 409 and nothing
    is ordered. With `from_cart` false, the order takes `lines` and leaves the cart as it is.
    """

    lines = serializers.ListField(
        child=SeenLineSerializer(),
        required=False,
        min_length=1,
        max_length=MAX_LINES,
    )
    from_cart = StrictBooleanField(default=True)
    expected_total = AmountField(required=False)
    delivery = DeliverySerializer(required=False)
    email = serializers.EmailField(
        required=False,
        max_length=254,
        error_messages={"invalid": "This is not an e-mail address. Look for a missing letter."},
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an order of nothing."""
        if not attrs["from_cart"] and not attrs.get("lines"):
            raise serializers.ValidationError(
                {"lines": "Without the cart, say in `lines` what to order."}
            )
        return attrs


class CheckoutLineStateSerializer(serializers.Serializer[Any]):
    """A quantity and a price."""

    quantity = serializers.IntegerField()
    price = MoneyField()


class CheckoutChangeSerializer(serializers.Serializer[Any]):
    """One line that differs: `expected` is null for one more line, `now` for one that is gone."""

    product_id = serializers.IntegerField()
    external_id = serializers.CharField(allow_null=True)
    product_name = serializers.CharField()
    variant_id = serializers.IntegerField(allow_null=True)
    variant_name = serializers.CharField()
    expected = CheckoutLineStateSerializer(allow_null=True)
    now = CheckoutLineStateSerializer(allow_null=True)


class CheckoutProblemSerializer(serializers.Serializer[Any]):
    """A problem of a checkout.

    `order_changed` and `out_of_stock` have the total that the order would have now and the lines
    that differ; `idempotency_conflict` has the order that was placed with the key.
    """

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    request_id = serializers.CharField()
    total = MoneyField(required=False)
    currency = serializers.CharField(required=False)
    changes = CheckoutChangeSerializer(many=True, required=False)
    order_id = serializers.IntegerField(required=False)


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
        parameters=[
            OpenApiParameter(
                KEY_HEADER,
                location=OpenApiParameter.HEADER,
                description="A name that the client makes for one attempt to order, best a random "
                "UUID: 1 to 100 printable ASCII characters. The same attempt again answers 200 "
                "with the same order, for seven days, also to a client without cookies if the name "
                "is a random UUID.",
            )
        ],
        request=CheckoutSerializer,
        responses={
            200: OrderSerializer,
            201: OrderSerializer,
            (409, PROBLEM_JSON): CheckoutProblemSerializer,
            (422, PROBLEM_JSON): CheckoutProblemSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        """Order the cart or one product; stock, order and purchases change in one transaction."""
        values = self.validate_body(CheckoutSerializer)
        for line in values.get("lines", ()):
            product = line["product_id"] = self.own_ids.find_product(line["product_id"])
            line["variant_id"] = self.own_ids.find_variant(product, line["variant_id"])
        checkout = _build_checkout(values, _get_language(request))
        attempt = _read_attempt(request)
        subject = self.caller.get_subject() or orders.choose_visitor(attempt)
        order, is_new = orders.place_order(
            subject=subject or self.caller.ensure_subject(), checkout=checkout, attempt=attempt
        )
        if subject is not None and subject.session_id is not None:
            # Only the order makes the caller this visitor: a key without its body opens nothing.
            self.caller.visitor.adopt_id(subject.session_id)
        return Response(
            OrderSerializer(order).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )


def _build_checkout(values: dict[str, Any], language: str) -> Checkout:
    lines, delivery = values.pop("lines", None), values.pop("delivery", None)
    ids = [(line["product_id"], line["variant_id"]) for line in lines or ()]
    if len(set(ids)) < len(ids):
        raise InvalidInputError("Name each product, or each of its variants, once.", field="lines")
    if delivery is not None:
        delivery = Address(**{**delivery, "method": DeliveryMethod(delivery["method"])})
    return Checkout(
        **values,
        lines=None if lines is None else [SeenLine(**line) for line in lines],
        delivery=delivery,
        language=language,
    )


def _read_attempt(request: Request) -> Attempt | None:
    key = request.headers.get(KEY_HEADER)
    if key is None:
        return None
    if KEY.fullmatch(key) is None:
        raise InvalidInputError(
            "An idempotency key has 1 to 100 printable ASCII characters.", field=KEY_HEADER
        )
    body = json.dumps(request.data, sort_keys=True)
    visitor_id = derive_visitor_id(key) if RANDOM_KEY.fullmatch(key) else None
    return Attempt(key, hashlib.sha256(body.encode()).hexdigest(), visitor_id)


def _get_language(request: Request) -> str:
    """Return the language of the mail: the one that the client asks for, or else the shop's."""
    if "Accept-Language" not in request.headers:
        return configuration().language
    return get_language_from_request(request._request)[:2]
