"""The source whose ids a caller speaks, and products by their own ids."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommendations.errors import InvalidInputError
from recommendations.services.shop.own_ids import (
    choose_source,
    find_external_ids,
    find_product_ids,
)
from recommendations.tests.builders import make_product

pytestmark = pytest.mark.django_db


def test_the_only_source_of_the_shop_is_chosen_and_the_samples_does_not_count() -> None:
    make_product()
    make_product(source="sample", external_id="00001")
    assert choose_source() == "sample"

    make_product(source="erp", external_id="1")

    assert choose_source() == "erp"
    assert choose_source("pim") == "pim"


def test_a_shop_without_own_ids_has_no_source() -> None:
    make_product()

    assert choose_source() == ""
    assert find_product_ids("", ["1"]) == {}


def test_of_two_sources_none_is_chosen() -> None:
    for source in ("erp", "pim"):
        make_product(source=source, external_id="1")

    with pytest.raises(InvalidInputError, match="such as erp and pim"):
        choose_source()


def test_products_are_found_within_their_source_and_exactly() -> None:
    ids = ["00012", "12", "日本-1", "a/b?c=d&e%2F"]
    products = {one: make_product(source="erp", external_id=one).pk for one in ids}
    other = make_product(source="pim", external_id="12")
    staffs = make_product()

    assert find_product_ids("erp", [*ids, "0012", ""]) == products
    assert find_product_ids("pim", ids) == {"12": other.pk}
    assert find_external_ids([other.pk, staffs.pk]) == {other.pk: "12"}


def test_the_source_is_found_by_steps_along_an_index() -> None:
    make_product(source="erp", external_id="1")

    with CaptureQueriesContext(connection) as asked:
        choose_source()

    assert len(asked) == 2
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {asked[1]['sql']}")
            assert "INDEX product_once_per_source" in str(cursor.fetchall())
