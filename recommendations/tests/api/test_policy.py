"""The policy of every route, and malformed credentials."""

import pytest
from django.test import Client

from recommendations.api.policy import Access, Policy
from recommendations.choices import TokenScope
from recommendations.models import CartItem
from recommendations.tests.api.routes import get_routes, get_view

pytestmark = pytest.mark.django_db

PUBLIC = Policy(Access.PUBLIC)
OWN = Policy(Access.OWN)
READ = Policy(Access.NAMED, scope=TokenScope.RECOMMENDATIONS_READ)
WRITE = Policy(Access.NAMED, scope=TokenScope.INTERACTIONS_WRITE)
CATALOGUE = Policy(Access.SERVER, scope=TokenScope.CATALOGUE_WRITE)

OTHER_THAN_OWN = {
    "recommendations": READ,
    "interaction": WRITE,
    "interactions": WRITE,
    "search": READ,
    "catalogue": CATALOGUE,
    "take-down": CATALOGUE,
    "given-history": Policy(Access.SERVER, scope=TokenScope.RECOMMENDATIONS_READ),
    **dict.fromkeys(("shopper", "merge"), Policy(Access.SERVER, scope=TokenScope.SHOPPERS_WRITE)),
    "metrics": Policy(Access.INTERNAL, scope=TokenScope.METRICS_READ),
    **dict.fromkeys(
        ("experiments", "assignments"), Policy(Access.SERVER, scope=TokenScope.EXPERIMENTS_READ)
    ),
    "exposures": Policy(Access.SERVER, scope=TokenScope.EXPERIMENTS_WRITE),
    **dict.fromkeys(
        ("figures", "list-figures", "day-figures", "readiness"),
        Policy(Access.SERVER, scope=TokenScope.INSIGHT_READ),
    ),
    **dict.fromkeys(
        (
            "suggestions", "facets", "products", "product", "similar", "bought-together",
            "categories", "trending", "popular", "demo-shoppers", "health-live", "health-ready",
            "schema", "docs", "unknown",
        ),
        PUBLIC,
    ),
}  # fmt: skip
"""Routes that are not about the caller's own data: each must be named here."""


def test_every_route_about_other_data_is_named_here() -> None:
    declared = {name: get_view(name).policy for name in get_routes()}

    assert declared == {name: OTHER_THAN_OWN.get(name, OWN) for name in get_routes()}


def test_no_public_route_writes() -> None:
    public = [get_view(name) for name in get_routes() if get_view(name).policy == PUBLIC]

    assert {
        method for view in public for method in ("post", "patch", "delete") if hasattr(view, method)
    } == set()


@pytest.mark.parametrize(
    "credential",
    ["Bearer", "Bearer ", "Bearer nonsense", "bearer shop_nonsense", "Bearer a b c"],
)
def test_a_malformed_token_is_refused_on_every_route(credential: str) -> None:
    client = Client(headers={"Authorization": credential})

    responses = [client.get(path) for path in ("/api/products/", "/api/recommendations/1/")]

    assert {response.status_code for response in responses} == {401}
    assert {response["WWW-Authenticate"] for response in responses} == {'Bearer realm="api"'}


def test_a_refused_visitor_gets_no_cookie() -> None:
    response = Client().get("/api/recommendations/1/")

    assert response.status_code == 401
    assert "visitor" not in response.cookies
    assert CartItem.objects.count() == 0
