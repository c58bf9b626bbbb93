"""Interactions of shoppers with products, sent by the storefront or a server."""

import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.errors import get_default_code, to_problem
from recommendations.api.fields import (
    StrictCharField,
    StrictDateTimeField,
    StrictFloatField,
    StrictIntegerField,
    StrictSerializer,
    UuidField,
)
from recommendations.api.ids import (
    ME,
    OwnId,
    ProductIdField,
    SessionName,
    ShopperIdField,
    ShopperReference,
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

    `list_id` and `position` (from 0) name the served list or the search, and the entry in it, that
    led to the interaction. A client whose clock may be wrong sends `age_seconds`, how long ago it
    was, instead of `timestamp`.
    """

    user_id = ShopperIdField(default=ME)
    product_id = ProductIdField()
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


class RecordedIdsSerializer(serializers.Serializer[Any]):
    """Both ids of the product and the shopper, in answers to servers; null where there is none."""

    product_id = serializers.IntegerField(required=False)
    product_external_id = serializers.CharField(required=False, allow_null=True)
    user_id = serializers.IntegerField(required=False, allow_null=True)
    user_external_id = serializers.CharField(required=False, allow_null=True)


class InteractionRecordedSerializer(RecordedIdsSerializer):
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


class Outcome(StrEnum):
    """What became of one interaction of a batch."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


class BatchResultSerializer(RecordedIdsSerializer):
    """The result of one interaction: 201, 200 for a duplicate, or the members of a problem."""

    index = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome])
    status = serializers.IntegerField()
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)
    errors = PointedErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class BatchResultsSerializer(serializers.Serializer[Any]):
    """The result of each interaction, in the order of the request, and how many had which."""

    results = BatchResultSerializer(many=True)
    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField()
    refused = serializers.IntegerField()


STATUSES = {
    Outcome.ACCEPTED: status.HTTP_201_CREATED,
    Outcome.DUPLICATE: status.HTTP_200_OK,
}


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
        outcome, ids = record(self, self.validate_body(InteractionSerializer))
        return Response(
            {"message": RECORDED, **ids},
            status=STATUSES[outcome],
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
        results = sorted(self._record_events(events), key=lambda result: result["index"])
        counts = Counter(result["outcome"] for result in results)
        return Response(
            {
                "results": results,
                "accepted": counts[Outcome.ACCEPTED],
                "duplicates": counts[Outcome.DUPLICATE],
                "refused": counts[Outcome.REFUSED],
            }
        )

    @transaction.atomic
    def _record_events(self, events: Sequence[Any]) -> list[dict[str, Any]]:
        valid: dict[int, dict[str, Any]] = {}
        results = []
        for index, event in enumerate(events):
            try:
                valid[index] = validate(
                    InteractionSerializer(data=event, context=self.input_context)
                )
            except ValidationError as error:
                results.append({"index": index, **_describe_refusal(error)})
        if self.caller.is_server:
            self.own_ids.look_up_products(event["product_id"] for event in valid.values())
        # Shoppers are made in the order of their ids: two batches cannot wait for each other.
        in_order = sorted(valid, key=lambda index: str(valid[index]["user_id"]))
        results += [{"index": index, **self._record_event(valid[index])} for index in in_order]
        return results

    def _record_event(self, event: dict[str, Any]) -> dict[str, Any]:
        try:
            outcome, ids = record(self, event)
        except (APIException, ShopError) as error:
            return _describe_refusal(error)
        return {"outcome": outcome, "status": STATUSES[outcome], **ids}


def record(route: Route, event: dict[str, Any]) -> tuple[Outcome, dict[str, Any]]:
    """Record one event of a route's caller; return whether it is new, and for servers both ids."""
    reference: ShopperReference = event.pop("user_id")
    caller = route.caller
    caller.authorize(reference)
    product_id = route.own_ids.find_product(event.pop("product_id"))
    # One transaction: a shopper whose first event is refused is not made.
    with transaction.atomic():
        if isinstance(reference, OwnId | SessionName):
            subject: Subject | None = route.own_ids.ensure_subject(reference)
        else:
            subject = caller.get_history_subject(reference)
        if subject is None:
            subject = Subject(session_id=_make_unlinked_id(event["event_id"]))
        row, is_new = record_interaction(
            subject=subject, product_id=product_id, may_backdate=caller.is_server, **event
        )
    ids: dict[str, Any] = {}
    if caller.is_server:
        ids = {
            "product_id": row.product_id,
            "product_external_id": row.product.external_id or None,
            "user_id": subject.user_id,
            "user_external_id": route.own_ids.find_external_id(subject),
        }
    return (Outcome.ACCEPTED if is_new else Outcome.DUPLICATE), ids


def _describe_refusal(error: Exception) -> dict[str, Any]:
    problem = to_problem(error)
    return {
        "outcome": Outcome.REFUSED,
        "status": problem.status,
        "code": problem.code or get_default_code(problem.status),
        "detail": problem.detail,
        "errors": problem.errors,
    }


def _make_unlinked_id(event_id: str | None) -> str:
    """Return a session id for one event of an opted-out visitor: no two events share one.

    A retry of an event gets the same id, so that the shop recognises the retry.
    """
    if event_id is None:
        return f"unlinked-{secrets.token_urlsafe(24)}"
    return f"unlinked-{salted_hmac('unlinked', event_id).hexdigest()}"
