import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import F
from django.utils import timezone

from recommendations.models import Product
from recommendations.services.data_import import (
    ImportPlan,
)
from recommendations.services.data_import import import_data as run_import
from recommendations.services.infra.row_writes import insert_rows
from recommendations.services.shop.catalogue_writing import write_products
from recommendations.tests.services.data_import.imported_files import (
    LAMP,
    import_products,
    list_problems,
    to_json_lines,
    write_file,
)

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def test_products_of_a_csv_file_are_for_sale(tmp_path: Path) -> None:
    report = import_products(
        tmp_path,
        "id,name,description,category,brand,price,stock,created_at\n"
        'L1,"Desk  lamp, green","Shines.\nFor long.",Lamps,Glow,39.9,7,2024-05-01T10:00:00Z\n'
        "L2,Torch,,,,5,,\n",
    )

    assert report.products is not None
    assert (report.products.read, report.products.added, report.products.skipped) == (2, 2, 0)
    lamp, torch = Product.objects.order_by("external_id")
    assert (lamp.source, lamp.external_id, lamp.name) == ("shop", "L1", "Desk lamp, green")
    assert (lamp.description, lamp.category, lamp.brand) == ("Shines.\nFor long.", "Lamps", "Glow")
    assert (lamp.price, lamp.stock) == (Decimal("39.90"), 7)
    assert lamp.created_at == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert (torch.category, torch.brand, torch.price) == ("Uncategorised", "", Decimal("5.00"))
    assert torch.stock == 100
    assert timezone.now() - torch.created_at < timedelta(minutes=1)


def test_products_of_gzipped_json_lines_keep_their_attributes(tmp_path: Path) -> None:
    import_products(
        tmp_path,
        to_json_lines(
            {
                "item_id": 7,
                "title": "Tent",
                "price": 21.8,
                "categories": [["Outdoor", "Camping", "Tents"], ["Gifts"]],
                "attributes": {"persons": 2},
                "colour": ["green", "red"],
            }
        ),
        name="products.jsonl.gz",
        columns={"colour": "attributes.colours"},
    )

    tent = Product.objects.get()
    assert (tent.external_id, tent.name, tent.price) == ("7", "Tent", Decimal("21.80"))
    assert tent.category == "Outdoor > Camping > Tents"
    assert tent.attributes == {"persons": 2, "colours": ["green", "red"]}


def test_a_second_import_changes_only_values_that_differ_in_the_file(tmp_path: Path) -> None:
    content = "id,name,price,stock\nL1,Lamp,39.90,\nL2,Torch,5,3\n"
    import_products(tmp_path, content)
    Product.objects.filter(external_id="L1").update(stock=1, description="Typed in by staff")

    same = import_products(tmp_path, content)
    other = import_products(tmp_path, content.replace("5,3", "4.50,3"))

    assert same.products is not None
    assert other.products is not None
    assert (same.products.added, same.products.updated, same.products.unchanged) == (0, 0, 2)
    assert (other.products.added, other.products.updated, other.products.unchanged) == (0, 1, 1)
    lamp, torch = Product.objects.order_by("external_id")
    assert (lamp.stock, lamp.description) == (1, "Typed in by staff")
    assert torch.price == Decimal("4.50")


def test_the_same_id_from_another_source_is_another_product(tmp_path: Path) -> None:
    path = write_file(tmp_path, "products.csv", LAMP)

    run_import(ImportPlan("one", products=path))
    run_import(ImportPlan("two", products=path))

    assert sorted(Product.objects.values_list("source", flat=True)) == ["one", "two"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("L1,Lamp,-1,1", "price -1 is below 0"),
        ("L1,Lamp,inf,1", "price 'inf' is not a number"),
        ("L1,Lamp,1_000,1", "price '1_000' is not a number"),
        ("L1,Lamp,1000000000000,1", "price 1000000000000 is above 999999999999.999"),
        ("L1,,9,1", "name is missing"),
        (",Lamp,9,1", "id is missing"),
        (f"{'x' * 129},Lamp,9,1", "id has 129 characters, above 128"),
        (
            "L1,Lamp,€9.99,1",
            "price '€9.99' is in €, and the shop's currency is USD: prices are not converted",
        ),
        ("L1,La\0mp,9,1", "name holds a NUL character"),
        ("L1,Lamp,9", "has another number of values (3) than columns (4)"),
        ('L1,"Lamp" x,9,1', "is not CSV: ',' expected after '\"'"),
    ],
)
def test_a_bad_product_is_skipped_with_its_line(tmp_path: Path, row: str, message: str) -> None:
    report = import_products(tmp_path, f"id,name,price,stock\nL0,Good,1,1\n{row}\nL9,Good,1,1\n")

    assert list_problems(report) == [f"products.csv line 3: {message}"]
    assert report.products is not None
    assert (report.products.read, report.products.added, report.products.skipped) == (3, 2, 1)
    assert set(Product.objects.values_list("external_id", flat=True)) == {"L0", "L9"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": 1, "name": "A", "price": 1e999}', "price 'inf' is not a number"),
        ('{"id": 1, "name": "A", "price": true}', "price 'True' is not a number"),
        ('{"id": 1, "name": "A\\u0000", "price": 1}', "name holds a NUL character"),
        ('{"id": 1, "name": "A\\ud800", "price": 1}', "name is not UTF-8 text"),
        ('{"id": [1, 2], "name": "A", "price": 1}', "id '[1, 2]' is not a text"),
        (
            '{"id": 1, "name": "A", "price": 1, "attributes": {"a": "\\u0000"}}',
            "attributes holds a NUL character",
        ),
        ("[1, 2]", 'is not a JSON object, such as {"id": 1}'),
    ],
)
def test_a_bad_json_line_is_skipped_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    content = f'{{"id": 0, "name": "Good", "price": 1}}\n\n{line}\n'

    report = import_products(tmp_path, content, name="products.jsonl")

    assert list_problems(report) == [f"products.jsonl line 3: {message}"]
    assert Product.objects.get().name == "Good"


