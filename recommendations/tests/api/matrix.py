"""Calls of every principal at every route, by every method.

Routes and policies come from the URL configuration, and what a call needs comes from the schema,
so tests try a new route without naming it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from recommendations.api.policy import Access, Policy
from recommendations.choices import TokenScope
from recommendations.models import ShopperId, UserProfile
from recommendations.services.people.accounts import make_reset_credentials
from recommendations.tests.api.routes import get_routes, get_view
from recommendations.tests.builders import (
    PASSWORD,
    make_experiment,
    make_product,
    make_server_client,
    make_user,
    post,
    sign_in,
)

METHODS = ("get", "post", "put", "patch", "delete")
MISSING_ID = 4_000_000_000
SIGNED_IN = ("shopper", "staff")
PEOPLE = ("nobody", "visitor", *SIGNED_IN)
NO_STAFF = {"nobody": 401, "visitor": 401, "shopper": 403}
NO_PEOPLE = {**NO_STAFF, "staff": 403}
SERVERS = ("server with the scope", "server with all other scopes")
READING = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
"""The first words of statements that change no row."""
EXTRA_BODY = {
    ("register", "post"): {"username": "newcomer"},
    ("me", "delete"): {"password": PASSWORD},
}
"""Values of bodies that do not follow from the schema."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request of one principal, and whose id it names."""

    principal: str
    method: str
    whose: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a call without the request id, and whether a refused call changed a row."""

    status: int
    problem: Any
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


def iter_calls(name: str, policy: Policy) -> Iterator[Call]:
    """Yield every call of every principal, with its own ids, another's ids and missing ids."""
    for principal in (*PEOPLE, *SERVERS):
        whose = ["own"]
        if policy.access is Access.NAMED:
            whose = ["me", *["own"] * (principal in SIGNED_IN), "other", "missing"]
        elif "<" in str(get_routes()[name].pattern):
            whose = ["own", "other", "missing"]
        yield from (Call(principal, method, one) for method in METHODS for one in whose)


def iter_own_calls(name: str, policy: Policy) -> Iterator[Call]:
    """Yield one call of every principal by every method of the route, with its own ids."""
    for principal in (*PEOPLE, *SERVERS):
        for method in sorted(get_methods(name)):
            is_named = policy.access is Access.NAMED
            people, servers = ("me", "other") if is_named else ("own", "own")
            yield Call(principal, method, servers if principal in SERVERS else people)


def get_refusal_status(name: str, policy: Policy, call: Call) -> int | None:
    """Return the status with which a policy refuses a call, None if the policy allows it."""
    is_server = call.principal in SERVERS
    lacks_scope = call.principal == "server with all other scopes"
    is_kept_out = lacks_scope or (is_server and policy.access is Access.OWN)
    supported = call.method in get_methods(name) or name == "unknown"
    refused_people = NO_PEOPLE if policy.access is Access.SERVER else NO_STAFF
    match policy.access:
        case Access.OWN | Access.NAMED | Access.INTERNAL | Access.SERVER if is_kept_out:
            return 403
        case Access.SERVER | Access.INTERNAL if call.principal in refused_people:
            return refused_people[call.principal]
        case _ if not supported:
            return 405
        case Access.NAMED if is_server:
            return 403 if call.whose == "me" else None
        case Access.NAMED if call.whose in {"other", "missing"}:
            return 403 if call.principal in SIGNED_IN else 401
        case _:
            return None


def make_call(world: World, name: str, policy: Policy, call: Call, **options: Any) -> Outcome:
    """Make the call with the options of `send_request`, and roll back its changes."""
    writes: list[str] = []

    def record_writes(execute: Any, sql: str, *arguments: Any) -> Any:
        if not sql.lstrip().upper().startswith(READING):
            writes.append(sql)
        return execute(sql, *arguments)

    with transaction.atomic():
        with connection.execute_wrapper(record_writes):
            response = send_request(world, name, policy, call, **options)
        # Comparing all tables is slower than most requests, so only calls that wrote are compared.
        changed = response.status_code >= 400 and bool(writes) and read_rows() != world.rows
        transaction.set_rollback(True)
    if name == "interactions" and response.status_code == 200:
        # A batch answers 200 and gives each event a status of its own.
        [result] = response.json()["results"]
        return Outcome(result["status"], result, changed)
    is_problem = response.headers.get("Content-Type") == "application/problem+json"
    members = response.json() if is_problem else {}
    return Outcome(response.status_code, {**members, "request_id": None}, changed)


def send_request(
    world: World,
    name: str,
    policy: Policy,
    call: Call,
    *,
    stray: dict[str, str] | None = None,
    enforce_csrf_checks: bool = False,
) -> Any:
    """Send the request of a call, with the parameters `stray` in its query string."""
    is_named = policy.access is Access.NAMED
    operation = get_operation(name, call.method)
    extra = EXTRA_BODY.get((name, call.method), {})
    values = build_values(world, name, call, is_named=is_named) | extra
    path = re.sub(r"{(\w+)}", lambda found: str(values[found[1]]), get_path_template(name))
    query = {
        one["name"]: values[one["name"]]
        for one in operation.get("parameters", [])
        if one["in"] == "query" and (one.get("required") or (is_named and one["name"] == "user_id"))
    }
    client = copy_client(world.clients[call.principal], enforce_csrf_checks=enforce_csrf_checks)
    if query := query | (stray or {}):
        path = f"{path}?{urlencode(query)}"
    if call.method == "get":
        return client.get(path)
    body = build_body(operation, values, is_named=is_named) | extra
    return getattr(client, call.method)(path, body, content_type="application/json")


