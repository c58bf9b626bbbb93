"""The OpenAPI document and a page to read it; nothing on it comes from another host."""

from typing import Any

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from recommendations.api.policy import Access, Policy
from recommendations.api.throttling import PrincipalThrottle


class Described(APIView):
    """What both share: open to everyone, and problems like those of every other route."""

    policy = Policy(Access.PUBLIC)
    throttle_classes = (PrincipalThrottle,)

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        """Write problems as JSON: the document's and the page's own writers know YAML and HTML."""
        if getattr(response, "exception", False):
            request.accepted_renderer = JSONRenderer()
        return super().finalize_response(request, response, *args, **kwargs)


class SchemaRoute(Described, SpectacularAPIView):
    """The document itself, as YAML or JSON."""


class DocsRoute(Described, SpectacularSwaggerSplitView):
    """A page to read it and to try it."""

    url_name = "schema"
