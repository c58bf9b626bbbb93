"""Likes, and products that the caller does not want to see."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import (
    StrictCharField,
    StrictIntegerField,
    StrictSerializer,
    UuidField,
)
from recommendations.api.ids import OwnIdField, ProductIdField
from recommendations.api.interaction_serializers import MAX_POSITION
from recommendations.api.policy import Access, Policy
from recommendations.api.products import ProductCardsSerializer
from recommendations.api.route import Route
from recommendations.models import Product
from recommendations.services.shop import feedback
from recommendations.services.shop.catalogue import get_active_product


class ProductIdSerializer(serializers.Serializer[Product]):
    """The product that was liked or dismissed."""

    product_id = serializers.IntegerField(source="pk")
    external_id = OwnIdField()


class DismissalSerializer(StrictSerializer):
    """The product to dismiss."""

    product_id = ProductIdField()


class LikeSerializer(StrictSerializer):
    """A product to like, the list and position that led to it, and an id for safe retries."""

    product_id = ProductIdField()
    list_id = UuidField(allow_null=True, default=None)
    position = StrictIntegerField(
        min_value=0, max_value=MAX_POSITION, allow_null=True, default=None
    )
    event_id = StrictCharField(max_length=64, allow_null=True, default=None)


class LikesRoute(Route):
    """The likes of the caller."""

    policy = Policy(Access.OWN)

    @extend_schema(operation_id="list_likes", tags=["likes"], responses=ProductCardsSerializer)
    def get(self, request: Request) -> Response:
        """List the liked products, last liked first, at most 500."""
        products = feedback.get_liked_products(self.caller.get_subject())
        return Response(ProductCardsSerializer({"products": products, "count": len(products)}).data)

    @extend_schema(
        operation_id="like_product",
        tags=["likes"],
        request=LikeSerializer,
        responses={201: ProductIdSerializer},
    )
    def post(self, request: Request) -> Response:
        """Like a product; the first like also records an interaction."""
        like: dict[str, Any] = self.validate_body(LikeSerializer)
        like["product_id"] = self.own_ids.find_product(like["product_id"])
        product = feedback.like_product(subject=self.caller.ensure_subject(), **like)
        return Response(ProductIdSerializer(product).data, status=status.HTTP_201_CREATED)


class LikeRoute(Route):
    """One like."""

    policy = Policy(Access.OWN)

    @extend_schema(
        operation_id="unlike_product",
        tags=["likes"],
        responses={204: None},
    )
    def delete(self, request: Request, product_id: str) -> Response:
        """Remove a like; no error if there is none."""
        product = self.find_product(product_id)
        if subject := self.caller.get_subject():
            feedback.unlike_product(subject=subject, product_id=product)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DismissalsRoute(Route):
    """The products that the caller does not want to see."""

    policy = Policy(Access.OWN)

    @extend_schema(
        operation_id="list_not_interested",
        tags=["not interested"],
        responses=ProductCardsSerializer,
    )
    def get(self, request: Request) -> Response:
        """List the dismissed products, last dismissed first, at most 500."""
        products = (
            feedback.get_active_products(self.caller.visitor.hidden)
            if self.caller.has_opted_out
            else feedback.get_dismissed_products(self.caller.get_subject())
        )
        return Response(ProductCardsSerializer({"products": products, "count": len(products)}).data)

    @extend_schema(
        operation_id="dismiss_product",
        tags=["not interested"],
        request=DismissalSerializer,
        responses={201: ProductIdSerializer},
    )
    def post(self, request: Request) -> Response:
        """Dismiss a product: no list shows it to the caller."""
        dismissal = self.validate_body(DismissalSerializer)
        product_id = self.own_ids.find_product(dismissal["product_id"])
        if self.caller.has_opted_out:
            product = get_active_product(product_id)
            self.caller.visitor.hide(product.pk)
        else:
            product = feedback.dismiss_product(
                subject=self.caller.ensure_subject(), product_id=product_id
            )
        return Response(ProductIdSerializer(product).data, status=status.HTTP_201_CREATED)


class DismissalRoute(Route):
    """One product that the caller does not want to see."""

    policy = Policy(Access.OWN)

    @extend_schema(
        operation_id="restore_product",
        tags=["not interested"],
        responses={204: None},
    )
    def delete(self, request: Request, product_id: str) -> Response:
        """Restore a dismissed product; no error if it is not dismissed."""
        product = self.find_product(product_id)
        self.caller.visitor.unhide(product)
        if subject := self.caller.get_subject():
            feedback.restore_product(subject=subject, product_id=product)
        return Response(status=status.HTTP_204_NO_CONTENT)
