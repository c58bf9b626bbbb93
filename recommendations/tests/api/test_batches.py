"""Batches of interactions: each interaction is validated on its own."""

import json

import pytest
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
PATH = "/api/interactions/"


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
