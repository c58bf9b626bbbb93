"""Whether this process lives and can answer shoppers; for load balancers and people."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.services.infra import health


class LiveSerializer(serializers.Serializer[Any]):
    """The process answers."""

    status = serializers.ChoiceField(choices=["ok"])


class ChecksSerializer(serializers.Serializer[health.Readiness]):
    """How each part is."""

    database = serializers.ChoiceField(choices=[part.value for part in health.PartStatus])
    cache = serializers.ChoiceField(choices=[part.value for part in health.PartStatus])
    model = serializers.ChoiceField(choices=[part.value for part in health.PartStatus])


class ReadySerializer(serializers.Serializer[health.Readiness]):
    """Whether requests can be served; `degraded` still serves, with less."""

    status = serializers.ChoiceField(choices=[status.value for status in health.HealthStatus])
    checks = ChecksSerializer(source="*")


class LiveRoute(Route):
    """The process answers."""

    policy = Policy(Access.PUBLIC)
    authentication_classes = ()

    @extend_schema(operation_id="health_live", tags=["health"], responses=LiveSerializer)
    def get(self, request: Request) -> Response:
        """Answer without asking anything else."""
        return Response({"status": "ok"})


class ReadyRoute(Route):
    """Requests can be served."""

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
        """Check the database, the cache and the live model, loading the model if need be."""
        readiness = health.check_readiness()
        unavailable = readiness.status is health.HealthStatus.UNAVAILABLE
        return Response(
            ReadySerializer(readiness).data,
            status=status.HTTP_503_SERVICE_UNAVAILABLE if unavailable else status.HTTP_200_OK,
        )
