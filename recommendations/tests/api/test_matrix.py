"""Every principal at every route, by every method, for what is theirs, another's and nobody's.

Routes and policies are read from the URL configuration and what a call needs from the schema, so
that a new route is tried without being named here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from recommendations.api.policy import Access, Policy
from recommendations.choices import TokenScope
from recommendations.models import UserProfile
from recommendations.services.people.accounts import make_reset_credentials
from recommendations.tests.api.routes import routes, view_of
from recommendations.tests.builders import (
    PASSWORD,
    make_product,
    make_server_client,
    make_user,
    post,
    sign_in,
)

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")
NOBODYS_ID = 4_000_000_000
SIGNED_IN = ("shopper", "staff")
PEOPLE = ("nobody", "visitor", *SIGNED_IN)
NO_STAFF = {"nobody": 401, "visitor": 401, "shopper": 403}
SERVERS = ("server with the scope", "server with all other scopes")
WITHOUT_A_CART = {("nobody", "orders", "post"): 409, ("nobody", "cart-item", "patch"): 404}
"""What only somebody can do who has put something into a cart."""
TOLD_BESIDE = {
    ("register", "post"): {"username": "newcomer"},
    ("me", "delete"): {"password": PASSWORD},
}
"""Values of a body that the schema alone does not lead to."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request of one principal, and whose thing it is about."""

    principal: str
    method: str
    whose: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call was answered, beside the request id, and whether it changed anything."""

    status: int
    told: Any
    changed: bool


@dataclass(frozen=True, slots=True)
class World:
    """A shop in which each principal who can have a cart and a like has one."""

    clients: dict[str, Client]
    shoppers: dict[str, User]
    demo: User
    own_product: int
    other_product: int
    rows: dict[str, list[Any]]


@pytest.mark.parametrize("name", routes())
def test_each_principal_may_do_what_the_route_declares_and_nothing_else(name: str) -> None:
    policy = view_of(name).policy
    world = a_world(policy)
    calls = list(calls_of(name, policy))

    outcomes = {call: outcome_of(world, name, policy, call) for call in calls}

    refused = {call: refusal(name, policy, call) for call in calls}
    statuses = {call: outcome.status for call, outcome in outcomes.items()}
    kept_out = {call: status for call, status in refused.items() if status}
    assert {call: statuses[call] for call in kept_out} == kept_out
    assert [call for call in kept_out if outcomes[call].changed] == []
    assert [
        call for call in kept_out if outcomes[call].told != outcomes[of_nobody(call, calls)].told
    ] == []
    let_in = {call: statuses[call] for call in calls if call not in kept_out}
    assert {
        call: status for call, status in let_in.items() if status not in answers(name, call)
    } == {}


def calls_of(name: str, policy: Policy) -> Iterator[Call]:
    for principal in (*PEOPLE, *SERVERS):
        whose = ["own"]
        if policy.access is Access.NAMED:
            whose = ["me", *["own"] * (principal in SIGNED_IN), "other", "missing"]
        elif "<" in str(routes()[name].pattern):
            whose = ["own", "other", "missing"]
        yield from (Call(principal, method, one) for method in METHODS for one in whose)


def of_nobody(call: Call, calls: list[Call]) -> Call:
    """Return the same call for an id that nobody has; where no id is named, the call itself."""
    same = Call(call.principal, call.method, "missing")
    return same if call.whose == "other" and same in calls else call


def refusal(name: str, policy: Policy, call: Call) -> int | None:
    """Return the status by which a declared policy keeps a call out, None where it lets it in."""
    is_server = call.principal in SERVERS
    lacks_scope = call.principal == "server with all other scopes"
    is_kept_out = lacks_scope or (is_server and policy.access is Access.OWN)
    supported = call.method in methods_of(name) or name == "unknown"
    match policy.access:
        case Access.OWN | Access.NAMED | Access.INTERNAL if is_kept_out:
            return 403
        case Access.INTERNAL if call.principal in NO_STAFF:
            return NO_STAFF[call.principal]
        case _ if not supported:
            return 405
        case Access.NAMED if is_server:
            return 403 if call.whose == "me" else None
        case Access.NAMED if call.whose in {"other", "missing"}:
            return 403 if call.principal in SIGNED_IN else 401
        case _:
            return None


def answers(name: str, call: Call) -> set[int]:
    """Return the statuses that may answer a call that was let in."""
    if name == "unknown":
        return {404}
    if (call.principal, name, call.method) in WITHOUT_A_CART:
        return {WITHOUT_A_CART[call.principal, name, call.method]}
    if name == "interactions":
        return {200, 201, 400} if call.whose == "missing" else {200, 201}
    documented = operation_of(name, call.method)["responses"]
    not_there = {"own": set(), "me": set(), "other": {404}, "missing": {400, 404}}[call.whose]
    return {int(status) for status in documented if status.startswith("2")} | not_there


def outcome_of(world: World, name: str, policy: Policy, call: Call) -> Outcome:
    """Make the call and take back what it did."""
    with transaction.atomic():
        response = ask(world, name, policy, call)
        changed = response.status_code >= 400 and rows() != world.rows
        transaction.set_rollback(True)
    if name == "interactions" and response.status_code == 200:
        # A batch is answered 200 and says of each event what became of it.
        [told] = response.json()["results"]
        return Outcome(told["status"], told, changed)
    is_problem = response.headers.get("Content-Type") == "application/problem+json"
    told = response.json() if is_problem else {}
    return Outcome(response.status_code, {**told, "request_id": None}, changed)


def ask(world: World, name: str, policy: Policy, call: Call) -> Any:
    is_named = policy.access is Access.NAMED
    operation = operation_of(name, call.method)
    values = values_of(world, call, is_named=is_named) | TOLD_BESIDE.get((name, call.method), {})
    path = re.sub(r"{(\w+)}", lambda found: str(values[found[1]]), template_of(name))
    query = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    asked = {
        one["name"]: values[one["name"]]
        for one in query
        if one.get("required") or (is_named and one["name"] == "user_id")
    }
    client = fresh(world.clients[call.principal])
    if call.method == "get":
        return client.get(path, asked)
    body = body_of(operation, values, is_named=is_named)
    body |= TOLD_BESIDE.get((name, call.method), {})
    return getattr(client, call.method)(path, body, content_type="application/json")


def values_of(world: World, call: Call, *, is_named: bool) -> dict[str, Any]:
    """Return a value for every name that a path, a query or a body may ask for."""
    own = world.shoppers.get(call.principal, world.shoppers["shopper"])
    users = {"me": "me", "own": own.pk, "other": world.shoppers["other"].pk, "missing": NOBODYS_ID}
    products = {"own": world.own_product, "other": world.other_product, "missing": NOBODYS_ID}
    user_id = users[call.whose] if is_named else world.demo.pk
    product_id = world.own_product if is_named else products[call.whose]
    event = {"product_id": product_id, "interaction_type": "view", "user_id": user_id}
    return {
        **event,
        **make_reset_credentials(world.shoppers["other"]),
        "interactions": [event],
        "list_id": str(UUID(int=1)),
        "product_ids": [product_id],
        "quantity": 1,
        "q": "lamp",
        "placement": "home",
        "username": own.username,
        "email": "newcomer@shop.example",
        "password": PASSWORD,
    }


def body_of(operation: dict[str, Any], values: dict[str, Any], *, is_named: bool) -> dict[str, Any]:
    """Return what the operation requires in a body, and whom it is about."""
    if "requestBody" not in operation:
        return {}
    named = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = schema_of_api()["components"]["schemas"][named.rpartition("/")[2]]
    needed = {*schema.get("required", [])}
    if is_named and "user_id" in schema["properties"]:
        needed.add("user_id")
    return {field: values[field] for field in needed}


def a_world(policy: Policy) -> World:
    shoppers = {name: make_user(name) for name in ("shopper", "staff", "other")}
    User.objects.filter(username="staff").update(is_staff=True, is_superuser=True)
    demo = UserProfile.objects.create(user=make_user("demo"), demo_label="Loves lamps").user
    own, other = make_product(name="Lamp").pk, make_product(name="Lamp").pk
    scope = policy.scope or TokenScope.RECOMMENDATIONS_READ
    clients = {
        "nobody": Client(),
        "visitor": Client(),
        "shopper": sign_in(shoppers["shopper"]),
        "staff": sign_in(shoppers["staff"]),
        "server with the scope": make_server_client(scope),
        "server with all other scopes": make_server_client(*set(TokenScope) - {scope}),
    }
    for client, product in (
        *((clients[name], own) for name in ("visitor", *SIGNED_IN)),
        (sign_in(shoppers["other"]), other),
    ):
        assert post(client, "/api/cart/", {"product_id": product}).status_code == 201
        assert post(client, "/api/likes/", {"product_id": product}).status_code == 201
    for name in SERVERS:
        # The first use of a token is noted in its row.
        assert clients[name].get("/api/categories/").status_code == 200
    return World(clients, shoppers, demo, own, other, rows())


def fresh(client: Client) -> Client:
    """Return a client with the same credentials that shares nothing else."""
    again = Client()
    again.defaults.update(client.defaults)
    again.cookies.load({name: cookie.value for name, cookie in client.cookies.items()})
    return again


def rows() -> dict[str, list[Any]]:
    """Return everything that the shop keeps."""
    tables: list[type[Model]] = [User, *apps.get_app_config("recommendations").get_models()]
    return {
        table.__name__: list(table._default_manager.order_by("pk").values()) for table in tables
    }


def template_of(name: str) -> str:
    """Return the path of a route, with its variables in braces."""
    path = "/api/" + re.sub(r"<str:(\w+)>", r"{\1}", str(routes()[name].pattern))
    return path.replace("^.*$", "nothing/")


def methods_of(name: str) -> set[str]:
    view = view_of(name)
    return {method for method in METHODS if hasattr(view, method)}


def operation_of(name: str, method: str) -> dict[str, Any]:
    """Return what the schema says of an operation; of what it leaves out, that it answers 200."""
    operations = schema_of_api()["paths"].get(template_of(name), {})
    undescribed: dict[str, Any] = {"responses": {"200": {}}}
    return operations.get(method, undescribed)  # type: ignore[no-any-return]


@cache
def schema_of_api() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-any-return, no-untyped-call]
