"""The OpenAPI document and a page to read it; nothing on it comes from another host."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from recommendations.api.policy import Access, Policy
from recommendations.api.throttling import PrincipalThrottle


class SchemaRoute(SpectacularAPIView):
    """The document itself, as YAML or JSON."""

    policy = Policy(Access.PUBLIC)
    throttle_classes = (PrincipalThrottle,)


class DocsRoute(SpectacularSwaggerSplitView):
    """A page to read it and to try it."""

    policy = Policy(Access.PUBLIC)
    throttle_classes = (PrincipalThrottle,)
    url_name = "schema"
