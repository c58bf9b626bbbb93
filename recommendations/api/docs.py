"""The OpenAPI document, and a page to read it, which loads nothing from another host."""

from functools import cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import BaseRenderer, JSONRenderer
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
            request.accepted_media_type = JSONRenderer.media_type
        return super().finalize_response(request, response, *args, **kwargs)


class SchemaRoute(DocumentRoute, SpectacularAPIView):
    """The OpenAPI document, as YAML or JSON."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *_: Any, **__: Any) -> HttpResponse:
        """Return the document, which is the same for everybody."""
        is_json = isinstance(request.accepted_renderer, JSONRenderer)
        return HttpResponse(
            render_schema()[OpenApiJsonRenderer2 if is_json else OpenApiYamlRenderer],
            content_type=request.accepted_renderer.media_type,
        )


@cache
def render_schema() -> dict[type[BaseRenderer], bytes]:
    """Return the OpenAPI document in each form; it is built once, before the first request."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    schema = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    forms = (OpenApiYamlRenderer, OpenApiJsonRenderer2)
    return {form: form().render(schema, renderer_context={}) for form in forms}


class DocsQuerySerializer(StrictSerializer):
    """`script` asks for the page's script instead of its HTML."""

    script = StrictCharField(required=False, allow_blank=True)


class DocsRoute(DocumentRoute, SpectacularSwaggerSplitView):
    """A page to read the OpenAPI document and to try the API."""

    query_serializer = DocsQuerySerializer
    url_name = "schema"
