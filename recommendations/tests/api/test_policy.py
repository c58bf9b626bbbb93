"""Who may do what, on every route that there is."""

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from recommendations.api.policy import Access, Policy
from recommendations.choices import TokenScope
from recommendations.models import CartItem, UserBehavior
from recommendations.tests.shop import a_product, a_server, a_shopper, client_of

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
    "schema": PUBLIC,
    "docs": PUBLIC,
    "unknown": PUBLIC,
}
METHODS = ("get", "post", "put", "patch", "delete")
NOT_THERE = 4_000_000_000


def routes() -> dict[str, Any]:
    """Return the pattern of every route under /api/, by name."""
    [api] = [part for part in get_resolver().url_patterns if str(part.pattern) == "api/"]
    assert isinstance(api, URLResolver)
    return {route.name: route for route in api.url_patterns if isinstance(route, URLPattern)}  # type: ignore[misc]


def test_every_route_declares_its_policy() -> None:
    declared = {name: route.callback.view_class.policy for name, route in routes().items()}

    assert declared == DECLARED


@pytest.mark.parametrize("name", [name for name, policy in DECLARED.items() if policy == OWN])
def test_what_is_the_caller_s_own_is_for_people_and_not_for_servers(name: str) -> None:
    server = a_server(*TokenScope)
    path = "/api/" + str(routes()[name].pattern).replace("<str:product_id>", "1")
    view = routes()[name].callback.view_class
    allowed = [method for method in METHODS if hasattr(view, method)]

    statuses = {method: ask(server, method, path, {}) for method in allowed}

    assert statuses == dict.fromkeys(allowed, (403, "permission_denied"))


@pytest.mark.parametrize("name", [name for name, policy in DECLARED.items() if policy == PUBLIC])
def test_what_is_public_is_open_to_everyone(name: str) -> None:
    path = "/api/" + str(routes()[name].pattern).replace("<str:product_id>", str(a_product().pk))
    path = path.replace("^.*$", "nothing/") + ("?q=lamp" if name == "suggestions" else "")
    everyone = [Client(), client_of(a_shopper()), a_server(TokenScope.CATALOGUE_WRITE)]

    statuses = {client.get(path).status_code for client in everyone}

    assert statuses == ({404} if name == "unknown" else {200})


# What each principal gets for `me`, for an id of their own, for another's, for nobody's.
REFUSED_VISITOR = (401, "not_authenticated")
REFUSED = (403, "permission_denied")
MATRIX: dict[str, dict[str, tuple[int, str] | None]] = {
    "visitor": {"me": None, "other": REFUSED_VISITOR, "missing": REFUSED_VISITOR},
    "shopper": {"me": None, "own": None, "other": REFUSED, "missing": REFUSED},
    "staff": {"me": None, "own": None, "other": REFUSED, "missing": REFUSED},
    "server with the scope": {"me": REFUSED, "other": None, "missing": None},
    "server with another scope": {"me": REFUSED, "other": REFUSED, "missing": REFUSED},
}
NAMED = {
    "recommendations": ("get", "/api/recommendations/{user_id}/", TokenScope.RECOMMENDATIONS_READ),
    "search": ("get", "/api/search/?q=lamp&user_id={user_id}", TokenScope.RECOMMENDATIONS_READ),
    "interaction": ("post", "/api/interaction/", TokenScope.INTERACTIONS_WRITE),
}


@pytest.mark.parametrize("route", NAMED)
@pytest.mark.parametrize(
    ("principal", "whose"), [(who, whose) for who, cells in MATRIX.items() for whose in cells]
)
def test_a_list_or_a_log_is_open_as_declared(route: str, principal: str, whose: str) -> None:
    method, path, scope = NAMED[route]
    own, other, product = a_shopper("own"), a_shopper("other"), a_product()
    user_id = {"me": "me", "own": own.pk, "other": other.pk, "missing": NOT_THERE}[whose]
    client = client_for(principal, own, scope)
    body = {"user_id": user_id, "product_id": product.pk, "interaction_type": "view"}

    answer = ask(client, method, path.format(user_id=user_id), body)

    expected = MATRIX[principal][whose]
    if route == "interaction" and (principal, whose) == ("server with the scope", "missing"):
        expected = (400, "invalid")
    assert answer == (expected or ({"get": 200, "post": 201}[method], None))
    assert UserBehavior.objects.count() == (answer[0] == 201)


@pytest.mark.parametrize("route", NAMED)
@pytest.mark.parametrize("principal", ["visitor", "shopper", "staff", "server with another scope"])
def test_a_refusal_does_not_tell_whether_the_shopper_exists(route: str, principal: str) -> None:
    method, path, scope = NAMED[route]
    own, other, product = a_shopper("own"), a_shopper("other"), a_product()
    client = client_for(principal, own, scope)

    answers = []
    for user_id in (other.pk, NOT_THERE):
        body = {"user_id": user_id, "product_id": product.pk, "interaction_type": "view"}
        response = send(client, method, path.format(user_id=user_id), body)
        problem = response.json()
        del problem["request_id"]
        answers.append((response.status_code, problem))

    assert answers[0] == answers[1]


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


def client_for(principal: str, own: Any, scope: TokenScope) -> Client:
    others = set(TokenScope) - {scope}
    match principal:
        case "visitor":
            return Client()
        case "shopper":
            return client_of(own)
        case "staff":
            own.is_staff = own.is_superuser = True
            own.save()
            return client_of(own)
        case "server with the scope":
            return a_server(scope)
        case _:
            return a_server(*others)


def send(client: Client, method: str, path: str, body: dict[str, Any]) -> Any:
    if method == "get":
        return client.get(path)
    return getattr(client, method)(path, body, content_type="application/json")


def ask(client: Client, method: str, path: str, body: dict[str, Any]) -> tuple[int, str | None]:
    response = send(client, method, path, body)
    is_problem = response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["code"] if is_problem else None
