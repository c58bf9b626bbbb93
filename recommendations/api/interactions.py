"""Interactions of shoppers with products, sent by the storefront or a server."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.errors import get_default_code, to_problem
from recommendations.api.fields import (
    ME,
    ShopperIdField,
    StrictCharField,
    StrictDateTimeField,
    StrictFloatField,
    StrictIntegerField,
    StrictSerializer,
    UuidField,
)
from recommendations.api.parsers import BatchParser
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route, validate
from recommendations.api.throttling import throttle_events
from recommendations.choices import InteractionType, TokenScope
from recommendations.errors import ShopError
from recommendations.models.behavior import HIGHEST_RATING, LOWEST_RATING
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.interactions import CLOCK_SKEW, record_interaction

MAX_POSITION = 999
MAX_BATCH_SIZE = 100
RECORDED = "Interaction recorded successfully"


class InteractionSerializer(StrictSerializer):
    """One interaction. The client chooses the `event_id`; a retry with the same id is safe.

    `list_id` and `position` (from 0) name the served list and the entry that led to it. A client
    whose clock may be wrong sends `age_seconds`, how long ago it was, instead of `timestamp`.
    """

    user_id = ShopperIdField(default=ME)
    product_id = StrictIntegerField()
    interaction_type = serializers.ChoiceField(choices=[member.value for member in InteractionType])
    rating = StrictFloatField(
        min_value=LOWEST_RATING, max_value=HIGHEST_RATING, allow_null=True, default=None
    )
    event_id = StrictCharField(max_length=64, allow_null=True, default=None)
    timestamp = StrictDateTimeField(allow_null=True, default=None)
    age_seconds = StrictFloatField(
        min_value=0, max_value=CLOCK_SKEW.total_seconds(), allow_null=True, default=None
    )
    list_id = UuidField(allow_null=True, default=None)
    position = StrictIntegerField(
        min_value=0, max_value=MAX_POSITION, allow_null=True, default=None
    )

    def validate_interaction_type(self, value: str) -> InteractionType:
        """Return the interaction type as a member of the enumeration."""
        return InteractionType(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a time and an age together, and return the age as an interval."""
        age = attrs.pop("age_seconds")
        if age is not None and attrs["timestamp"] is not None:
            raise serializers.ValidationError(
                {"age_seconds": "Send either a timestamp or an age, not both."}
            )
        return {**attrs, "age": None if age is None else timedelta(seconds=age)}


class InteractionRecordedSerializer(serializers.Serializer[Any]):
    """The interaction is committed."""

    message = serializers.CharField()


class BatchSerializer(StrictSerializer):
    """Up to 100 interactions; each is validated on its own."""

    interactions = serializers.ListField(
        child=serializers.JSONField(), min_length=1, max_length=MAX_BATCH_SIZE
    )


class BatchSchemaSerializer(StrictSerializer):
    """Up to 100 interactions, each as in `POST /api/interaction/`."""

    interactions = serializers.ListField(
        child=InteractionSerializer(), min_length=1, max_length=MAX_BATCH_SIZE
    )


class PointedErrorSerializer(serializers.Serializer[Any]):
    """A refused value and its place in the interaction."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class BatchResultSerializer(serializers.Serializer[Any]):
    """The result of one interaction: 201 or 200, or the members of a problem."""

    index = serializers.IntegerField()
    status = serializers.IntegerField()
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
    errors = PointedErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class BatchResultsSerializer(serializers.Serializer[Any]):
    """The result of each interaction, in the order of the request."""

    results = BatchResultSerializer(many=True)


class InteractionRoute(Route):
    """Recording one interaction."""

    policy = Policy(Access.NAMED, scope=TokenScope.INTERACTIONS_WRITE)

    @extend_schema(
        operation_id="record_interaction",
        tags=["interactions"],
        request=InteractionSerializer,
        responses={
            201: OpenApiResponse(InteractionRecordedSerializer, "Committed."),
            200: OpenApiResponse(
                InteractionRecordedSerializer,
                "An event with this id and this body was recorded before.",
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
        """Record an interaction; the answer follows the commit."""
        throttle_events(request, self.caller, 1)
        return Response(
            InteractionRecordedSerializer({"message": RECORDED}).data,
            status=record(self, self.validate_body(InteractionSerializer)),
        )


class InteractionsRoute(Route):
    """Recording a batch: the pending events of a browser, or the queue of a server."""

    policy = Policy(Access.NAMED, scope=TokenScope.INTERACTIONS_WRITE)
    parser_classes = (BatchParser,)

    @extend_schema(
        operation_id="record_interactions",
        tags=["interactions"],
        request=BatchSchemaSerializer,
        responses=BatchResultsSerializer,
    )
    def post(self, request: Request) -> Response:
        """Record up to 100 interactions; a refused one does not affect the others.

        The answer follows the commit of all accepted interactions.
        """
        events = self.validate_body(BatchSerializer)["interactions"]
        throttle_events(request, self.caller, len(events))
        with transaction.atomic():
            results = [
                {"index": index, **self._record_event(event)} for index, event in enumerate(events)
            ]
        return Response(BatchResultsSerializer({"results": results}).data)

    def _record_event(self, event: Any) -> dict[str, Any]:
        try:
            return {"status": record(self, validate(InteractionSerializer(data=event)))}
        except (APIException, ShopError) as error:
            problem = to_problem(error)
            code = problem.code or get_default_code(problem.status)
            refusal = {"status": problem.status, "code": code, "detail": problem.detail}
            return {**refusal, "errors": problem.errors}


def record(route: Route, event: dict[str, Any]) -> int:
    """Record one event of a route's caller; return status 201, or 200 for a repeated event."""
    requested_id = event.pop("user_id")
    caller = route.caller
    subject = caller.get_history_subject(requested_id)
    if subject is None:
        subject = Subject(session_id=_make_unlinked_id(event["event_id"]))
    _, is_new = record_interaction(subject=subject, may_backdate=caller.is_server, **event)
    return status.HTTP_201_CREATED if is_new else status.HTTP_200_OK


def _make_unlinked_id(event_id: str | None) -> str:
    """Return a session id for one event of an opted-out visitor: no two events share one.

    A retry of an event gets the same id, so that the shop recognises the retry.
    """
    if event_id is None:
        return f"unlinked-{secrets.token_urlsafe(24)}"
    return f"unlinked-{salted_hmac('unlinked', event_id).hexdigest()}"
