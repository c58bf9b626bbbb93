from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from recommendations.errors import InvalidInputError, NotFoundError, OutOfStockError
from recommendations.models import CartItem, Product, UserBehavior
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.carts import (
    MAX_QUANTITY,
    add_to_cart,
    get_cart,
    merge_carts,
    set_quantity,
)
from recommendations.tests.builders import make_product, make_user

pytestmark = pytest.mark.django_db

VISITOR = Subject(session_id="visitor")


def test_a_refused_addition_records_nothing() -> None:
    product = make_product(stock=1)

    with pytest.raises(OutOfStockError, match="1 pieces of"):
        add_to_cart(subject=VISITOR, product_id=product.pk, quantity=2)

    assert (CartItem.objects.count(), UserBehavior.objects.count()) == (0, 0)


def test_a_cart_holds_at_most_99_pieces_of_a_product() -> None:
    product = make_product(stock=1000)
    add_to_cart(subject=VISITOR, product_id=product.pk, quantity=MAX_QUANTITY)

    with pytest.raises(InvalidInputError, match="at most 99"):
        add_to_cart(subject=VISITOR, product_id=product.pk)

    assert get_cart(VISITOR).item_count == MAX_QUANTITY


@pytest.mark.django_db(transaction=True)
def test_simultaneous_additions_all_count() -> None:
    product = make_product(stock=50)

    def add(_: int) -> None:
        add_to_cart(subject=VISITOR, product_id=product.pk)
        connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(add, range(16)))

    assert get_cart(VISITOR).item_count == 16
    assert UserBehavior.objects.count() == 16


def test_a_cart_hides_products_not_for_sale_and_refuses_changes_of_them() -> None:
    product = make_product()
    add_to_cart(subject=VISITOR, product_id=product.pk)
    Product.objects.update(is_active=False)

    with pytest.raises(NotFoundError):
        set_quantity(subject=VISITOR, product_id=product.pk, quantity=2)

    assert get_cart(VISITOR).items == ()


@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_sign_ins_merge_a_cart_once() -> None:
    shopper = make_user()
    lamp, desk = make_product(), make_product()
    add_to_cart(subject=VISITOR, product_id=lamp.pk, quantity=2)
    add_to_cart(subject=VISITOR, product_id=desk.pk, quantity=3)
    add_to_cart(subject=Subject(user_id=shopper.pk), product_id=lamp.pk, quantity=1)

    def merge(_: int) -> None:
        with transaction.atomic():
            merge_carts(user_id=shopper.pk, session_id="visitor")
        connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(merge, range(4)))

    assert dict(CartItem.objects.values_list("product_id", "quantity")) == {lamp.pk: 2, desk.pk: 3}
    assert set(CartItem.objects.values_list("user_id", "session_id")) == {(shopper.pk, None)}


def test_an_addition_that_is_sent_twice_counts_once() -> None:
    product = make_product(stock=5)

    for _ in range(2):
        add_to_cart(subject=VISITOR, product_id=product.pk, quantity=2, event_id="e1")
    add_to_cart(subject=VISITOR, product_id=product.pk, event_id="e2")

    assert get_cart(VISITOR).item_count == 3
    assert UserBehavior.objects.count() == 2
