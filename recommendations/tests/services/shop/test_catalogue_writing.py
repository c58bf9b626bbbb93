"""The outside writes products: what is given changes, what is not given stays."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from recommendations.models import Category, PictureAddress, Product, Variant
from recommendations.services.shop.catalogue_inputs import (
    Outcome,
    ProductInput,
    ProductResult,
    VariantInput,
)
from recommendations.services.shop.catalogue_writing import write_products

pytestmark = pytest.mark.django_db

EARLY = datetime(2026, 1, 1, tzinfo=UTC)
LATE = datetime(2026, 1, 2, tzinfo=UTC)
LAMP = {"name": "Lamp", "price": Decimal("20.00"), "stock": 4}


def write(*inputs: ProductInput, **options: Any) -> list[ProductResult]:
    return write_products(inputs, source="erp", **options)


def get(external_id: str = "L-1") -> Product:
    return Product.objects.get(source="erp", external_id=external_id)


def outcomes(results: list[ProductResult]) -> list[str]:
    return [result.outcome.value for result in results]


def test_a_product_is_created_then_left_alone_then_updated() -> None:
    lamp = ProductInput("L-1", LAMP, categories=["Home > Lamps", "Gifts"])

    created, again = write(lamp), write(lamp)
    updated = write(ProductInput("L-1", {"price": Decimal("18.00")}))

    assert outcomes(created + again + updated) == ["created", "unchanged", "updated"]
    product = get()
    assert {result.product_id for result in created + again + updated} == {product.pk}
    assert (product.name, product.price, product.stock) == ("Lamp", Decimal("18.00"), 4)
    assert product.category == "Home > Lamps"
    rows = product.category_rows.values_list("category__path", "is_given").order_by("category")
    assert dict(rows) == {"Home": False, "Home > Lamps": True, "Gifts": True}


def test_an_older_message_changes_nothing() -> None:
    write(ProductInput("L-1", LAMP, updated_at=LATE))

    late = write(ProductInput("L-1", {"name": "Old lamp"}, updated_at=EARLY))
    assert outcomes(late) == ["stale"]
    assert get().name == "Lamp"
    assert get().source_updated_at == LATE

    without_time = write(ProductInput("L-1", {"name": "New lamp"}))
    assert outcomes(without_time) == ["updated"]
    assert get().source_updated_at == LATE


def test_the_time_of_an_equal_message_is_kept() -> None:
    write(ProductInput("L-1", LAMP, updated_at=EARLY))
    assert outcomes(write(ProductInput("L-1", LAMP, updated_at=LATE))) == ["unchanged"]
    assert get().source_updated_at == LATE


def test_one_refused_product_costs_no_other() -> None:
    results = write(
        ProductInput("A", {"name": "Nameless price"}),
        ProductInput("B", {"price": Decimal(1)}),
        ProductInput("L-1", LAMP),
        ProductInput("L-1", LAMP),
    )
    assert outcomes(results) == ["refused", "refused", "created", "refused"]
    assert [result.reason for result in results] == [
        "A new product needs a price.",
        "A new product needs a name.",
        "",
        "The product was named before in the same batch.",
    ]
    assert Product.objects.count() == 1


def test_unknown_products_are_refused_where_none_may_be_created() -> None:
    results = write(ProductInput("L-1", LAMP), creates=False)
    assert outcomes(results) == ["refused"]
    assert not Product.objects.exists()


def test_initial_values_hold_for_new_products_only() -> None:
    initial = {"stock": 100, "categories": ["Things"]}
    values = {"name": "Lamp", "price": Decimal(5)}
    write(ProductInput("L-1", values, initial))
    assert (get().stock, get().category) == (100, "Things")
    Product.objects.update(stock=3)
    assert outcomes(write(ProductInput("L-1", values, initial))) == ["unchanged"]
    assert get().stock == 3


def test_a_dry_run_writes_nothing() -> None:
    write(ProductInput("L-1", LAMP))
    results = write(ProductInput("L-1", {"name": "Other"}), ProductInput("L-2", LAMP), dry_run=True)
    assert outcomes(results) == ["updated", "created"]
    assert get().name == "Lamp"
    assert Product.objects.count() == 1


def make_shirt(**options: Any) -> ProductInput:
    return ProductInput(
        "S",
        {"name": "Shirt", "price": Decimal("10.00")},
        variants=[
            VariantInput("S-m", {"options": {"Size": "M"}, "stock": 2}),
            VariantInput("S-l", {"options": {"Size": "L"}, "price": Decimal("12.00")}),
        ],
        **options,
    )


def test_a_product_with_variants_derives_its_figures() -> None:
    assert outcomes(write(make_shirt())) == ["created"]
    assert outcomes(write(make_shirt())) == ["unchanged"]

    shirt = get("S")
    assert (shirt.has_variants, shirt.price, shirt.stock) == (True, Decimal("10.00"), 2)
    stored = shirt.variants.values_list("external_id", "price", "stock", "position")
    assert list(stored) == [("S-m", Decimal(10), 2, 0), ("S-l", Decimal(12), 0, 1)]

    results = write(
        ProductInput(
            "S",
            variants=[
                VariantInput("S-m", {"stock": 0}),
                VariantInput("S-l", {"stock": 5}),
                VariantInput("S-x", {"stock": 5}),
            ],
            keeps_other_variants=True,
        ),
        creates=False,
    )
    assert outcomes(results) == ["updated"]
    assert [variant.outcome for variant in results[0].variants] == ["updated", "updated", "refused"]
    assert (get("S").price, get("S").stock) == (Decimal("12.00"), 5)


def test_variants_that_are_not_named_any_more_go() -> None:
    write(make_shirt())
    write(ProductInput("S", variants=[VariantInput("S-l", {"stock": 1})]))
    assert list(Variant.objects.values_list("external_id", "stock")) == [("S-l", 1)]
    write(ProductInput("S", {"price": Decimal(9), "stock": 7}, variants=[]))
    assert not Variant.objects.exists()
    assert (get("S").has_variants, get("S").price, get("S").stock) == (False, Decimal(9), 7)


def test_a_variant_keeps_what_is_newer_than_the_message() -> None:
    write(make_shirt(updated_at=EARLY))
    newer = VariantInput("S-m", {"stock": 0}, updated_at=LATE + timedelta(days=1))
    write(ProductInput("S", variants=[newer], keeps_other_variants=True, updated_at=None))
    results = write(make_shirt(updated_at=LATE))
    assert [variant.outcome for variant in results[0].variants] == ["stale", "unchanged"]
    assert Variant.objects.get(external_id="S-m").stock == 0


def test_the_price_of_a_product_is_that_of_all_its_variants_if_they_agree() -> None:
    same = [VariantInput("a", {"stock": 1}), VariantInput("b", {"stock": 1})]
    write(ProductInput("S", {"name": "Shirt", "price": Decimal(10)}, variants=same))
    assert outcomes(write(ProductInput("S", {"price": Decimal(8)}))) == ["updated"]
    assert set(Variant.objects.values_list("price", flat=True)) == {Decimal(8)}
    assert get("S").price == Decimal(8)
    Variant.objects.filter(external_id="a").update(price=Decimal(9))
    (refused,) = write(ProductInput("S", {"price": Decimal(7)}))
    assert refused.reason == "The variants of the product differ in price: name them."
    (refused,) = write(ProductInput("S", {"stock": 7}))
    assert refused.reason == "The stock is that of the product's variants: name them."


def test_a_sale_lowers_the_price_while_it_lasts() -> None:
    now = timezone.now()
    sale = {"sale_price": Decimal("15.00"), "sale_ends_at": now + timedelta(days=1)}
    write(ProductInput("L-1", {**LAMP, **sale}))
    assert (get().price, get().regular_price) == (Decimal(15), Decimal(20))
    assert outcomes(write(ProductInput("L-1", {**LAMP, **sale}))) == ["unchanged"]

    write(ProductInput("L-1", {"price": Decimal(22)}))
    assert (get().price, get().regular_price) == (Decimal(15), Decimal(22))
    write(ProductInput("L-1", {"sale_price": None}))
    assert (get().price, get().regular_price, get().sale_ends_at) == (Decimal(22), None, None)

    over = {"sale_price": Decimal(1), "sale_ends_at": now - timedelta(days=1)}
    assert outcomes(write(ProductInput("L-1", over))) == ["unchanged"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"sale_price": Decimal(20)}, "The sale price 20 must be below the price 20.00."),
        ({"sale_ends_at": LATE}, "The times of a sale need a sale price."),
        (
            {"sale_price": Decimal(2), "sale_starts_at": LATE, "sale_ends_at": EARLY},
            "A sale must end after it starts.",
        ),
    ],
)
def test_a_contradictory_sale_is_refused(given: dict[str, Any], reason: str) -> None:
    (refused,) = write(ProductInput("L-1", {**LAMP, **given}))
    assert (refused.outcome, refused.reason) == (Outcome.REFUSED, reason)
    assert not Product.objects.exists()


def test_repeatability_is_as_given_or_as_the_category_says() -> None:
    Category.objects.create(path="Coffee", name="Coffee", is_repeatable=True)
    write(ProductInput("L-1", LAMP, categories=["Coffee"]))
    assert get().is_repeatable
    write(ProductInput("L-1", {"is_repeatable": False}))
    assert not get().is_repeatable
    assert get().category == "Coffee"
    write(ProductInput("L-1", {"is_repeatable": None}))
    assert get().is_repeatable


def test_addresses_of_pictures_wait_to_be_fetched() -> None:
    one, two = "https://example.com/1.png", "https://example.com/2.png"
    write(ProductInput("L-1", LAMP, pictures=[one, two]))
    PictureAddress.objects.filter(address=two).update(next_try_at=None)
    assert outcomes(write(ProductInput("L-1", pictures=[one, two]))) == ["unchanged"]
    assert outcomes(write(ProductInput("L-1", pictures=[two]))) == ["updated"]
    stored = PictureAddress.objects.values_list("address", "position", "next_try_at")
    assert list(stored) == [(two, 0, None)]


def test_products_are_taken_down_by_their_own_ids() -> None:
    write(ProductInput("L-1", LAMP))
    gone = [ProductInput(external_id, {"is_active": False}) for external_id in ("L-1", "L-2")]
    results = write(*gone, creates=False)
    assert outcomes(results) == ["updated", "refused"]
    assert not get().is_active


def test_a_batch_takes_few_statements(django_assert_max_num_queries: Any) -> None:
    def make_batch(price: int) -> list[ProductInput]:
        return [
            ProductInput(
                str(number),
                {"name": "Shirt", "price": Decimal(price), "is_active": True},
                categories=["Clothing > Shirts"],
                variants=[VariantInput(size, {"stock": number}) for size in "SML"],
            )
            for number in range(20)
        ]

    with django_assert_max_num_queries(23):
        write(*make_batch(10))
    with django_assert_max_num_queries(14):
        write(*make_batch(11))
    with django_assert_max_num_queries(6):
        write(*make_batch(11))
