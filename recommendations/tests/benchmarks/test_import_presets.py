from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from benchmarks.import_presets import plan_import
from recommendations.errors import DataImportError
from recommendations.models import Product
from recommendations.services.data_import import import_data as run_import
from recommendations.tests.services.data_import.imported_files import (
    list_problems,
    to_json_lines,
    write_file,
)

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def test_a_preset_fills_in_columns_that_its_data_set_lacks(tmp_path: Path) -> None:
    write_file(
        tmp_path,
        "items.jsonl.gz",
        to_json_lines(
            {
                "item_id": 1,
                "asin": "B1",
                "title": None,
                "brand": "OPI",
                "categories": [["Beauty", "Makeup", "Nails", "Nail Polish"]],
            }
        ),
    )
    write_file(tmp_path, "interactions.csv.gz", "user_id,item_id,event,position\n1,1,purchase,1\n")

    report = run_import(plan_import("amazon_beauty", tmp_path))

    product = Product.objects.get()
    assert (product.source, product.name, product.brand) == ("amazon_beauty", "Product 1", "OPI")
    assert (product.category, product.price, product.stock) == ("Makeup > Nails", Decimal(10), 100)
    assert product.attributes == {
        "asin": "B1",
        "category_path": ["Beauty", "Makeup", "Nails", "Nail Polish"],
    }
    assert report.warnings == {"products without a name are called after their id": 1}
    assert User.objects.get().username == "amazon_beauty-1"


def test_a_row_that_a_preset_cannot_read_is_skipped(tmp_path: Path) -> None:
    write_file(
        tmp_path,
        "products.jsonl.gz",
        to_json_lines({"item_id": "A", "price": 1}, {"item_id": "B", "name": "Bag", "price": 1}),
    )
    write_file(tmp_path, "reviews.csv", "item_id,reviewer,rating_value\nB,Ann,5\n")

    report = run_import(plan_import("magento_luma", tmp_path))

    assert list_problems(report) == [
        "products.jsonl.gz line 1: does not have the layout of this data set (KeyError('name'))",
        "products.jsonl.gz line 2: does not have the layout of this data set "
        "(KeyError('attributes'))",
        "reviews.csv line 2: product 'B' is neither in the products file "
        "nor in the shop under the source magento_luma",
    ]


def test_a_folder_without_the_sets_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataImportError) as refusal:
        plan_import("ml100k", tmp_path)

    assert str(refusal.value) == (
        f"{tmp_path} has no items.jsonl.gz and no interactions.csv.gz; ml100k needs it."
    )
