"""Impressions: which products of a served list came into view."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictSerializer, UuidField
from recommendations.api.ids import ProductIdField
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.services.lists.served_log import log_impressions


class ImpressionsSerializer(StrictSerializer):
    """The id of a served list, and the products of the list that came into view."""

    list_id = UuidField()
    product_ids = serializers.ListField(child=ProductIdField(), min_length=1, max_length=100)


class ImpressionsNotedSerializer(serializers.Serializer[Any]):
    """The impressions are accepted and will be written within seconds."""

    message = serializers.CharField()


class ImpressionsRoute(Route):
    """Impressions of served lists."""

    policy = Policy(Access.OWN)

    @extend_schema(
        operation_id="note_impressions",
        tags=["recommendations"],
        request=ImpressionsSerializer,
        responses={202: ImpressionsNotedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Log which products of a served list came into view; another subject's list is ignored."""
        seen: dict[str, Any] = self.validate_body(ImpressionsSerializer)
        seen["product_ids"] = self.own_ids.find_known_products(seen["product_ids"])
        log_impressions(subject=self.caller.get_subject(), **seen)
        return Response({"message": "Impressions noted"}, status=status.HTTP_202_ACCEPTED)
