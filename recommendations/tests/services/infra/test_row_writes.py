"""Rows that are written without Django's bulk methods are the rows that Django reads."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from recommendations.models import AttributeValue, Product, ProductAttribute, Variant
from recommendations.services.infra.row_writes import insert_new_rows, insert_rows, update_rows

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def make_product(number: int) -> Product:
    return Product(
        name=f"Mug {number} – “%s”",
        price=Decimal("7.90"),
        stock=number,
        attributes={"width": 8, "Material": "Clay", "sizes": [1, None]},
        sale_ends_at=datetime(2030, 1, 1, tzinfo=UTC) if number % 2 else None,
    )


def test_inserted_rows_have_ids_and_are_read_as_they_were_written() -> None:
    rows = [make_product(number) for number in range(200)]

    insert_rows(rows)

    stored = Product.objects.in_bulk([row.pk for row in rows])
    for row in rows:
        read = stored[row.pk]
        assert (read.name, read.price, read.stock) == (row.name, row.price, row.stock)
        assert (read.attributes, read.sale_ends_at) == (row.attributes, row.sale_ends_at)
        assert list(read.attributes) == ["width", "Material", "sizes"]
    assert len(stored) == 200


def test_an_inserted_row_can_be_changed_and_saved() -> None:
    mug = make_product(1)
    insert_rows([mug])
    variant = Variant(product=mug, options={"Size": "M", "Colour": "Blue"}, price=Decimal(8))
    insert_rows([variant])

    variant.stock = 3
    update_rows([variant], ["stock"])
    mug.name = "Cup"
    mug.save()

    assert Product.objects.get().name == "Cup"
    stored = Variant.objects.get()
    assert (stored.stock, list(stored.options.items())) == (
        3,
        [("Size", "M"), ("Colour", "Blue")],
    )


def test_rows_that_are_there_already_are_not_counted() -> None:
    mug = Product.objects.create(name="Mug", price=1)
    values = [AttributeValue.objects.create(name="Size", value=n, value_key=n) for n in "123"]
    rows = [(mug.pk, value.pk) for value in values]
    insert_new_rows(ProductAttribute, ("product", "value"), rows[:1])

    inserted = insert_new_rows(ProductAttribute, ("product", "value"), rows)

    assert inserted == 2
    assert ProductAttribute.objects.count() == 3
