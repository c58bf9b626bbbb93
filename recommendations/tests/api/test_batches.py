"""Batches of interactions: each interaction is validated on its own."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.choices import TokenScope
from recommendations.models import ShopperId, UserBehavior
from recommendations.tests.builders import (
    make_product,
    make_server_client,
    make_shopper,
    make_user,
    post,
    sign_in,
)

pytestmark = pytest.mark.django_db
PATH = "/api/interactions/"
FIRST_BATCH, REPEATED_BATCH = 15, 10
"""The statements of a batch that makes shoppers, and of its retry."""


def test_a_refused_interaction_does_not_affect_the_others_of_its_batch() -> None:
    shopper, lamp = make_user(), make_product()
    view = {"product_id": lamp.pk, "interaction_type": "view", "event_id": "e1"}
    events = [
        view,
        view,
        {**view, "interaction_type": "cart"},
        {"product_id": lamp.pk, "interaction_type": "stare"},
        {"product_id": 4_000_000_000, "interaction_type": "view"},
        {**view, "event_id": "e2", "user_id": shopper.pk + 1},
        5,
        {"product_id": lamp.pk, "interaction_type": "like", "rating": 5},
    ]

    response = post(sign_in(shopper), PATH, {"interactions": events})

    results = response.json()["results"]
    assert response.status_code == 200
    assert [(one["index"], one["status"], one.get("code")) for one in results] == [
        (0, 201, None),
        (1, 200, None),
        (2, 422, "event_conflict"),
        (3, 400, "invalid"),
        (4, 404, "not_found"),
        (5, 403, "permission_denied"),
        (6, 400, "invalid"),
        (7, 201, None),
    ]
    assert results[3]["errors"][0]["pointer"] == "/interaction_type"
    assert sorted(UserBehavior.objects.values_list("interaction_type", flat=True)) == [
        "like",
        "view",
    ]


@pytest.mark.parametrize("size", [0, 101])
def test_a_batch_has_from_one_to_a_hundred_interactions(size: int) -> None:
    view = {"product_id": make_product().pk, "interaction_type": "view"}

    response = post(Client(), PATH, {"interactions": [view] * size})

    assert (response.status_code, UserBehavior.objects.count()) == (400, 0)


@pytest.mark.parametrize(("kilobytes", "status"), [(60, 200), (65, 413)])
def test_a_batch_may_have_64_kilobytes(kilobytes: int, status: int) -> None:
    event = json.dumps({"product_id": make_product().pk, "interaction_type": "view"})
    body = f'{{"interactions": [{event}]}}' + " " * (kilobytes * 1024 - 80)

    response = Client().post(PATH, body, content_type="application/json")

    assert response.status_code == status


def test_a_server_sends_interactions_of_several_shoppers() -> None:
    ada, bob, lamp = make_user("ada"), make_user("bob"), make_product()
    events = [
        {"user_id": user.pk, "product_id": lamp.pk, "interaction_type": "purchase"}
        for user in (ada, bob)
    ]

    response = post(
        make_server_client(TokenScope.INTERACTIONS_WRITE), PATH, {"interactions": events}
    )

    assert [one["status"] for one in response.json()["results"]] == [201, 201]
    assert list(UserBehavior.objects.order_by("id").values_list("user_id", flat=True)) == [
        ada.pk,
        bob.pk,
    ]


@pytest.mark.parametrize("size", [2, 100])
def test_the_number_of_statements_of_a_batch_does_not_grow_with_its_events(size: int) -> None:
    products = [make_product(source="q", external_id=f"p{number}") for number in range(size)]
    events = [
        {
            "user_id": f"ext:s{number // 2}" if number % 2 else make_shopper().user_id,
            "product_id": f"ext:{product.external_id}" if number % 3 else product.pk,
            "interaction_type": "view",
            "event_id": f"e{number}",
        }
        for number, product in enumerate(products)
    ]
    server = make_server_client(TokenScope.INTERACTIONS_WRITE, source="q")
    post(server, PATH, {"interactions": [events[0]]})

    with CaptureQueriesContext(connection) as first:
        answer = post(server, PATH, {"interactions": events}).json()
    with CaptureQueriesContext(connection) as again:
        repeated = post(server, PATH, {"interactions": events}).json()

    assert (answer["accepted"], answer["duplicates"], answer["refused"]) == (size - 1, 1, 0)
    assert (repeated["duplicates"], UserBehavior.objects.count()) == (size, size)
    assert (len(first), len(again)) == (FIRST_BATCH, REPEATED_BATCH)


def test_one_event_takes_one_look_up_and_one_insert() -> None:
    view = {"product_id": make_product().pk, "interaction_type": "view"}
    visitor = Client()
    post(visitor, "/api/interaction/", view)

    with CaptureQueriesContext(connection) as queries:
        response = post(visitor, "/api/interaction/", view)

    assert response.status_code == 201
    # And the savepoint that stands for the transaction in a test.
    assert len(queries) == 2 + 2


def test_events_of_a_batch_keep_their_order_within_a_shopper() -> None:
    lamps = [make_product() for _ in range(4)]
    shoppers = [make_shopper(), make_shopper()]
    moment = timezone.now().isoformat()
    events = [
        {
            "user_id": shoppers[(number + 1) % 2].user_id,
            "product_id": lamp.pk,
            "interaction_type": "view",
            "timestamp": moment,
        }
        for number, lamp in enumerate(lamps)
    ]

    post(make_server_client(TokenScope.INTERACTIONS_WRITE), PATH, {"interactions": events})

    for shopper, expected in zip(shoppers, (lamps[1::2], lamps[::2]), strict=True):
        rows = UserBehavior.objects.filter(shopper.match_rows()).order_by("id")
        assert [row.product_id for row in rows] == [lamp.pk for lamp in expected]


def test_a_shopper_is_made_by_the_first_event_that_is_not_refused() -> None:
    lamp = make_product(source="q", external_id="1")
    view = {"product_id": lamp.pk, "interaction_type": "view"}
    events = [
        {**view, "user_id": "ext:new", "product_id": "ext:none"},
        {**view, "user_id": "ext:old", "timestamp": "2020-01-05T09:30:00Z"},
        {**view, "user_id": "ext:new"},
    ]

    server = make_server_client(TokenScope.INTERACTIONS_WRITE, source="q")
    results = post(server, PATH, {"interactions": events}).json()["results"]

    assert [one["status"] for one in results] == [404, 400, 201]
    assert list(ShopperId.objects.values_list("external_id", flat=True)) == ["new"]
