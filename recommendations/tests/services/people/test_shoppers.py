import pytest

from recommendations.choices import InteractionType
from recommendations.models import CartItem, Like, Order, Product, ServedList, UserBehavior
from recommendations.services.people.shoppers import merge_visitor
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.carts import add_to_cart
from recommendations.services.shop.feedback import like_product
from recommendations.services.shop.orders import place_order
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_shopper,
    make_visitor,
    put_in_cart,
)

pytestmark = pytest.mark.django_db

TABLES = (UserBehavior, Order, ServedList, CartItem, Like)


def use_the_shop(visitor: Subject, product: Product) -> None:
    """Leave at least one row in each table that follows a visitor into an account."""
    make_interactions(visitor, [product])
    add_to_cart(subject=visitor, product_id=product.pk)
    place_order(subject=visitor)
    like_product(subject=visitor, product_id=product.pk)
    put_in_cart(visitor, product)
    ServedList.objects.create(session_id=visitor.session_id, placement="home", name="personal")


def merge(visitor: Subject, account: Subject) -> None:
    assert visitor.session_id is not None
    assert account.user_id is not None
    merge_visitor(user_id=account.user_id, session_id=visitor.session_id)


def test_a_visitor_s_history_moves_to_the_first_account_only() -> None:
    visitor, first, second = make_visitor(), make_shopper(), make_shopper()
    use_the_shop(visitor, make_product())

    merge(visitor, first)
    merge(visitor, second)

    owners = {table: {row.user_id for row in table.objects.all()} for table in TABLES}
    assert owners == {table: {first.user_id} for table in TABLES}


def test_interactions_after_a_merge_move_to_the_next_account() -> None:
    visitor, first, second = make_visitor(), make_shopper(), make_shopper()
    before, after = make_product(), make_product()
    make_interactions(visitor, [before])
    merge(visitor, first)

    make_interactions(visitor, [after])
    merge(visitor, second)

    rows = UserBehavior.objects.values_list("user_id", "product_id").order_by("id")
    assert list(rows) == [(first.user_id, before.pk), (second.user_id, after.pk)]


def test_merging_a_visitor_leaves_other_visitors_alone() -> None:
    visitor, other, account = make_visitor(), make_visitor(), make_shopper()
    make_interactions(other, [make_product()], interaction_type=InteractionType.CART)

    merge(visitor, account)

    assert UserBehavior.objects.get().user_id is None
