"""The API's routes as the URL configuration has them."""

from typing import Any, cast

from django.urls import URLPattern, URLResolver, get_resolver


def get_routes() -> dict[str, URLPattern]:
    """Return the pattern of every route under /api/, by name."""
    [api] = [part for part in get_resolver().url_patterns if str(part.pattern) == "api/"]
    assert isinstance(api, URLResolver)
    return {str(route.name): route for route in api.url_patterns if isinstance(route, URLPattern)}


def get_view(name: str) -> Any:
    """Return the class of a route's view."""
    return cast(Any, get_routes()[name].callback).view_class
