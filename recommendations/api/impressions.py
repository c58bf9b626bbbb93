"""What of a served list came into sight."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictIntegerField, StrictSerializer, UuidField
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.services.lists.served_log import log_impressions


class ImpressionsSerializer(StrictSerializer):
    """A list by its id, and the products of it that were seen."""

    list_id = UuidField()
    product_ids = serializers.ListField(child=StrictIntegerField(), min_length=1, max_length=100)


class ImpressionsNotedSerializer(serializers.Serializer[Any]):
    """The note is taken; unlike an interaction it is written a moment later."""

    message = serializers.CharField()


class ImpressionsRoute(Route):
    """What came into sight."""

    policy = Policy(Access.OWN)

    @extend_schema(
        operation_id="note_impressions",
        tags=["recommendations"],
        request=ImpressionsSerializer,
        responses={202: ImpressionsNotedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Note which products of a served list were seen; of another's list nothing is noted."""
        seen: dict[str, Any] = self.body(ImpressionsSerializer)
        log_impressions(subject=self.caller.subject(), **seen)
        return Response({"message": "Impressions noted"}, status=status.HTTP_202_ACCEPTED)
