"""Liveness and readiness of this process, for load balancers and people."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.services.infra import health
from recommendations.services.search.query import AnsweredBy


class LiveSerializer(serializers.Serializer[Any]):
    """The process answers."""

    status = serializers.ChoiceField(choices=["ok"])


class ChecksSerializer(serializers.Serializer[health.Readiness]):
    """The status of each part.

    `training` is there only while the last training failed, `feeds` while one is not imported,
    `search` while searches go without the index or without the meaning that the shop has set, and
    `pictures` while pictures are compared that have no vectors yet, or cannot be.
    """

    database = serializers.ChoiceField(choices=[part.value for part in health.PartStatus])
    cache = serializers.ChoiceField(choices=[part.value for part in health.PartStatus])
    model = serializers.ChoiceField(choices=[part.value for part in health.PartStatus])
    training = serializers.ChoiceField(choices=[health.PartStatus.FAILING.value], required=False)
    feeds = serializers.ChoiceField(choices=[health.PartStatus.FAILING.value], required=False)
    search = serializers.ChoiceField(
        choices=[health.PartStatus.FAILING.value, health.PartStatus.MISSING.value], required=False
    )

    pictures = serializers.ChoiceField(
        choices=[health.PartStatus.FAILING.value, health.PartStatus.MISSING.value], required=False
    )

    def to_representation(self, instance: health.Readiness) -> dict[str, Any]:
        """Return the checks, without those that found nothing, where nothing is usual."""
        checks: dict[str, Any] = super().to_representation(instance)
        for part in ("training", "feeds", "search", "pictures"):
            if checks[part] == health.PartStatus.OK:
                del checks[part]
        return checks


class ReadySerializer(serializers.Serializer[health.Readiness]):
    """Readiness; `degraded` still serves requests, with less.

    `search_by` is what would answer a search now, as in its results; null without the database.
    `picture_share` is the share of the products with a photograph that have a vector of it; null
    where the shop compares no pictures, or has no vectors yet.
    """

    status = serializers.ChoiceField(choices=[status.value for status in health.HealthStatus])
    checks = ChecksSerializer(source="*")
    search_by = serializers.ChoiceField(choices=[one.value for one in AnsweredBy], allow_null=True)
    picture_share = serializers.FloatField(allow_null=True)


class LiveRoute(Route):
    """The process answers."""

    policy = Policy(Access.PUBLIC)
    authentication_classes = ()

    @extend_schema(operation_id="health_live", tags=["health"], responses=LiveSerializer)
    def get(self, request: Request) -> Response:
        """Answer without a check of any part."""
        return Response({"status": "ok"})


class ReadyRoute(Route):
    """The process can serve requests."""

    policy = Policy(Access.PUBLIC)
    authentication_classes = ()

    @extend_schema(
        operation_id="health_ready",
        tags=["health"],
        responses={
            200: ReadySerializer,
            503: OpenApiResponse(ReadySerializer, "The database does not answer."),
        },
    )
    def get(self, request: Request) -> Response:
        """Check the database, the cache and the live model; load the model if it is not loaded."""
        readiness = health.check_readiness()
        unavailable = readiness.status is health.HealthStatus.UNAVAILABLE
        return Response(
            ReadySerializer(readiness).data,
            status=status.HTTP_503_SERVICE_UNAVAILABLE if unavailable else status.HTTP_200_OK,
        )
