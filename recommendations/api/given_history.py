"""A list for the history that a shop's own server hands over."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.conditions import WishBodySerializer, take_wish
from recommendations.api.fields import (
    StrictDateTimeField,
    StrictFloatField,
    StrictIntegerField,
)
from recommendations.api.list_responses import render_unlogged_list
from recommendations.api.list_serializers import GivenHistoryListSerializer
from recommendations.api.parsers import BatchParser
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.api.touched_products import TouchedProductSerializer
from recommendations.choices import InteractionType, Placement, TokenScope
from recommendations.errors import InvalidInputError, NotFoundError
from recommendations.models.behavior import HIGHEST_RATING, LOWEST_RATING
from recommendations.services import lists
from recommendations.services.shop.interactions import CLOCK_SKEW

MAX_EVENTS = 100


class GivenEventSerializer(TouchedProductSerializer):
    """One interaction of the history; without a `timestamp` it is from now."""

    interaction_type = serializers.ChoiceField(choices=[member.value for member in InteractionType])
    rating = StrictFloatField(
        min_value=LOWEST_RATING, max_value=HIGHEST_RATING, allow_null=True, default=None
    )
    timestamp = StrictDateTimeField(allow_null=True, default=None)


class GivenHistorySerializer(WishBodySerializer):
    """A history, oldest first where times are equal, and the list that is wanted for it."""

    events = serializers.ListField(
        child=GivenEventSerializer(), min_length=1, max_length=MAX_EVENTS
    )
    placement = serializers.ChoiceField(
        choices=[placement.value for placement in Placement], default=Placement.HOME.value
    )
    count = StrictIntegerField(min_value=1, max_value=100, default=10)


class GivenHistoryRoute(Route):
    """A list for a history that the caller hands over."""

    policy = Policy(Access.SERVER, scope=TokenScope.RECOMMENDATIONS_READ)
    parser_classes = (BatchParser,)

    @extend_schema(
        operation_id="recommend_for_history",
        tags=["recommendations"],
        request=GivenHistorySerializer,
        responses=GivenHistoryListSerializer,
    )
    def post(self, request: Request) -> Response:
        """Recommend products for up to 100 interactions; nothing of them is stored.

        The list is the one that a shopper with exactly this history would get. It is in no log, so
        it has no `list_id`. Events whose product the shop does not know, or that a variant's name
        does not tell, are left out, and named.
        """
        given = self.validate_body(GivenHistorySerializer)
        wish = take_wish(given)
        self.own_ids.look_up_products(event["product_id"] for event in given["events"])
        self.own_ids.look_up_variants(event["variant_id"] for event in given["events"])
        now = timezone.now()
        known: dict[int, lists.GivenEvent] = {}
        left_out: dict[int, NotFoundError | InvalidInputError] = {}
        for index, event in enumerate(given["events"]):
            try:
                touched = self.own_ids.find_touched(event["product_id"], event["variant_id"])
            except NotFoundError as error:
                left_out[index] = error
            except InvalidInputError as error:
                if error.field is None:
                    raise
                left_out[index] = error
            else:
                known[index] = _build_event(touched.product_id, event, index=index, now=now)
        found, unknown_ids = lists.recommend_for_events(
            list(known.values()),
            placement=Placement(given["placement"]),
            count=given["count"],
            wish=wish,
        )
        for index, event in known.items():
            if event.product_id in unknown_ids:
                left_out[index] = NotFoundError(f"There is no product {event.product_id}.")
        return Response(
            {
                **render_unlogged_list(found),
                "left_out": [
                    {"index": index, "code": left_out[index].code, "detail": str(left_out[index])}
                    for index in sorted(left_out)
                ],
            }
        )


def _build_event(
    product_id: int, event: dict[str, Any], *, index: int, now: datetime
) -> lists.GivenEvent:
    timestamp = event["timestamp"] or now
    if timestamp > now + CLOCK_SKEW:
        field = f"events/{index}/timestamp"
        raise InvalidInputError("The timestamp lies in the future.", field=field)
    interaction_type = InteractionType(event["interaction_type"])
    return lists.GivenEvent(product_id, interaction_type, event["rating"], min(timestamp, now))
