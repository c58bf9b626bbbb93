"""The sample shop in the database: whole or cleaned away, and nobody else's rows touched."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Count, Q
from django.test import override_settings

from recommendations.choices import InteractionType
from recommendations.errors import InvalidInputError, SampleDataRefusedError
from recommendations.models import (
    CartItem,
    Like,
    Order,
    OrderLine,
    Product,
    ProductImage,
    ServedList,
    UserBehavior,
    UserProfile,
    Variant,
)
from recommendations.sample_data import (
    DEMO_PASSWORD,
    is_populated,
    is_unfinished,
    list_demo_shoppers,
    populate,
    storage,
)
from recommendations.services.shop.variants import derive_products
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_shopper,
    make_visitor,
)

pytestmark = pytest.mark.django_db

END = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)
SMALL: dict[str, Any] = {
    "products": 100,
    "users": 20,
    "interactions": 2_000,
    "seed": 7,
    "end_time": END,
}


@pytest.fixture(autouse=True)
def _own_media(tmp_path: Path) -> Iterator[None]:
    with override_settings(MEDIA_ROOT=tmp_path):
        yield


class PowerCutError(Exception):
    """Something ends a run half-way."""


def read_rows() -> tuple[list[Any], list[Any]]:
    """Return all that a shop shows and knows, without the numbers a database gives out."""
    products = Product.objects.order_by("external_id").values_list(
        "external_id", "name", "description", "price", "stock", "attributes", "created_at", "image"
    )
    interactions = UserBehavior.objects.order_by("id").values_list(
        "user__username", "session_id", "product__external_id", "interaction_type", "rating",
        "timestamp",
    )  # fmt: skip
    return list(products), list(interactions)


def test_everything_asked_for_is_written_once() -> None:
    summary = populate(**SMALL)

    assert Product.objects.filter(source="sample").count() == 100
    assert UserProfile.objects.count() == User.objects.count() == 20
    assert UserBehavior.objects.count() == 2_000
    assert sum(summary.interactions.values()) == 2_000
    assert summary.ratings == UserBehavior.objects.filter(rating__isnull=False).count() > 0
    assert is_populated()
    assert not is_unfinished()


def test_every_product_has_a_picture_of_its_own_in_the_media_folder(tmp_path: Path) -> None:
    populate(**SMALL)

    names = set(Product.objects.values_list("image", flat=True))
    further = set(ProductImage.objects.values_list("image", flat=True))
    coloured = set(Variant.objects.exclude(image="").values_list("image", flat=True))

    assert len(names) == 100
    assert {path.name for path in (tmp_path / "products").iterdir()} == {
        Path(name).name for name in names | further | coloured
    }


def test_two_of_three_products_have_further_pictures_to_look_through() -> None:
    populate(**SMALL)

    numbers = Product.objects.annotate(pictures=Count("further_images")).values_list("pictures")

    assert Counter(number for (number,) in numbers) == {2: 34, 1: 33, 0: 33}


def test_the_same_seed_and_end_write_the_same_shop_again() -> None:
    populate(**SMALL)
    first = read_rows()

    populate(**SMALL, flush=True)

    assert read_rows() == first


def test_another_seed_writes_another_shop() -> None:
    populate(**SMALL)
    first = read_rows()

    populate(**{**SMALL, "seed": 8}, flush=True)

    assert read_rows()[0] != first[0]
    assert read_rows()[1] != first[1]


def test_the_funnel_holds_in_the_rows_a_cart_after_a_view_and_a_purchase_after_a_cart() -> None:
    populate(**SMALL)

    done: dict[tuple[Any, ...], list[str]] = {}
    for *key, interaction_type in UserBehavior.objects.order_by("timestamp", "id").values_list(
        "user", "session_id", "product", "interaction_type"
    ):
        done.setdefault(tuple(key), []).append(interaction_type)

    assert all("view" in types[: types.index("cart")] for types in done.values() if "cart" in types)
    assert all(
        "cart" in types[: types.index("purchase")] for types in done.values() if "purchase" in types
    )
    counts = UserBehavior.objects.aggregate(
        **{
            interaction_type.value: Count("id", filter=Q(interaction_type=interaction_type.value))
            for interaction_type in InteractionType
        }
    )
    assert counts["view"] > 4 * counts["cart"] > 4 * counts["purchase"] > 0


def test_nothing_happens_after_the_end_or_to_a_product_that_is_not_there_yet() -> None:
    populate(**SMALL)

    times = UserBehavior.objects.values_list("timestamp", "product__created_at")

    assert all(created < happened <= END for happened, created in times)


def test_demo_shoppers_are_offered_with_their_tastes_and_the_published_password() -> None:
    populate(**SMALL)

    offered = list_demo_shoppers()

    assert [shopper.name for shopper in offered] == [
        "Maya", "Jonas", "Aiko", "Leo", "Clara", "Omar",
    ]  # fmt: skip
    assert offered[0].taste == "Trail running & camping"
    accounts = {user.username: user for user in User.objects.all()}
    assert accounts["maya"].check_password(DEMO_PASSWORD)
    others = [user for name, user in accounts.items() if "." in name]
    assert len(others) == 14
    assert not any(user.has_usable_password() for user in others)
    assert not any(user.is_staff or user.is_superuser for user in accounts.values())


def test_the_published_password_opens_nothing_where_demo_sign_in_is_off() -> None:
    with override_settings(RECOMMENDATIONS={**settings.RECOMMENDATIONS, "demo_sign_in": False}):
        populate(**SMALL)

    assert not any(user.has_usable_password() for user in User.objects.all())


def test_a_second_run_is_refused_and_changes_nothing() -> None:
    populate(**SMALL)
    before = read_rows()

    with pytest.raises(SampleDataRefusedError, match=r"already, with 100 products\. --flush"):
        populate(**SMALL)

    assert read_rows() == before


def test_a_shop_with_products_of_its_own_is_refused() -> None:
    make_product(name="Real lamp")

    with pytest.raises(SampleDataRefusedError, match="has 1 products of its own"):
        populate(**SMALL)

    assert [product.name for product in Product.objects.all()] == ["Real lamp"]
    assert not User.objects.exists()


def test_an_interrupted_run_is_seen_refused_and_cleaned_by_flush(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def cut(*_: object) -> None:
        raise PowerCutError

    with monkeypatch.context() as patch:
        patch.setattr(storage, "_store_events", cut)
        with pytest.raises(PowerCutError):
            populate(**SMALL)

    assert is_unfinished()
    assert list_demo_shoppers() == []
    with pytest.raises(SampleDataRefusedError, match=r"interrupted run left .* --flush"):
        populate(**SMALL)

    populate(**SMALL, flush=True)
    assert is_populated()
    assert Product.objects.count() == 100
    assert UserBehavior.objects.count() == 2_000
    # And 101 further pictures, and 14 of colours.
    assert len(list((tmp_path / "products").iterdir())) == 215


def test_flush_leaves_real_products_accounts_interactions_and_orders() -> None:
    populate(**SMALL)
    lamp = make_product(name="Real lamp")
    shopper = make_shopper(username="real", email="real@shop.test")
    visitor = make_visitor()
    kept = make_interactions(shopper, [lamp]) + make_interactions(visitor, [lamp])
    order = Order.objects.create(user_id=shopper.user_id)
    order.lines.create(
        product=Product.objects.filter(source="sample").first(), product_name="A mug", price="9.90",
        quantity=1,
    )  # fmt: skip

    populate(**{**SMALL, "seed": 8}, flush=True)

    assert Product.objects.filter(source="").get() == lamp
    assert User.objects.filter(username="real").exists()
    assert set(UserBehavior.objects.filter(product=lamp)) == set(kept)
    assert order.lines.get().product_name == "A mug"
    assert Product.objects.filter(source="sample").count() == 100


def test_flush_is_refused_while_a_real_account_holds_on_to_sample_products() -> None:
    populate(**SMALL)
    mug, lamp = Product.objects.filter(source="sample")[:2]
    shopper = make_shopper(username="real", email="real@shop.test")
    make_interactions(shopper, [mug, lamp])
    CartItem.objects.create(user_id=shopper.user_id, product=mug)
    before = read_rows()

    with pytest.raises(
        SampleDataRefusedError, match=r"2 interactions and 1 cart items .* \(real\)"
    ):
        populate(**SMALL, flush=True)

    assert read_rows() == before
    assert is_populated()


def test_what_visitors_and_demo_shoppers_did_meanwhile_goes_with_the_sample_shop() -> None:
    populate(**SMALL)
    mug = Product.objects.filter(source="sample")[0]
    maya = User.objects.get(username="maya")
    make_interactions(make_visitor(), [mug])
    CartItem.objects.create(user=maya, product=mug)
    Order.objects.create(user=maya)

    populate(**SMALL, flush=True)

    assert UserBehavior.objects.count() == 2_000
    assert not CartItem.objects.exists()
    assert not Order.objects.filter(name="").exists()


def test_a_username_that_a_real_account_has_is_refused_before_anything_is_written() -> None:
    make_shopper(username="maya")

    with pytest.raises(SampleDataRefusedError, match=r"shoppers need: maya\."):
        populate(**SMALL)

    assert not Product.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("products", 68), ("users", 5), ("interactions", 999), ("interactions", 5_000_001),
     ("seed", -1)],
)  # fmt: skip
def test_a_size_that_cannot_be_is_refused_with_its_limits(name: str, value: int) -> None:
    with pytest.raises(InvalidInputError, match=f"{name} is {value:,} and must be from"):
        populate(**{**SMALL, name: value})

    assert not Product.objects.exists()


def test_prices_are_stored_with_the_decimals_of_the_shops_currency() -> None:
    with override_settings(RECOMMENDATIONS={**settings.RECOMMENDATIONS, "currency": "JPY"}):
        populate(**SMALL)

    # As the column has them, which has three decimals for all currencies.
    with connection.cursor() as cursor:
        cursor.execute("SELECT price FROM products")
        prices = [float(price) for (price,) in cursor.fetchall()]
    assert len(prices) == 100
    assert all(price == int(price) >= 1 for price in prices)


def test_likes_and_orders_are_those_of_the_interactions() -> None:
    populate(**SMALL)

    def list_interactions(interaction_type: InteractionType) -> list[Any]:
        rows = UserBehavior.objects.filter(interaction_type=interaction_type)
        return sorted(rows.values_list("user__username", "session_id", "product_id"), key=str)

    likes = Like.objects.values_list("user__username", "session_id", "product_id")
    lines = OrderLine.objects.values_list(
        "order__user__username", "order__session_id", "product_id"
    )

    assert set(likes) == set(list_interactions(InteractionType.LIKE))
    assert sorted(lines, key=str) == list_interactions(InteractionType.PURCHASE)


def test_products_bought_in_one_visit_are_one_order() -> None:
    populate(**SMALL)

    order = Order.objects.annotate(size=Count("lines")).order_by("-size").first()

    assert order is not None
    purchases = UserBehavior.objects.filter(
        interaction_type=InteractionType.PURCHASE,
        user=order.user,
        session_id=order.session_id,
        timestamp__range=(order.created_at - timedelta(minutes=10), order.created_at),
    )
    assert order.size > 1
    assert order.total == sum(line.price for line in order.lines.all())
    assert order.has_address
    assert purchases.count() == order.size


def test_some_views_name_the_list_that_led_to_them() -> None:
    populate(**SMALL)

    clicks = list(UserBehavior.objects.exclude(list_id=None))
    lists = ServedList.objects.in_bulk([click.list_id for click in clicks])
    assert len(lists) == len(clicks) > 20
    assert ServedList.objects.count() == 3 * len(clicks)
    for click in clicks:
        served = lists[click.list_id]
        assert served.product_ids[click.position] == click.product_id
        assert served.seen_product_ids[click.position] == click.product_id
        assert (served.user_id, served.session_id) == (click.user_id, click.session_id)
        assert served.created_at < click.timestamp


def test_a_flush_removes_likes_orders_and_lists_too() -> None:
    populate(**SMALL)
    tables = (Like, Order, OrderLine, ServedList)
    counts = [table.objects.count() for table in tables]

    populate(**SMALL, flush=True)

    assert [table.objects.count() for table in tables] == counts


def test_clothing_and_shoes_come_in_sizes_and_colours_and_orders_name_them() -> None:
    populate(**{**SMALL, "products": 200})

    sized = Product.objects.filter(category__in=["Clothing", "Shoes"])
    assert set(sized.values_list("has_variants", flat=True)) == {True}
    others = Product.objects.exclude(category__in=["Clothing", "Shoes"])
    assert not others.filter(has_variants=True).exists()
    assert Variant.objects.filter(stock=0).exists()
    lines = OrderLine.objects.filter(product__in=sized)
    assert lines.exists()
    for line in lines.select_related("variant"):
        assert line.variant is not None
        assert (line.variant_name, line.price) == (line.variant.title, line.variant.price)


def test_the_figures_of_a_product_are_those_that_its_variants_give() -> None:
    populate(**{**SMALL, "products": 200})
    columns = ("pk", "price", "regular_price", "stock", "has_variants", "has_several_prices")
    before = set(Product.objects.values_list(*columns))

    derive_products(list(Product.objects.values_list("pk", flat=True)))

    assert set(Product.objects.values_list(*columns)) == before
    assert Product.objects.filter(has_several_prices=True).exists()
