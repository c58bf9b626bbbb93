from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from recommendations.choices import TokenScope
from recommendations.models import UserBehavior
from recommendations.tests.builders import (
    make_product,
    make_server_client,
    make_user,
    post,
    sign_in,
)

pytestmark = pytest.mark.django_db

PATH = "/api/interaction/"
RECORDED = {"message": "Interaction recorded successfully"}


def test_a_shopper_s_interaction_is_recorded_with_the_founding_answer() -> None:
    shopper, product = make_user(), make_product()
    body = {
        "user_id": shopper.pk,
        "product_id": product.pk,
        "interaction_type": "purchase",
        "rating": 4.5,
    }

    response = post(sign_in(shopper), PATH, body)

    assert (response.status_code, response.json()) == (201, RECORDED)
    row = UserBehavior.objects.get()
    assert (row.user_id, row.product_id, row.interaction_type, row.rating, row.session_id) == (
        shopper.pk,
        product.pk,
        "purchase",
        4.5,
        None,
    )


def test_a_visitor_s_first_interaction_sets_the_cookie_with_its_session_id() -> None:
    client, product = Client(), make_product()

    response = post(client, PATH, {"product_id": product.pk, "interaction_type": "view"})

    cookie = response.cookies["visitor"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    session_id = UserBehavior.objects.get().session_id
    assert session_id is not None
    assert cookie.value.startswith(f"{session_id}:")


def test_a_forged_visitor_cookie_is_ignored() -> None:
    victim, attacker, product = Client(), Client(), make_product()
    body = {"product_id": product.pk, "interaction_type": "view"}
    post(victim, PATH, body)
    session_id = UserBehavior.objects.get().session_id
    attacker.cookies["visitor"] = f"{session_id}:forged:signature"

    post(attacker, PATH, body)

    assert UserBehavior.objects.filter(session_id=session_id).count() == 1


def test_a_post_without_the_trailing_slash_is_not_redirected() -> None:
    product = make_product()

    response = post(
        Client(), "/api/interaction", {"product_id": product.pk, "interaction_type": "like"}
    )

    assert response.status_code == 201
    assert UserBehavior.objects.get().interaction_type == "like"


def test_the_same_event_again_adds_nothing_and_answers_200() -> None:
    client, product = sign_in(make_user()), make_product()
    body = {"product_id": product.pk, "interaction_type": "cart", "event_id": "e-1", "rating": 3}

    first, second = post(client, PATH, body), post(client, PATH, body)

    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == RECORDED
    assert UserBehavior.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [{"interaction_type": "like"}, {"rating": 2.5}, {"rating": None}],
    ids=["other type", "other rating", "no rating"],
)
def test_the_same_event_id_for_another_event_is_a_conflict(change: dict[str, Any]) -> None:
    client, product = sign_in(make_user()), make_product()
    body = {"product_id": product.pk, "interaction_type": "cart", "event_id": "e-1", "rating": 3}
    post(client, PATH, body)

    response = post(client, PATH, {**body, **change})

    assert (response.status_code, response.json()["code"]) == (422, "event_conflict")
    row = UserBehavior.objects.get()
    assert (row.interaction_type, row.rating) == ("cart", 3.0)


