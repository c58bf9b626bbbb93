"""The log keeps what each list was asked for."""

import json
from collections import Counter
from uuid import uuid4

import pytest

from recommendations.engine.conditions.parsing import parse_condition
from recommendations.models import ServedList
from recommendations.services.lists import served_log
from recommendations.services.lists.list_request import ListRequest
from recommendations.services.lists.wish import ListWish
from recommendations.services.people.subjects import Subject
from recommendations.tests.builders import (
    make_products,
    make_user,
    put_in_cart,
    sign_in,
)

CHEAP = {"field": "price", "op": "at_most", "value": 50}
NEW = {"field": "age_days", "op": "at_most", "value": 14}


def test_a_written_request_is_read_as_it_was() -> None:
    asked = ListRequest(
        count=12,
        page_id=uuid4(),
        product_id=7,
        category="Home > Lamps",
        in_cart=(3, 4),
        wish=ListWish(parse_condition(CHEAP), parse_condition(NEW)),
    )

    assert ListRequest.read(json.loads(json.dumps(asked.write()))) == asked
    assert ListRequest.read(ListRequest(count=3).write()) == ListRequest(count=3)


@pytest.mark.django_db
def test_the_log_says_what_each_list_was_asked_for() -> None:
    lamp, bulb, _ = make_products(3)
    ada = make_user()
    client = sign_in(ada)
    put_in_cart(Subject(user_id=ada.pk), bulb)
    addresses = (
        "/api/recommendations/me/?count=3",
        f"/api/products/{lamp.pk}/similar/?count=4",
        "/api/trending/?category=Home",
        f"/api/popular/?filter={json.dumps(CHEAP)}",
        "/api/cart/recommendations/?count=5",
    )

    for address in addresses:
        assert client.get(address).status_code == 200
    served_log.flush()

    rows = ServedList.objects.order_by("created_at").values_list("request", flat=True)
    assert [*rows] == [
        {"count": 3},
        {"count": 4, "product": lamp.pk},
        {"count": 10, "category": "Home"},
        {"count": 10, "filter": CHEAP},
        {"count": 5, "cart": [bulb.pk]},
    ]


@pytest.mark.django_db
def test_lists_of_one_page_belong_together() -> None:
    make_products(12)
    client = sign_in(make_user())

    for _ in range(2):
        client.get("/api/page/?placement=home&count=2")
    served_log.flush()

    names = Counter((served.request or {})["page"] for served in ServedList.objects.all())
    assert [*names.values()] == [3, 3]


@pytest.mark.django_db
def test_the_text_of_a_search_is_not_kept() -> None:
    make_products(2)

    sign_in(make_user()).get("/api/page/", {"placement": "search", "q": "a secret"})
    served_log.flush()

    assert "secret" not in json.dumps([*ServedList.objects.values_list("request", flat=True)])
