"""Every principal at every route by every method, with its own ids, another's and nobody's."""

import pytest

from recommendations.tests.api.matrix import (
    SIGNED_IN,
    Call,
    get_methods,
    get_operation,
    get_refusal_status,
    iter_calls,
    iter_own_calls,
    make_call,
    make_world,
)
from recommendations.tests.api.routes import get_routes, get_view

pytestmark = pytest.mark.django_db

WITHOUT_A_CART = {("nobody", "orders", "post"): 409, ("nobody", "cart-item", "patch"): 404}
"""Calls that need something in the cart, and their status without it."""
WRITING = [name for name in get_routes() if get_methods(name) - {"get"}]


@pytest.mark.parametrize("name", get_routes())
def test_each_principal_may_do_exactly_what_the_policy_declares(name: str) -> None:
    policy = get_view(name).policy
    world = make_world(policy)
    calls = list(iter_calls(name, policy))

    outcomes = {call: make_call(world, name, policy, call) for call in calls}

    refused = {call: status for call in calls if (status := get_refusal_status(name, policy, call))}
    statuses = {call: outcome.status for call, outcome in outcomes.items()}
    assert {call: statuses[call] for call in refused} == refused
    assert [call for call in refused if outcomes[call].changed] == []
    assert [
        call
        for call in refused
        if outcomes[call].problem != outcomes[find_same_call_for_missing_id(call, calls)].problem
    ] == []
    let_in = {call: statuses[call] for call in calls if call not in refused}
    assert {
        call: status
        for call, status in let_in.items()
        if status not in get_success_statuses(name, call)
    } == {}


@pytest.mark.parametrize("name", [name for name in get_routes() if name != "unknown"])
def test_an_unknown_query_parameter_is_refused_and_changes_nothing(name: str) -> None:
    policy = get_view(name).policy
    world = make_world(policy)
    calls = list(iter_own_calls(name, policy))

    outcomes = {
        call: make_call(world, name, policy, call, stray={"nonsense": "1"}) for call in calls
    }

    assert {call: outcome.status for call, outcome in outcomes.items()} == {
        call: get_refusal_status(name, policy, call) or 400 for call in calls
    }
    assert [call for call in calls if outcomes[call].changed] == []
    problems = [outcome.problem for outcome in outcomes.values() if outcome.status == 400]
    errors = [error for problem in problems for error in problem["errors"]]
    assert {(error["pointer"], error["code"]) for error in errors} == {
        ("/nonsense", "unknown_field")
    }
    assert len(errors) == len(problems) > 0


@pytest.mark.parametrize("name", WRITING)
def test_a_signed_in_write_without_the_csrf_token_is_refused_and_changes_nothing(
    name: str,
) -> None:
    policy = get_view(name).policy
    world = make_world(policy)
    calls = [
        call
        for call in iter_own_calls(name, policy)
        if call.principal in SIGNED_IN and call.method != "get"
    ]

    outcomes = {
        call: make_call(world, name, policy, call, enforce_csrf_checks=True) for call in calls
    }

    assert {call: outcome.status for call, outcome in outcomes.items()} == dict.fromkeys(calls, 403)
    codes = {outcome.problem["code"] for outcome in outcomes.values()}
    assert codes == {"csrf_failed"}
    assert [call for call in calls if outcomes[call].changed] == []


def find_same_call_for_missing_id(call: Call, calls: list[Call]) -> Call:
    """Return the same call for an id that nobody has; where no id is named, the call itself."""
    same = Call(call.principal, call.method, "missing")
    return same if call.whose == "other" and same in calls else call


def get_success_statuses(name: str, call: Call) -> set[int]:
    """Return the statuses that may answer a call that was let in."""
    if name == "unknown":
        return {404}
    if (call.principal, name, call.method) in WITHOUT_A_CART:
        return {WITHOUT_A_CART[call.principal, name, call.method]}
    if name == "interactions":
        return {200, 201, 400} if call.whose == "missing" else {200, 201}
    documented = get_operation(name, call.method)["responses"]
    not_there = {"own": set(), "me": set(), "other": {404}, "missing": {400, 404}}[call.whose]
    return {int(status) for status in documented if status.startswith("2")} | not_there