def test_bytes_that_are_not_utf8_make_only_their_row_bad(tmp_path: Path) -> None:
    report = import_products(
        tmp_path, b"\xef\xbb\xbfid,name,price\nL1,Caf\xe9,1\nL2,Caf\xc3\xa9,1\n"
    )

    assert list_problems(report) == ["products.csv line 2: name is not UTF-8 text"]
    assert Product.objects.get().name == "Café"


def test_an_id_given_twice_names_the_first_line(tmp_path: Path) -> None:
    report = import_products(tmp_path, "id,name,price\nL1,Lamp,1\nL2,Torch,2\nL1,Other,3\n")

    assert list_problems(report) == ["products.csv line 4: id 'L1' was given in line 2 before"]
    assert Product.objects.get(external_id="L1").name == "Lamp"


def test_a_long_name_is_cut_at_a_word(tmp_path: Path) -> None:
    name = " ".join(["lamps"] * 34)

    report = import_products(tmp_path, f"id,name,price\nL1,{name},1\n")

    assert len(name) == 203
    assert Product.objects.get().name == " ".join(["lamps"] * 33) + "…"
    assert report.warnings == {"name cut to 200 characters": 1}


def test_a_price_with_too_many_decimals_is_rounded_and_counted(tmp_path: Path) -> None:
    report = import_products(tmp_path, "id,name,price\nL1,Lamp,1.005\nL2,Lamp,2.5\n")

    prices = Product.objects.order_by("external_id").values_list("price", flat=True)
    assert list(prices) == [Decimal("1.01"), Decimal("2.50")]
    assert report.warnings == {"prices rounded to the decimals of USD": 1}


def test_pictures_beside_the_file_are_copied_once(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    write_file(tmp_path, "images/lamp.jpg", b"a picture")
    write_file(tmp_path.parent, "secret.jpg", b"not to be published")
    content = (
        "id,name,price,image\nL1,Lamp,1,images/lamp.jpg\nL2,Torch,1,../secret.jpg\n"
        "L3,Bulb,1,images/none.jpg\nL4,Cable,1,products.csv\n"
    )

    first = import_products(tmp_path, content)
    second = import_products(tmp_path, content)

    images = dict(Product.objects.values_list("external_id", "image"))
    assert images == {"L1": "products/shop/images/lamp.jpg", "L2": "", "L3": "", "L4": ""}
    assert default_storage.open(images["L1"]).read() == b"a picture"
    assert default_storage.listdir("products/shop/images")[1] == ["lamp.jpg"]
    assert first.warnings == {"images without a picture file beside the products file": 3}
    assert second.products is not None
    assert second.products.unchanged == 4


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time.")
@pytest.mark.django_db(transaction=True)
def test_a_purchase_during_an_import_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_products(tmp_path, "id,name,price,stock\nL1,Lamp,1,10\nL2,Torch,1,10\n")
    buyer = threading.Thread(target=buy_three, args=("L1",))

    def add_while_somebody_buys(rows: Any) -> None:
        if buyer.ident is None:
            buyer.start()
            # Until the purchase is done, or waits for the import.
            buyer.join(timeout=1)
        insert_rows(rows)

    monkeypatch.setattr(f"{write_products.__module__}.insert_rows", add_while_somebody_buys)
    import_products(tmp_path, "id,name,price,stock\nL1,Desk lamp,1,\nL2,Torch,1,20\n")
    buyer.join()

    stocks = dict(Product.objects.values_list("name", "stock"))
    assert stocks == {"Desk lamp": 7, "Torch": 20}


def buy_three(external_id: str) -> None:
    Product.objects.filter(external_id=external_id).update(stock=F("stock") - 3)
    connection.close()
