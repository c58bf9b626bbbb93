"""The OpenAPI document, and a page to read it, which loads nothing from another host."""

from typing import Any

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.api.fields import StrictCharField, StrictSerializer
from recommendations.api.policy import Access, Policy
from recommendations.api.route import Route


class DocumentRoute(Route):
    """A route that everyone may call and whose answer is not JSON."""

    policy = Policy(Access.PUBLIC)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Render problems as JSON: the route's own renderers write YAML or HTML."""
        if getattr(response, "exception", False):
            request.accepted_renderer = JSONRenderer()
        return super().finalize_response(request, response, *args, **kwargs)


class SchemaRoute(DocumentRoute, SpectacularAPIView):
    """The OpenAPI document, as YAML or JSON."""


class DocsQuerySerializer(StrictSerializer):
    """`script` asks for the page's script instead of its HTML."""

    script = StrictCharField(required=False, allow_blank=True)


class DocsRoute(DocumentRoute, SpectacularSwaggerSplitView):
    """A page to read the OpenAPI document and to try the API."""

    query_serializer = DocsQuerySerializer
    url_name = "schema"
