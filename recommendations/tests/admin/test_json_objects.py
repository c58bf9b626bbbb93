"""The attributes of a product in the admin: a JSON object that every database can store."""

import re
from typing import Any

import pytest

from recommendations.models import Product
from recommendations.tests.builders import make_user, sign_in

pytestmark = pytest.mark.django_db

ADD = "/admin/recommendations/product/add/"


def add_product(attributes: str) -> Any:
    client = sign_in(make_user("boss", is_staff=True, is_superuser=True))
    page = client.get(ADD).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return client.post(
        ADD,
        {
            **hidden,
            "name": "Lamp",
            "category": "Lamps",
            "price": "1",
            "stock": "1",
            "created_at_0": "2026-01-05",
            "created_at_1": "09:30:00",
            "attributes": attributes,
        },
    )


@pytest.mark.parametrize(
    "attributes",
    [
        '{"a": "\\u0000"}',
        '{"\\u0000": 1}',
        '{"a": "\\ud800"}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1e400}',
        '{"a": ' + "9" * 5000 + "}",
        "[" * 5000,
        '{"a": 1, "a": 2}',
        '"a text"',
        "[]",
        "null",
        "{",
    ],
    ids=lambda text: text[:20],
)
def test_attributes_that_no_page_could_show_are_refused_in_the_form(attributes: str) -> None:
    answer = add_product(attributes)

    assert answer.status_code == 200
    assert re.search("This is not JSON|Write a JSON object", answer.content.decode())
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("text", "stored"), [("", {}), ("{}", {}), ('{"colour": "bleu \u00e9"}', {"colour": "bleu é"})]
)
def test_an_object_is_stored_and_an_empty_field_is_an_empty_object(
    text: str, stored: dict[str, str]
) -> None:
    add_product(text)

    assert Product.objects.get().attributes == stored