def build_values(world: World, name: str, call: Call, *, is_named: bool) -> dict[str, Any]:
    """Return a value for every field that a path, a query or a body may have."""
    own = world.shoppers.get(call.principal, world.shoppers["shopper"])
    users = {"me": "me", "own": own.pk, "other": world.shoppers["other"].pk, "missing": MISSING_ID}
    products = {"own": world.own_product, "other": world.other_product, "missing": MISSING_ID}
    user_id = world.demo.pk if name == "demo-sign-in" else users[call.whose]
    product_id = world.own_product if is_named else products[call.whose]
    event = {"product_id": product_id, "interaction_type": "view", "user_id": user_id}
    return {
        **event,
        **make_reset_credentials(world.shoppers["other"]),
        "interactions": [event],
        "events": [{"product_id": product_id, "interaction_type": "view"}],
        "products": [{"external_id": "L-1", "name": "Lamp", "price": "9.99"}],
        "external_ids": ["L-1"],
        "list_id": str(UUID(int=1)),
        "product_ids": [product_id],
        "session_id": "session:s1",
        "quantity": 1,
        "q": "lamp",
        "placement": "home",
        "experiment": "Engine",
        "username": own.username,
        "email": "newcomer@shop.example",
        "password": PASSWORD,
    }


def build_body(
    operation: dict[str, Any], values: dict[str, Any], *, is_named: bool
) -> dict[str, Any]:
    """Return the required fields of a body; where a call names a shopper, also both names."""
    if "requestBody" not in operation:
        return {}
    named = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = generate_schema()["components"]["schemas"][named.rpartition("/")[2]]
    needed = {*schema.get("required", [])}
    if is_named:
        needed |= {"user_id", "product_id"} & schema["properties"].keys()
    return {field: values[field] for field in needed}


def make_world(policy: Policy) -> World:
    shoppers = {name: make_user(name) for name in ("shopper", "staff", "other")}
    User.objects.filter(username="staff").update(is_staff=True, is_superuser=True)
    demo = UserProfile.objects.create(user=make_user("demo"), demo_label="Loves lamps").user
    make_experiment(name="Engine")
    own, other = make_product(name="Lamp").pk, make_product(name="Lamp").pk
    for name, source in (("shopper", "own"), ("other", "pim")):
        ShopperId.objects.create(source=source, external_id=name, user=shoppers[name])
    scope = policy.scope or TokenScope.RECOMMENDATIONS_READ
    source = "own" if policy.access is Access.SERVER else ""
    clients = {
        "nobody": Client(),
        "visitor": Client(),
        "shopper": sign_in(shoppers["shopper"]),
        "staff": sign_in(shoppers["staff"]),
        "server with the scope": make_server_client(scope, source=source),
        "server with all other scopes": make_server_client(
            *set(TokenScope) - {scope}, source=source
        ),
    }
    for client, product in (
        *((clients[name], own) for name in ("visitor", *SIGNED_IN)),
        (sign_in(shoppers["other"]), other),
    ):
        assert post(client, "/api/cart/", {"product_id": product}).status_code == 201
        assert post(client, "/api/likes/", {"product_id": product}).status_code == 201
    for name in SERVERS:
        # The first use of a token writes to its row.
        assert clients[name].get("/api/categories/").status_code == 200
    return World(clients, shoppers, demo, own, other, read_rows())


def copy_client(client: Client, *, enforce_csrf_checks: bool) -> Client:
    """Return a client with the same credentials that shares nothing else."""
    copy = Client(enforce_csrf_checks=enforce_csrf_checks)
    copy.defaults.update(client.defaults)
    copy.cookies.load({name: cookie.value for name, cookie in client.cookies.items()})
    return copy


def read_rows() -> dict[str, list[Any]]:
    """Return the rows of every table."""
    tables: list[type[Model]] = [User, *apps.get_app_config("recommendations").get_models()]
    return {
        table.__name__: list(table._default_manager.order_by("pk").values()) for table in tables
    }


def get_path_template(name: str) -> str:
    """Return the path of a route, with its variables in braces."""
    path = "/api/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(get_routes()[name].pattern))
    return path.replace("^.*$", "nothing/")


def get_methods(name: str) -> set[str]:
    view = get_view(name)
    return {method for method in METHODS if hasattr(view, method)}


def get_operation(name: str, method: str) -> dict[str, Any]:
    """Return an operation of the schema; a stand-in that answers 200 if the schema has none."""
    operations = generate_schema()["paths"].get(get_path_template(name), {})
    undescribed: dict[str, Any] = {"responses": {"200": {}}}
    return operations.get(method, undescribed)  # type: ignore[no-any-return]


@cache
def generate_schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-any-return, no-untyped-call]
