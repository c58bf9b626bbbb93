"""What shoppers do to products, reported by the storefront or a server."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import (
    ME,
    NumberField,
    ShopperIdField,
    StrictSerializer,
    TextField,
    TimeField,
    WholeNumberField,
)
from recommendations.api.policy import Access, Policy, principal_of
from recommendations.api.route import Route
from recommendations.choices import InteractionType, TokenScope
from recommendations.models.behavior import HIGHEST_RATING, LOWEST_RATING
from recommendations.services.interactions import record_interaction

RECORDED = "Interaction recorded successfully"


class InteractionSerializer(StrictSerializer):
    """One interaction; `event_id` is made by the client and makes retries safe."""

    user_id = ShopperIdField(default=ME)
    product_id = WholeNumberField()
    interaction_type = serializers.ChoiceField(choices=[kind.value for kind in InteractionType])
    rating = NumberField(low=LOWEST_RATING, high=HIGHEST_RATING, allow_null=True, default=None)
    event_id = TextField(max_length=64, allow_null=True, default=None)
    timestamp = TimeField(allow_null=True, default=None)

    def validate_interaction_type(self, value: str) -> InteractionType:
        """Return the member of the enumeration."""
        return InteractionType(value)


class InteractionRecordedSerializer(serializers.Serializer[Any]):
    """The interaction is committed."""

    message = serializers.CharField()


class InteractionRoute(Route):
    """The one way in for what shoppers do."""

    policy = Policy(Access.NAMED, scope=TokenScope.INTERACTIONS_WRITE)

    @extend_schema(
        operation_id="record_interaction",
        tags=["interactions"],
        request=InteractionSerializer,
        responses={
            201: OpenApiResponse(InteractionRecordedSerializer, "Committed."),
            200: OpenApiResponse(
                InteractionRecordedSerializer, "This event id was recorded before, with this body."
            ),
        },
        examples=[
            OpenApiExample(
                "A visitor views a product",
                request_only=True,
                value={"product_id": 5, "interaction_type": "view"},
            ),
            OpenApiExample(
                "A server reports a rated purchase, safe to retry",
                request_only=True,
                value={
                    "user_id": 1,
                    "product_id": 5,
                    "interaction_type": "purchase",
                    "rating": 4.5,
                    "event_id": "order-1841-line-1",
                },
            ),
            OpenApiExample("Recorded", response_only=True, value={"message": RECORDED}),
        ],
    )
    def post(self, request: Request) -> Response:
        """Record an interaction; the answer comes after the commit."""
        self.query(StrictSerializer)
        event = self.body(InteractionSerializer)
        subject = self.subject(event.pop("user_id"))
        _, is_new = record_interaction(
            subject=subject, may_backdate=principal_of(request).is_server, **event
        )
        return Response(
            InteractionRecordedSerializer({"message": RECORDED}).data,
            status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK,
        )
