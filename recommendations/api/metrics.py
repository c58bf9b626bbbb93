"""The metrics of a process, for Prometheus."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route
from recommendations.choices import TokenScope
from recommendations.services.infra import metrics


class MetricsRoute(Route):
    """Cache hits and misses, lists by source, pending writes, the age of the model."""

    policy = Policy(Access.INTERNAL, scope=TokenScope.METRICS_READ)

    @extend_schema(
        operation_id="get_metrics",
        tags=["health"],
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> HttpResponse:
        """Return the metrics of the answering process in the text format of Prometheus."""
        return HttpResponse(metrics.render_metrics(), content_type=metrics.CONTENT_TYPE)
