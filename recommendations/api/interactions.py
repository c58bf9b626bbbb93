"""Interactions of shoppers with products, sent by the storefront or a server."""

import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.errors import get_default_code, to_problem
from recommendations.api.ids import OwnId, SessionName, ShopperReference
from recommendations.api.interaction_serializers import (
    LONGEST_EVENT_ID,
    BatchResultsSerializer,
    BatchSchemaSerializer,
    BatchSerializer,
    InteractionRecordedSerializer,
    InteractionSerializer,
    Outcome,
)
from recommendations.api.parsers import BatchParser
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route, validate
from recommendations.api.throttling import throttle_events
from recommendations.choices import TokenScope
from recommendations.errors import ShopError
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.interactions import record_interaction

RECORDED = "Interaction recorded successfully"
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
            self.own_ids.look_up_variants(event["variant_id"] for event in valid.values())
        # Shoppers are made in the order of their ids: two batches cannot wait for each other.
        in_order = sorted(valid, key=lambda index: str(valid[index]["user_id"]))
        results += [{"index": index, **self._record_event(valid[index])} for index in in_order]
        return [{**_get_event_id(events[result["index"]]), **result} for result in results]

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
    variant = event.pop("variant_id")
    touched = route.own_ids.find_touched(event.pop("product_id"), variant)
    # One transaction: a shopper whose first event is refused is not made.
    with transaction.atomic():
        if isinstance(reference, OwnId | SessionName):
            subject: Subject | None = route.own_ids.ensure_subject(reference)
        else:
            subject = caller.get_history_subject(reference)
        if subject is None:
            subject = Subject(session_id=_make_unlinked_id(event["event_id"]))
        row, is_new = record_interaction(
            subject=subject, product_id=touched.product_id, may_backdate=caller.is_server, **event
        )
    ids: dict[str, Any] = {}
    if caller.is_server:
        ids = {
            "product_id": row.product_id,
            "product_external_id": row.product.external_id or None,
            "user_id": subject.user_id,
            "user_external_id": route.own_ids.find_external_id(subject),
        }
        if variant is not None:
            ids["variant_id"] = touched.variant_id
            ids["variant_external_id"] = touched.variant_external_id or None
    return (Outcome.ACCEPTED if is_new else Outcome.DUPLICATE), ids


def _get_event_id(event: Any) -> dict[str, str]:
    """Return the id that the client gave an event, so that the result says which one it was."""
    event_id = event.get("event_id") if isinstance(event, dict) else None
    if isinstance(event_id, str) and 0 < len(event_id) <= LONGEST_EVENT_ID:
        return {"event_id": event_id}
    return {}


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
