"""Interactions of shoppers with products, sent by the storefront or a server."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.errors import get_default_code, to_problem
from recommendations.api.event_recording import Recorded, record_events
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
from recommendations.api.route import Route
from recommendations.api.throttling import throttle_events
from recommendations.choices import TokenScope

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
        [event] = self.validate_each(InteractionSerializer, [self.request.data])
        if isinstance(event, ValidationError):
            raise event
        [recorded] = record_events(self, [event])
        if isinstance(recorded, Exception):
            raise recorded
        outcome, ids = recorded
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
        results = self._record_events(events)
        counts = Counter(result["outcome"] for result in results)
        return Response(
            {
                "results": results,
                "accepted": counts[Outcome.ACCEPTED],
                "duplicates": counts[Outcome.DUPLICATE],
                "refused": counts[Outcome.REFUSED],
            }
        )

    def _record_events(self, events: Sequence[Any]) -> list[dict[str, Any]]:
        checked = self.validate_each(InteractionSerializer, events)
        valid = [event for event in checked if not isinstance(event, ValidationError)]
        recorded = iter(record_events(self, valid))
        outcomes = [
            event if isinstance(event, ValidationError) else next(recorded) for event in checked
        ]
        return [
            {"index": index, **_get_event_id(event), **_describe(outcome)}
            for index, (event, outcome) in enumerate(zip(events, outcomes, strict=True))
        ]


def _get_event_id(event: Any) -> dict[str, str]:
    """Return the id that the client gave an event, so that the result says which one it was."""
    event_id = event.get("event_id") if isinstance(event, dict) else None
    if isinstance(event_id, str) and 0 < len(event_id) <= LONGEST_EVENT_ID:
        return {"event_id": event_id}
    return {}


def _describe(recorded: Recorded | Exception) -> dict[str, Any]:
    if not isinstance(recorded, Exception):
        outcome, ids = recorded
        return {"outcome": outcome, "status": STATUSES[outcome], **ids}
    problem = to_problem(recorded)
    return {
        "outcome": Outcome.REFUSED,
        "status": problem.status,
        "code": problem.code or get_default_code(problem.status),
        "detail": problem.detail,
        "errors": problem.errors,
    }
