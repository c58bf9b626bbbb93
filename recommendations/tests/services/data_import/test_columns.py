from decimal import Decimal
from pathlib import Path

import pytest

from recommendations.errors import DataImportError
from recommendations.models import Product
from recommendations.services.data_import.mapping import parse_mapping
from recommendations.tests.services.data_import.imported_files import import_products, to_json_lines

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def test_mappings_find_the_file_by_the_field_or_by_the_prefix() -> None:
    products, interactions = parse_mapping(
        ["sku=id", "products.title=name", "interactions.when=timestamp", "hue=attributes.colour"]
    )

    assert products == {"sku": "id", "title": "name", "hue": "attributes.colour"}
    assert interactions == {"when": "timestamp"}


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("sku", "--map sku is not of the form COLUMN=FIELD."),
        ("=id", "--map =id is not of the form COLUMN=FIELD."),
        ("interactions.sku=id", "--map interactions.sku=id: there is no field id. Fields of inter"),
        ("sku=colour", "--map sku=colour: there is no field colour. Fields of products are id, n"),
    ],
)
def test_a_mapping_that_means_nothing_is_refused(mapping: str, message: str) -> None:
    with pytest.raises(DataImportError) as refusal:
        parse_mapping([mapping])

    assert str(refusal.value).startswith(message)


def test_a_field_cannot_be_mapped_twice() -> None:
    with pytest.raises(DataImportError, match="the column or the field is mapped twice"):
        parse_mapping(["sku=id", "number=id"])


def test_a_mapped_column_replaces_the_usual_one(tmp_path: Path) -> None:
    import_products(
        tmp_path,
        "id,sku,title,price,cost\n1,A-1,Lamp,9,5\n",
        columns={"sku": "id", "cost": "price", "title": "description", "id": "name"},
    )

    product = Product.objects.get()
    assert (product.external_id, product.name) == ("A-1", "1")
    assert (product.description, product.price) == ("Lamp", Decimal(5))


def test_a_mapped_column_that_no_json_line_has_is_noted(tmp_path: Path) -> None:
    report = import_products(
        tmp_path,
        to_json_lines({"id": 1, "name": "Lamp", "price": 1}),
        name="products.jsonl",
        columns={"colr": "attributes.colour"},
    )

    assert report.warnings == {"no line of products.jsonl has a column colr": 1}