def test_two_shoppers_may_use_one_event_id() -> None:
    product = make_product()
    body = {"product_id": product.pk, "interaction_type": "view", "event_id": "e-1"}

    responses = [post(sign_in(make_user(name)), PATH, body) for name in ("ada", "bob")]

    assert [response.status_code for response in responses] == [201, 201]
    assert UserBehavior.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_32_simultaneous_posts_of_one_event_record_it_once() -> None:
    shopper, product = make_user(), make_product()
    clients = [sign_in(shopper) for _ in range(32)]
    body = {"product_id": product.pk, "interaction_type": "view", "event_id": "e-1"}

    def send(client: Client) -> int:
        try:
            return int(post(client, PATH, body).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        statuses = list(pool.map(send, clients))

    assert sorted(statuses) == [200] * 31 + [201]
    assert UserBehavior.objects.count() == 1


def test_an_unknown_product_is_not_found_and_nothing_is_recorded() -> None:
    response = post(Client(), PATH, {"product_id": 404, "interaction_type": "view"})

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert response.json()["detail"] == "There is no product 404."
    assert UserBehavior.objects.count() == 0


def test_a_server_cannot_record_for_an_unknown_shopper() -> None:
    server, product = make_server_client(TokenScope.INTERACTIONS_WRITE), make_product()

    response = post(
        server, PATH, {"user_id": 404, "product_id": product.pk, "interaction_type": "view"}
    )

    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == ["/user_id"]
    assert UserBehavior.objects.count() == 0


def test_a_server_may_backdate_by_31_days() -> None:
    server, product, shopper = (
        make_server_client(TokenScope.INTERACTIONS_WRITE),
        make_product(),
        make_user(),
    )
    body = {"user_id": shopper.pk, "product_id": product.pk, "interaction_type": "view"}
    now = datetime.now(UTC)
    event_time, too_old = now - timedelta(days=30), now - timedelta(days=32)

    accepted = post(server, PATH, {**body, "timestamp": event_time.isoformat()})
    refused = post(server, PATH, {**body, "timestamp": too_old.isoformat()})

    assert (accepted.status_code, refused.status_code) == (201, 400)
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/timestamp"]
    assert UserBehavior.objects.get().timestamp == event_time


def test_a_browser_may_not_backdate() -> None:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    body = {"product_id": make_product().pk, "interaction_type": "view"}

    response = post(Client(), PATH, {**body, "timestamp": hour_ago.isoformat()})

    assert response.status_code == 400
    assert UserBehavior.objects.count() == 0


def test_an_age_counts_from_the_clock_of_the_shop_and_a_retry_may_be_older() -> None:
    client = Client()
    body = {"product_id": make_product().pk, "interaction_type": "like", "event_id": "e1"}
    before = datetime.now(UTC)

    first = post(client, PATH, {**body, "age_seconds": 90.5})
    again = post(client, PATH, {**body, "age_seconds": 150})

    age = timedelta(seconds=90.5)
    assert (first.status_code, again.status_code) == (201, 200)
    assert before - age <= UserBehavior.objects.get().timestamp <= datetime.now(UTC) - age


@pytest.mark.parametrize("age", [-1, 301, "5", True, 1e300])
def test_an_age_that_is_none_is_refused(age: Any) -> None:
    body = {"product_id": make_product().pk, "interaction_type": "view", "age_seconds": age}

    response = post(Client(), PATH, body)

    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == ["/age_seconds"]


def test_a_time_and_an_age_together_are_refused() -> None:
    body = {"product_id": make_product().pk, "interaction_type": "view", "age_seconds": 1}

    response = post(Client(), PATH, {**body, "timestamp": datetime.now(UTC).isoformat()})

    assert [error["pointer"] for error in response.json()["errors"]] == ["/age_seconds"]
    assert UserBehavior.objects.count() == 0


def test_a_timestamp_minutes_ahead_becomes_now_and_a_later_one_is_refused() -> None:
    client = Client()
    body = {"product_id": make_product().pk, "interaction_type": "view"}
    soon = datetime.now(UTC) + timedelta(minutes=2)
    tomorrow = datetime.now(UTC) + timedelta(days=1)

    clamped = post(client, PATH, {**body, "timestamp": soon.isoformat()})
    refused = post(client, PATH, {**body, "timestamp": tomorrow.isoformat()})

    assert (clamped.status_code, refused.status_code) == (201, 400)
    assert UserBehavior.objects.get().timestamp <= datetime.now(UTC)


@pytest.mark.parametrize(("rating", "status"), [(0.5, 201), (5, 201), (0.4, 400), (5.1, 400)])
def test_a_rating_lies_between_a_half_and_five(rating: float, status: int) -> None:
    body = {"product_id": make_product().pk, "interaction_type": "view", "rating": rating}

    response = post(Client(), PATH, body)

    assert response.status_code == status
    assert UserBehavior.objects.count() == (status == 201)


def test_a_shopper_s_write_without_the_csrf_token_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user())

    response = post(client, PATH, {"product_id": make_product().pk, "interaction_type": "view"})

    assert response.status_code == 403
    assert UserBehavior.objects.count() == 0
