"""Which policy every route declares, and credentials that are none."""

import pytest
from django.test import Client

from recommendations.api.policy import Access, Policy
from recommendations.choices import TokenScope
from recommendations.models import CartItem
from recommendations.tests.api.routes import routes, view_of

pytestmark = pytest.mark.django_db

PUBLIC = Policy(Access.PUBLIC)
OWN = Policy(Access.OWN)
READ = Policy(Access.NAMED, scope=TokenScope.RECOMMENDATIONS_READ)
WRITE = Policy(Access.NAMED, scope=TokenScope.INTERACTIONS_WRITE)

DECLARED = {
    "recommendations": READ,
    "interaction": WRITE,
    "interactions": WRITE,
    "search": READ,
    "suggestions": PUBLIC,
    "facets": PUBLIC,
    "products": PUBLIC,
    "product": PUBLIC,
    "similar": PUBLIC,
    "bought-together": PUBLIC,
    "page": OWN,
    "impressions": OWN,
    "complements": OWN,
    "categories": PUBLIC,
    "trending": PUBLIC,
    "popular": PUBLIC,
    "recently-viewed": OWN,
    "cart": OWN,
    "cart-item": OWN,
    "likes": OWN,
    "like": OWN,
    "not-interested": OWN,
    "dismissal": OWN,
    "orders": OWN,
    "me": OWN,
    "export": OWN,
    "register": OWN,
    "password-reset": OWN,
    "password-reset-confirm": OWN,
    "login": OWN,
    "logout": OWN,
    "demo-shoppers": PUBLIC,
    "demo-sign-in": OWN,
    "health-live": PUBLIC,
    "health-ready": PUBLIC,
    "metrics": Policy(Access.INTERNAL, scope=TokenScope.METRICS_READ),
    "schema": PUBLIC,
    "docs": PUBLIC,
    "unknown": PUBLIC,
}


def test_every_route_declares_its_policy() -> None:
    declared = {name: view_of(name).policy for name in routes()}

    assert declared == DECLARED


@pytest.mark.parametrize(
    "credential",
    ["Bearer", "Bearer ", "Bearer nonsense", "bearer shop_nonsense", "Bearer a b c"],
)
def test_a_token_that_is_not_one_is_refused_on_every_route(credential: str) -> None:
    client = Client(headers={"Authorization": credential})

    responses = [client.get(path) for path in ("/api/products/", "/api/recommendations/1/")]

    assert {response.status_code for response in responses} == {401}
    assert {response["WWW-Authenticate"] for response in responses} == {'Bearer realm="api"'}


def test_a_refused_visitor_gets_no_cookie() -> None:
    response = Client().get("/api/recommendations/1/")

    assert response.status_code == 401
    assert "visitor" not in response.cookies
    assert CartItem.objects.count() == 0
