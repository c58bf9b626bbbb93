import json
from typing import Any

import pytest
from django.test import Client
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer

from recommendations.api.list_serializers import PageSerializer, PersonalListSerializer
from recommendations.api.products import ProductCardSerializer
from recommendations.models import Product
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import make_product, make_two_taste_shop, post

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "columns",
    [
        {"brand": "Norden", "price": "1234567.80", "image": "products/5.svg"},
        {"stock": 3, "price": "5", "image": "products/a photograph.jpg"},
        {"name": "Lämp “é”", "image": ""},
    ],
)
def test_a_rendered_card_equals_the_serialized_card(columns: dict[str, Any]) -> None:
    product = make_product(**columns)

    found = Client().get("/api/recommendations/me/").json()

    everywhere = ProductCardSerializer(Product.objects.get(pk=product.pk)).data
    assert found["recommendations"][0]["product"] == to_json(everywhere)


def test_rendered_lists_and_pages_have_the_shapes_of_their_serializers() -> None:
    products = make_two_taste_shop()
    train()
    live_model.refresh()
    visitor = Client()
    for product in products["Tents"][:3]:
        view = {"product_id": product.pk, "interaction_type": "view"}
        post(visitor, "/api/interaction/", view)

    one_list = visitor.get("/api/recommendations/me/").json()
    page = visitor.get("/api/page/?placement=home").json()

    assert one_list["recommendations"][0]["reason"]["product"] is not None
    assert get_shape(one_list) == get_serializer_shape(PersonalListSerializer())
    assert get_shape(page) == get_serializer_shape(PageSerializer())


def to_json(value: Any) -> Any:
    return json.loads(JSONRenderer().render(value))


def get_shape(answer: Any) -> Any:
    """Return the names in an answer, of a list those of its first entry."""
    match answer:
        case dict():
            return {name: get_shape(value) for name, value in answer.items()}
        case [first, *_]:
            return [get_shape(first)]
        case _:
            return None


def get_serializer_shape(field: Any) -> Any:
    """Return the names in what a serializer describes."""
    match field:
        case serializers.ListSerializer():
            return [get_serializer_shape(field.child)]
        case serializers.Serializer():
            return {name: get_serializer_shape(inner) for name, inner in field.fields.items()}
        case _:
            return None
