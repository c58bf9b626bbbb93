"""Likes and dismissals: added, listed, removed, moved into the account."""

from typing import Any

import pytest
from django.test import Client

from recommendations.models import Dismissal, Like, UserBehavior
from recommendations.tests.builders import PASSWORD, make_product, make_user, post, sign_in

pytestmark = pytest.mark.django_db
LIST_ID = "3f0e6a3c-6a5e-4f57-9a5c-1d1a2f1f7a10"
TABLES = {"likes": Like, "not-interested": Dismissal}


def list_product_ids(client: Client, route: str) -> list[int]:
    return [product["id"] for product in client.get(f"/api/{route}/").json()["products"]]


@pytest.mark.parametrize("route", TABLES)
def test_likes_and_dismissals_are_listed_newest_first_and_can_be_undone(route: str) -> None:
    lamp, desk, client = make_product(), make_product(), sign_in(make_user())

    answers = [
        post(client, f"/api/{route}/", {"product_id": product.pk}) for product in (lamp, desk)
    ]
    before = list_product_ids(client, route)
    removed = client.delete(f"/api/{route}/{desk.pk}/")

    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (201, {"product_id": lamp.pk, "external_id": None}),
        (201, {"product_id": desk.pk, "external_id": None}),
    ]
    assert before == [desk.pk, lamp.pk]
    assert (removed.status_code, removed.content) == (204, b"")
    assert list_product_ids(client, route) == [lamp.pk]


def test_the_first_like_records_one_interaction() -> None:
    lamp, client = make_product(), sign_in(make_user())
    like = {"product_id": lamp.pk, "list_id": LIST_ID, "position": 3, "event_id": "like-1"}

    answers = [post(client, "/api/likes/", like).status_code for _ in range(2)]

    row = UserBehavior.objects.get()
    assert answers == [201, 201]
    assert (row.interaction_type, row.event_id) == ("like", "like-1")
    assert (str(row.list_id), row.position) == (LIST_ID, 3)


def test_removing_a_like_keeps_its_interaction() -> None:
    lamp, client = make_product(), sign_in(make_user())
    post(client, "/api/likes/", {"product_id": lamp.pk})

    client.delete(f"/api/likes/{lamp.pk}/")

    assert (Like.objects.count(), UserBehavior.objects.count()) == (0, 1)


def test_liking_undoes_a_dismissal_and_dismissing_undoes_a_like() -> None:
    lamp, client = make_product(), sign_in(make_user())

    post(client, "/api/likes/", {"product_id": lamp.pk})
    post(client, "/api/not-interested/", {"product_id": lamp.pk})
    after_dismissing = (
        list_product_ids(client, "likes"),
        list_product_ids(client, "not-interested"),
    )
    post(client, "/api/likes/", {"product_id": lamp.pk})

    assert after_dismissing == ([], [lamp.pk])
    assert (list_product_ids(client, "likes"), list_product_ids(client, "not-interested")) == (
        [lamp.pk],
        [],
    )


@pytest.mark.parametrize("route", TABLES)
def test_callers_see_only_their_own_likes_and_dismissals(route: str) -> None:
    lamp, visitor = make_product(), Client()
    post(visitor, f"/api/{route}/", {"product_id": lamp.pk})
    other = sign_in(make_user())

    other.delete(f"/api/{route}/{lamp.pk}/")

    assert list_product_ids(other, route) == []
    assert list_product_ids(Client(), route) == []
    assert list_product_ids(visitor, route) == [lamp.pk]


@pytest.mark.parametrize("route", TABLES)
@pytest.mark.parametrize("product_id", [4_000_000_000, None], ids=["unknown", "hidden"])
def test_a_product_that_is_not_for_sale_cannot_be_liked_or_dismissed(
    route: str, product_id: int | None
) -> None:
    product_id = product_id or make_product(is_active=False).pk

    response = post(Client(), f"/api/{route}/", {"product_id": product_id})

    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert TABLES[route]._default_manager.count() == UserBehavior.objects.count() == 0


@pytest.mark.parametrize("route", TABLES)
def test_undoing_nothing_is_no_error_and_sets_no_visitor_cookie(route: str) -> None:
    response = Client().delete(f"/api/{route}/1/")

    assert response.status_code == 204
    assert "visitor" not in response.cookies


def test_signing_in_moves_the_visitor_s_likes_and_dismissals() -> None:
    lamp, desk, chair = make_product(), make_product(), make_product()
    shopper, browser = make_user(), Client()
    post(sign_in(shopper), "/api/likes/", {"product_id": lamp.pk})
    for route, product in (("likes", desk), ("not-interested", chair), ("not-interested", lamp)):
        post(browser, f"/api/{route}/", {"product_id": product.pk})

    post(browser, "/api/auth/login/", {"username": "ada", "password": PASSWORD})

    assert list_product_ids(browser, "likes") == [desk.pk, lamp.pk]
    assert list_product_ids(browser, "not-interested") == [chair.pk]
    assert not Like.objects.filter(user=None).exists()
    assert not Dismissal.objects.filter(user=None).exists()


@pytest.mark.parametrize("route", TABLES)
def test_a_long_list_costs_no_more_queries(route: str, django_assert_max_num_queries: Any) -> None:
    client = sign_in(make_user())
    for _ in range(12):
        post(client, f"/api/{route}/", {"product_id": make_product().pk})

    with django_assert_max_num_queries(3):
        products = list_product_ids(client, route)

    assert len(products) == 12
