"""The filter and the boost of a request."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from recommendations.api.shared_values import warm_up_shared_values
from recommendations.choices import RuleAction, Source, TokenScope
from recommendations.models import Product
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_rule,
    make_server_client,
    make_shopper,
    make_two_taste_shop,
    post,
    sign_in,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stateful]

CHEAP = {"field": "price", "op": "at_most", "value": 5}


@pytest.fixture
def shop() -> dict[str, list[Product]]:
    """Return two tastes; five of the lamps and the oldest product of all are cheap."""
    products = make_two_taste_shop()
    cheap = [lamp.pk for lamp in products["Lamps"][:5]]
    Product.objects.filter(pk__in=cheap).update(price=Decimal("5.00"))
    train()
    live_model.refresh()
    warm_up_shared_values()
    return products


def ask(client: Client, address: str, **wish: Any) -> Any:
    query = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in wish.items()
    }
    answer = client.get(address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()["recommendations"]


def ids(entries: Any) -> list[int]:
    return [entry["product_id"] for entry in entries]


@pytest.mark.parametrize(
    "address",
    [
        "/api/recommendations/me/",
        "/api/products/{tent}/similar/",
        "/api/products/{tent}/bought-together/",
        "/api/trending/",
        "/api/popular/",
    ],
)
def test_a_filter_holds_for_every_product_and_the_list_is_full(
    shop: dict[str, list[Product]], address: str
) -> None:
    shopper = make_shopper()
    make_interactions(shopper, shop["Tents"][:3])
    client = sign_in_as(shopper)
    old = timezone.now() - timedelta(days=900)
    hidden_far_back = make_product(price=Decimal("4.00"), created_at=old)

    found = ask(client, address.format(tent=shop["Tents"][9].pk), filter=CHEAP, count="6")

    cheap = {lamp.pk for lamp in shop["Lamps"][:5]} | {hidden_far_back.pk}
    assert set(ids(found)) == cheap


def sign_in_as(shopper: Any) -> Client:
    return sign_in(User.objects.get(pk=shopper.user_id))


def test_the_model_orders_what_a_filter_lets_pass(shop: dict[str, list[Product]]) -> None:
    shopper = make_shopper()
    make_interactions(shopper, shop["Tents"][:3])
    few = [product.pk for product in (*shop["Tents"][10:12], *shop["Lamps"][10:12])]
    wanted = {"field": "product", "op": "in", "value": few}

    found = ask(sign_in_as(shopper), "/api/recommendations/me/", filter=wanted, count="4")

    assert sorted(ids(found)) == sorted(few)
    assert set(ids(found)[:2]) == set(few[:2])
    assert found[0]["source"] == Source.MODEL


def test_a_boost_moves_what_it_names_and_keeps_the_rest(shop: dict[str, list[Product]]) -> None:
    client = Client()
    before = ask(client, "/api/popular/", count="30")
    last = ids(before)[-1]

    after = ask(
        client, "/api/popular/", boost={"field": "product", "op": "in", "value": [last]}, count="30"
    )

    others = [pk for pk in ids(after) if pk != last]
    assert others == ids(before)[:-1]
    assert ids(after).index(last) < 29


def test_lists_with_another_filter_are_cached_apart(shop: dict[str, list[Product]]) -> None:
    client = sign_in_as(make_shopper())

    plain = ask(client, "/api/recommendations/me/")
    filtered = ask(client, "/api/recommendations/me/", filter=CHEAP)
    again = ask(client, "/api/recommendations/me/", filter=CHEAP)

    assert ids(ask(client, "/api/recommendations/me/")) == ids(plain)
    assert ids(again) == ids(filtered) != ids(plain)


def test_a_filter_that_nothing_meets_gives_an_empty_list(shop: dict[str, list[Product]]) -> None:
    nothing = {"field": "price", "op": "above", "value": 1_000_000}

    assert ask(Client(), "/api/popular/", filter=nothing) == []


def test_a_relative_filter_means_the_product_of_the_page(shop: dict[str, list[Product]]) -> None:
    lamp = shop["Lamps"][9]
    cheaper = {"field": "price", "op": "cheaper_than_viewed"}

    similar = ask(Client(), f"/api/products/{lamp.pk}/similar/", filter=cheaper, count="5")
    page = Client().get(
        "/api/page/",
        {"placement": "product", "product_id": str(lamp.pk), "filter": json.dumps(cheaper)},
    )

    cheap = {one.pk for one in shop["Lamps"][:5]}
    assert set(ids(similar)) == cheap
    listed = {pk for each in page.json()["lists"] for pk in ids(each["recommendations"])}
    assert listed == cheap


def test_a_filter_applies_to_what_staff_pin(shop: dict[str, list[Product]]) -> None:
    make_rule(RuleAction.PIN, product=shop["Tents"][0])

    found = ask(Client(), "/api/popular/", filter=CHEAP, count="5")

    assert shop["Tents"][0].pk not in ids(found)


def test_a_server_may_ask_for_margins_and_others_may_not(shop: dict[str, list[Product]]) -> None:
    rich = shop["Lamps"][7]
    Product.objects.filter(pk=rich.pk).update(cost=Decimal("0.10"))
    margin = {"field": "margin", "op": "at_least", "value": 50}
    server = make_server_client(TokenScope.RECOMMENDATIONS_READ)

    found = ask(server, f"/api/recommendations/{make_shopper().user_id}/", filter=margin)
    refused = Client().get("/api/popular/", {"filter": json.dumps(margin)})

    assert ids(found) == [rich.pk]
    assert refused.status_code == 400
    assert "Only the shop's own servers may ask for margin." in refused.content.decode()


def test_a_given_history_takes_a_filter_and_a_boost(shop: dict[str, list[Product]]) -> None:
    server = make_server_client(TokenScope.RECOMMENDATIONS_READ)
    events = [{"product_id": tent.pk, "interaction_type": "view"} for tent in shop["Tents"][:2]]

    answer = post(
        server,
        "/api/recommendations/",
        {"events": events, "filter": CHEAP, "boost": CHEAP, "count": 5},
    )

    assert set(ids(answer.json()["recommendations"])) == {lamp.pk for lamp in shop["Lamps"][:5]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Write a condition as JSON"),
        ("[" * 1_999, "Write a condition as JSON"),
        ("1", "A condition is an object."),
        ('{"field": "mood", "op": "in", "value": ["x"]}', "There is no such field."),
        (" " * 2_001, "at most 2000 characters"),
    ],
)
@pytest.mark.parametrize("name", ["filter", "boost"])
def test_a_wrong_condition_is_refused_by_its_name(name: str, text: str, message: str) -> None:
    answer = Client().get("/api/popular/", {name: text})

    assert answer.status_code == 400
    assert message in answer.content.decode()
    assert answer.json()["errors"][0]["pointer"].endswith(name)
