"""A cart line and an order name the variant; its stock and its product's go down together."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, transaction

from recommendations.errors import (
    EmptyCartError,
    NotFoundError,
    OrderChangedError,
    OutOfStockError,
    VariantRequiredError,
)
from recommendations.models import CartItem, Order, OrderLine, Product, UserBehavior, Variant
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.carts import (
    add_to_cart,
    get_cart,
    merge_carts,
    remove_from_cart,
    set_quantity,
)
from recommendations.services.shop.checkouts import Checkout, SeenLine
from recommendations.services.shop.order_mail import build_order_mail
from recommendations.services.shop.orders import place_order
from recommendations.services.shop.variants import derive_products, lock_products
from recommendations.tests.builders import (
    make_product,
    make_shopper,
    make_user,
    make_variant,
    make_visitor,
    put_in_cart,
)

pytestmark = pytest.mark.django_db


def make_hoodie() -> tuple[Product, Variant, Variant]:
    """Return a hoodie with a small and a medium variant."""
    hoodie = make_product(name="Hoodie", price="20.00")
    small = make_variant(hoodie, options={"Size": "S", "Colour": "Blue"}, price="19.90", stock=3)
    medium = make_variant(hoodie, options={"Size": "M", "Colour": "Blue"}, price="24.90", stock=5)
    return hoodie, small, medium


def test_a_product_with_variants_is_not_bought_without_choosing() -> None:
    hoodie, small, _ = make_hoodie()
    visitor = make_visitor()
    said = r"Hoodie comes in variants: choose Size \(S, M\), Colour \(Blue\)"

    with pytest.raises(VariantRequiredError, match=said):
        add_to_cart(subject=visitor, product_id=hoodie.pk)
    line = SeenLine(product_id=hoodie.pk, quantity=1, price=small.price)
    with pytest.raises(VariantRequiredError, match=said):
        place_order(subject=visitor, checkout=Checkout(lines=[line], from_cart=False))

    assert (CartItem.objects.count(), Order.objects.count()) == (0, 0)
    assert UserBehavior.objects.count() == 0


def test_a_variant_that_is_hidden_or_of_another_product_is_refused() -> None:
    hoodie, small, medium = make_hoodie()
    lamp = make_product()
    Variant.objects.filter(pk=medium.pk).update(is_active=False)

    for product, variant in [(hoodie, medium), (lamp, small)]:
        with pytest.raises(NotFoundError, match=f"no variant {variant.pk} of {product.name}"):
            add_to_cart(subject=make_visitor(), product_id=product.pk, variant_id=variant.pk)
        line = SeenLine(product.pk, 1, variant.price, variant_id=variant.pk)
        with pytest.raises(OrderChangedError):
            place_order(subject=make_visitor(), checkout=Checkout(lines=[line], from_cart=False))

    assert (CartItem.objects.count(), Order.objects.count()) == (0, 0)


def test_a_sold_out_variant_is_refused_while_others_are_left() -> None:
    hoodie, small, _ = make_hoodie()
    Variant.objects.filter(pk=small.pk).update(stock=0)

    with pytest.raises(OutOfStockError, match=r"0 pieces of Hoodie \(S, Blue\) are left"):
        add_to_cart(subject=make_visitor(), product_id=hoodie.pk, variant_id=small.pk)


def test_variants_of_one_product_are_lines_of_their_own() -> None:
    hoodie, small, medium = make_hoodie()
    visitor = make_visitor()
    for variant in (small, medium, small):
        add_to_cart(subject=visitor, product_id=hoodie.pk, variant_id=variant.pk)
    assert get_cart(visitor).total == Decimal("64.70")

    set_quantity(subject=visitor, product_id=hoodie.pk, variant_id=small.pk, quantity=3)
    with pytest.raises(VariantRequiredError):
        set_quantity(subject=visitor, product_id=hoodie.pk, quantity=1)
    with pytest.raises(OutOfStockError):
        set_quantity(subject=visitor, product_id=hoodie.pk, variant_id=small.pk, quantity=4)
    assert [item.quantity for item in get_cart(visitor).items] == [3, 1]

    cart = remove_from_cart(subject=visitor, product_id=hoodie.pk, variant_id=small.pk)
    assert [item.variant for item in cart.items] == [medium]


def test_a_line_from_before_its_product_had_variants_cannot_be_ordered() -> None:
    hoodie, visitor = make_product(), make_visitor()
    put_in_cart(visitor, hoodie)
    make_variant(hoodie)

    assert get_cart(visitor).items == ()
    with pytest.raises(EmptyCartError):
        place_order(subject=visitor)


def test_an_order_names_the_variant_and_the_product_follows() -> None:
    hoodie, small, medium = make_hoodie()
    shopper = make_shopper(email="mara@shop.example")
    add_to_cart(subject=shopper, product_id=hoodie.pk, variant_id=small.pk, quantity=3)
    add_to_cart(subject=shopper, product_id=hoodie.pk, variant_id=medium.pk)

    order, _ = place_order(subject=shopper)

    lines = OrderLine.objects.order_by("price")
    assert [(line.variant, line.variant_name) for line in lines] == [
        (small, "S, Blue"),
        (medium, "M, Blue"),
    ]
    assert order.total == Decimal("84.60")
    hoodie.refresh_from_db()
    figures = (hoodie.stock, hoodie.price, hoodie.has_several_prices)
    assert figures == (4, Decimal("24.90"), False)
    assert "3 × Hoodie (S, Blue): 59.70 USD" in build_order_mail(order)[1]
    # What the shop learns from is the product, once.
    purchases = UserBehavior.objects.filter(interaction_type="purchase")
    assert [row.product_id for row in purchases] == [hoodie.pk]


def test_what_was_shown_is_compared_by_variant() -> None:
    hoodie, small, medium = make_hoodie()
    visitor = make_visitor()
    add_to_cart(subject=visitor, product_id=hoodie.pk, variant_id=medium.pk)
    seen = SeenLine(hoodie.pk, 1, small.price, variant_id=small.pk)

    with pytest.raises(OrderChangedError) as refused:
        place_order(subject=visitor, checkout=Checkout(lines=[seen]))

    said = {
        change["variant_name"]: (change["variant_id"], change["expected"], change["now"])
        for change in refused.value.members["changes"]
    }
    assert said == {
        "S, Blue": (small.pk, {"quantity": 1, "price": "19.90"}, None),
        "M, Blue": (medium.pk, None, {"quantity": 1, "price": "24.90"}),
    }
    assert refused.value.members["total"] == "24.90"


def test_carts_are_merged_by_variant() -> None:
    hoodie, small, medium = make_hoodie()
    visitor, user = make_visitor(), make_user()
    shopper = Subject(user_id=user.pk)
    for subject, variant, quantity in [
        (visitor, small, 2),
        (visitor, medium, 3),
        (shopper, small, 1),
    ]:
        add_to_cart(subject=subject, product_id=hoodie.pk, variant_id=variant.pk, quantity=quantity)

    with transaction.atomic():
        merge_carts(user_id=user.pk, session_id=visitor.session_id or "")

    assert set(CartItem.objects.values_list("user_id", "variant_id", "quantity")) == {
        (user.pk, small.pk, 2),
        (user.pk, medium.pk, 3),
    }


@pytest.mark.django_db(transaction=True)
def test_the_last_pieces_of_a_variant_are_sold_once() -> None:
    hoodie = make_product()
    wanted = make_variant(hoodie, price="19.90", stock=7)
    make_variant(hoodie, price="24.90", stock=5)
    visitors = [Subject(session_id=f"visitor-{number}") for number in range(20)]
    for visitor in visitors:
        add_to_cart(subject=visitor, product_id=hoodie.pk, variant_id=wanted.pk)

    def order(visitor: Subject) -> str:
        try:
            place_order(subject=visitor)
        except OutOfStockError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "ordered"

    with ThreadPoolExecutor(max_workers=20) as pool:
        results = sorted(pool.map(order, visitors))

    assert results == ["ordered"] * 7 + ["out_of_stock"] * 13
    wanted.refresh_from_db()
    hoodie.refresh_from_db()
    assert (wanted.stock, hoodie.stock, hoodie.price) == (0, 5, Decimal("24.90"))


@pytest.mark.django_db(transaction=True)
def test_orders_and_changes_of_several_variants_do_not_block_each_other() -> None:
    hoodies = [make_product() for _ in range(2)]
    variants = [make_variant(hoodie, stock=1000) for hoodie in hoodies for _ in range(2)]

    def order(number: int) -> None:
        shown = variants if number % 2 else variants[::-1]
        lines = [SeenLine(each.product_id, 1, each.price, variant_id=each.pk) for each in shown]
        place_order(
            subject=Subject(session_id=f"visitor-{number}"),
            checkout=Checkout(lines=lines, from_cart=False),
        )
        connection.close()

    def deliver(number: int) -> None:
        with transaction.atomic():
            for hoodie in lock_products([hoodie.pk for hoodie in hoodies]):
                variant = hoodie.variants.order_by("id")[number % 2]
                variant.stock += 1
                variant.save(update_fields=["stock"])
            derive_products([hoodie.pk for hoodie in hoodies])
        connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        orders, deliveries = pool.map(order, range(16)), pool.map(deliver, range(16))
        list(orders)
        list(deliveries)

    for hoodie in hoodies:
        hoodie.refresh_from_db()
        left = [variant.stock for variant in hoodie.variants.all()]
        assert left == [1000 - 16 + 8] * 2
        assert hoodie.stock == sum(left)
