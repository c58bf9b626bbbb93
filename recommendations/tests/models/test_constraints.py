"""Rows that the constraints of the database refuse."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from recommendations.choices import ModelState
from recommendations.models import CartItem, ModelVersion, OrderLine, Product, UserBehavior
from recommendations.tests.builders import make_product, make_user

pytestmark = pytest.mark.django_db


def is_refused(model: Any, **values: Any) -> bool:
    try:
        with transaction.atomic():
            model.objects.create(**values)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize(
    "change",
    [
        {"interaction_type": "stare"},
        {"rating": 0.4},
        {"rating": 5.1},
        {"session_id": None},
    ],
    ids=["unknown type", "rating too low", "rating too high", "nobody"],
)
def test_an_interaction_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    values = {"product": make_product(), "interaction_type": "view", "session_id": "visitor"}

    assert is_refused(UserBehavior, **{**values, **change})
    assert not is_refused(UserBehavior, **values)


def test_an_event_id_is_taken_once_by_each_subject() -> None:
    shopper = make_user()
    event = {"product": make_product(), "interaction_type": "view", "event_id": "e-1"}
    UserBehavior.objects.create(**event, user=shopper)
    UserBehavior.objects.create(**event, session_id="visitor")

    assert is_refused(UserBehavior, **event, user=shopper)
    assert is_refused(UserBehavior, **event, session_id="visitor")
    assert not is_refused(UserBehavior, **event, session_id="another")


def test_a_price_is_not_negative_and_a_source_has_a_product_once() -> None:
    make_product(source="import", external_id="A-1")

    assert is_refused(Product, name="Lamp", category="Home", price=-1)
    assert is_refused(
        Product, name="Lamp", category="Home", price=1, source="import", external_id="A-1"
    )
    assert not is_refused(
        Product, name="Lamp", category="Home", price=1, source="other", external_id="A-1"
    )


def test_a_cart_line_belongs_to_one_subject_and_is_there_once() -> None:
    shopper, product = make_user(), make_product()
    CartItem.objects.create(user=shopper, product=product)

    assert is_refused(CartItem, user=shopper, product=product)
    assert is_refused(CartItem, product=product)
    assert is_refused(CartItem, user=shopper, session_id="visitor", product=make_product())
    assert is_refused(CartItem, session_id="visitor", product=product, quantity=0)
    assert not is_refused(CartItem, session_id="visitor", product=product)


def test_one_model_version_is_live() -> None:
    ModelVersion.objects.create(name="v1", state=ModelState.LIVE.value)

    assert is_refused(ModelVersion, name="v2", state=ModelState.LIVE.value)
    assert not is_refused(ModelVersion, name="v2", state=ModelState.CANDIDATE.value)


def test_an_order_line_has_at_least_one_piece() -> None:
    assert is_refused(OrderLine, order_id=1, product_name="Lamp", price=1, quantity=0)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("products", ["category"]),
        ("products", ["price"]),
        ("user_behavior", ["user_id", "product_id"]),
        ("user_behavior", ["user_id", "timestamp"]),
        ("user_behavior", ["product_id", "interaction_type", "timestamp"]),
        ("user_behavior", ["session_id", "timestamp"]),
        ("user_behavior", ["timestamp", "id"]),
        ("served_list", ["created_at", "id"]),
    ],
)
def test_the_look_ups_of_the_shop_have_their_index(table: str, columns: list[str]) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table).values()

    assert any(index["columns"] == columns for index in found if index["index"])
