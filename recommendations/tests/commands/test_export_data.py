"""`manage.py export_data`: files that the import reads again."""

import csv
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from recommendations.choices import InteractionType
from recommendations.models import (
    Order,
    OrderLine,
    Product,
    ProductCategory,
    ServedList,
    ShopperId,
    UserBehavior,
    Variant,
)
from recommendations.services.people.shopper_ids import ensure_shopper
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.categories import set_categories
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_variant,
    make_visitor,
)

pytestmark = pytest.mark.django_db

FORMULAS = ["=1+1", "+49 30", "-7", "@here", "it's", "'plain"]


def export(*arguments: str, **options: Any) -> str:
    output = StringIO()
    call_command("export_data", *arguments, stdout=output, **options)
    return output.getvalue()


def import_again(folder: Path, extension: str) -> str:
    output = StringIO()
    call_command(
        "import_data",
        source="shop",
        products=folder / f"products.{extension}",
        interactions=folder / f"interactions.{extension}",
        stdout=output,
    )
    return output.getvalue()


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def make_catalogue() -> None:
    """Add a hoodie with sizes, a sale, a mug of staff, and names that a spreadsheet would run."""
    hoodie = make_product(
        name="Hoodie", source="shop", external_id="H/1", description="Soft & warm, < 1 kg"
    )
    set_categories({hoodie.pk: ["Clothing > Hoodies", "Sale"]})
    make_variant(hoodie, external_id="H-M", sku="HM", options={"Size": "M"}, price="45.50", stock=3)
    make_variant(hoodie, external_id="H-L", options={"Size": "L", "Colour": "Blue"}, stock=0)
    make_product(
        name="Lamp",
        source="shop",
        external_id="0012",
        price="16.00",
        regular_price="18.00",
        sale_price="16.00",
        sale_starts_at=datetime(2026, 1, 1, tzinfo=UTC),
        sale_ends_at=datetime(2099, 1, 1, tzinfo=UTC),
        attributes={"Watt": 7, "tags": ["a", 'b "c"']},
        is_repeatable=False,
        created_at=datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC),
    )
    make_product(name="Mug of staff")
    for number, name in enumerate(FORMULAS):
        make_product(name=name, source="shop", external_id=f"f{number}", is_active=number > 0)


def make_log() -> None:
    """Add events of a shopper of the source, of an account, and of two visitors."""
    products = list(Product.objects.order_by("pk"))
    shopper_id = ensure_shopper("shop", "C-7")
    for subject in (
        Subject(user_id=shopper_id),
        make_shopper(),
        make_visitor(),
        Subject(session_id="shop:device 9"),
    ):
        make_interactions(subject, products[:4], interaction_type=InteractionType.CART, rating=4.5)
    UserBehavior.objects.filter(user_id=shopper_id).order_by("pk").update(event_id=None)
    first = UserBehavior.objects.filter(user_id=shopper_id).earliest("pk")
    UserBehavior.objects.filter(pk=first.pk).update(event_id="order-1")


def describe_shop() -> tuple[list[Any], list[Any], list[Any]]:
    """Return all that an export must keep, without the numbers of rows."""
    products = [
        (
            *(one.external_id or one.name, one.name, one.description, one.brand, one.sku),
            *(one.price, one.regular_price, one.sale_price, one.sale_starts_at, one.sale_ends_at),
            *(one.stock, one.is_active, one.is_repeatable_given, one.created_at, one.category),
            json.dumps(one.attributes, sort_keys=True),
            sorted(
                ProductCategory.objects.filter(product=one, is_given=True).values_list(
                    "category__path", flat=True
                )
            ),
        )
        for one in Product.objects.order_by("name")
    ]
    variants = sorted(
        Variant.objects.values_list("external_id", "sku", "options__Size", "price", "stock")
    )
    interactions = sorted(
        UserBehavior.objects.values_list("product__name", "interaction_type", "rating", "timestamp")
    )
    return products, variants, interactions


@pytest.mark.parametrize("extension", ["csv", "jsonl"])
def test_an_export_imports_again_into_the_same_shop_and_adds_nothing(
    tmp_path: Path, extension: str
) -> None:
    make_catalogue()
    make_log()
    before, shoppers = describe_shop(), User.objects.count()

    export(to=tmp_path, format=extension)
    import_again(tmp_path, extension)

    assert describe_shop() == before
    assert User.objects.count() == shoppers


@pytest.mark.parametrize("extension", ["csv", "jsonl"])
def test_an_export_makes_the_same_products_and_interactions_in_an_empty_shop(
    tmp_path: Path, extension: str
) -> None:
    make_catalogue()
    make_log()
    before = describe_shop()
    export(to=tmp_path, format=extension)
    Product.objects.all().delete()
    User.objects.all().delete()
    assert not UserBehavior.objects.exists()

    import_again(tmp_path, extension)
    once = describe_shop()
    import_again(tmp_path, extension)

    # Products of staff are called by their numbers now.
    assert [one[1:] for one in once[0]] == [one[1:] for one in before[0]]
    assert once[1:] == before[1:]
    assert describe_shop() == once
    assert ShopperId.objects.filter(external_id="C-7").exists()
    assert UserBehavior.objects.filter(event_id="order-1").count() == 1
    assert UserBehavior.objects.filter(session_id="shop:device 9").count() == 4


def make_two_sources() -> None:
    """Add two sources that have the same ids for different things."""
    for source, name in (("erp", "Mug"), ("pim", "Lamp")):
        product = make_product(name=name, source=source, external_id="1", sku="S")
        hoodie = make_product(name=f"{name} hoodie", source=source, external_id="H")
        make_variant(hoodie, external_id="H-M", options={"Size": source}, price="45.50", stock=3)
        shopper = Subject(user_id=ensure_shopper(source, "7"))
        make_interactions(shopper, [product, hoodie])
        make_interactions(Subject(session_id=f"{source}:device"), [product])
    # A shopper of one source bought a product of the other.
    make_interactions(Subject(user_id=ensure_shopper("erp", "7")), [product])


def describe_sources() -> list[Any]:
    return [
        sorted(Product.objects.values_list("source", "external_id", "name", "price", "stock")),
        sorted(Variant.objects.values_list("product__source", "external_id", "options__Size")),
        sorted(ShopperId.objects.values_list("source", "external_id")),
        sorted(
            (one.product.source, one.product.name, one.session_id or one.user.username)  # type: ignore[union-attr]
            for one in UserBehavior.objects.select_related("product", "user")
        ),
    ]


@pytest.mark.parametrize("extension", ["csv", "jsonl"])
def test_an_export_of_several_sources_keeps_their_ids_apart(tmp_path: Path, extension: str) -> None:
    make_two_sources()
    before = describe_sources()
    export("products", "interactions", to=tmp_path, format=extension)

    import_again(tmp_path, extension)
    same_shop = describe_sources()
    UserBehavior.objects.all().delete()
    Product.objects.all().delete()
    User.objects.all().delete()
    import_again(tmp_path, extension)
    empty_shop = describe_sources()
    output = import_again(tmp_path, extension)

    assert same_shop == before
    assert empty_shop == before
    assert describe_sources() == before
    assert "0 added, 0 updated" in output


def test_one_source_can_be_exported(tmp_path: Path) -> None:
    make_two_sources()
    make_product(name="Of staff")

    output = export(to=tmp_path, source="erp")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["interactions.csv", "products.csv"]
    assert {row["source"] for row in read_csv(tmp_path / "products.csv")} == {"erp"}
    rows = read_csv(tmp_path / "interactions.csv")
    assert {row["product_source"] for row in rows} == {"erp"}
    assert len(rows) == 3
    assert "2 products" in output


@pytest.mark.parametrize(
    ("arguments", "source", "sentence"),
    [
        ((), "shop", "No product is of the source shop. There are erp, pim."),
        (("orders",), "erp", "The export of orders has every source"),
    ],
)
def test_a_source_that_nothing_is_of_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], source: str, sentence: str
) -> None:
    make_two_sources()

    with pytest.raises(CommandError, match=sentence):
        export(*arguments, to=tmp_path / "out.csv", source=source)

    assert not (tmp_path / "out.csv").exists()


def test_a_row_with_a_source_that_none_can_be_is_refused(tmp_path: Path) -> None:
    make_product(source="erp", external_id="1")
    export("products", to=tmp_path / "products.csv")
    text = (tmp_path / "products.csv").read_text().replace(",erp,", ",e r p,")
    (tmp_path / "products.csv").write_text(text)

    with pytest.raises(CommandError, match="every row has an error"):
        call_command("import_data", source="q", products=tmp_path / "products.csv", verbosity=0)


def test_no_cell_of_a_csv_file_is_a_formula(tmp_path: Path) -> None:
    make_catalogue()

    export("products", to=tmp_path / "products.csv")

    rows = read_csv(tmp_path / "products.csv")
    assert not [cell for row in rows for cell in row.values() if cell[:1] in set("=+-@\t\r")]
    assert [row["name"] for row in rows if row["id"].startswith("f")] == [
        *("'=1+1", "'+49 30", "'-7", "'@here", "it's", "'plain"),
    ]


def test_orders_and_served_lists_are_exported_with_ids_of_the_shop(tmp_path: Path) -> None:
    lamp = make_product(name="Lamp", source="shop", external_id="L-1")
    user_id = ensure_shopper("shop", "C-7")
    order = Order.objects.create(user_id=user_id, email="ada@example.org", city="Bonn")
    OrderLine.objects.create(
        order=order, product=lamp, product_name="Lamp", price=Decimal("9.99"), quantity=2
    )
    ServedList.objects.create(
        user_id=user_id, placement="home", name="for-you", source="model", product_ids=[lamp.pk, 99]
    )

    output = export("orders", "served-lists", to=tmp_path)

    (line,) = read_csv(tmp_path / "orders.csv")
    assert (line["user_id"], line["product_id"], line["price"], line["quantity"]) == (
        *("C-7", "L-1", "9.99", "2"),
    )
    (served,) = read_csv(tmp_path / "served-lists.csv")
    assert json.loads(served["product_ids"]) == ["L-1", "number-99"]
    assert "1 orders" in output
    assert "personal data" in output


def test_what_was_decided_about_a_served_list_is_exported_with_it(tmp_path: Path) -> None:
    lamp = make_product(name="Lamp", source="shop", external_id="L-1")
    columns = {"placement": "home", "name": "for-you", "source": "model"}
    draft = {"experiment": 3, "drafters": ["first", "both"]}
    slot = {"place": 1, "propensity": 0.5, "draw": "ab12"}
    ServedList.objects.create(product_ids=[lamp.pk, 99], draft=draft, **columns)
    ServedList.objects.create(
        product_ids=[99, lamp.pk],
        slot={**slot, "candidates": [lamp.pk, 99], "product": 99},
        **columns,
    )

    export("served-lists", to=tmp_path)

    first, second = read_csv(tmp_path / "served-lists.csv")
    assert (json.loads(first["draft"]), first["slot"]) == (draft, "")
    assert second["draft"] == ""
    assert json.loads(second["slot"]) == {
        **slot,
        "candidates": ["L-1", "number-99"],
        "product": "number-99",
    }


def test_since_leaves_earlier_interactions_out(tmp_path: Path) -> None:
    product = make_product()
    make_interactions(make_shopper(), [product], at=datetime(2026, 1, 1, tzinfo=UTC))
    make_interactions(make_shopper(), [product], at=datetime(2026, 3, 1, tzinfo=UTC))

    export("interactions", to=tmp_path / "march.csv", since="2026-03-01")

    (row,) = read_csv(tmp_path / "march.csv")
    assert row["timestamp"] == "2026-03-01T00:00:00+00:00"


def test_a_file_is_not_overwritten_unless_told(tmp_path: Path) -> None:
    make_product()
    path = tmp_path / "products.csv"
    path.write_text("mine")

    with pytest.raises(CommandError, match="is there already"):
        export("products", to=path)
    assert path.read_text() == "mine"
    export("products", to=path, force=True)

    assert len(read_csv(path)) == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("arguments", "options", "sentence"),
    [
        (["carts"], {}, "There is no carts"),
        (["interactions"], {"since": "soon"}, "no day or time"),
        (["interactions"], {"since": "2026-13-01"}, "no day or time"),
    ],
)
def test_what_cannot_be_exported_is_refused_with_a_sentence(
    tmp_path: Path, arguments: list[str], options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        export(*arguments, to=tmp_path, **options)

    assert not list(tmp_path.iterdir())


def test_rows_are_read_in_batches_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommendations.services.data_export.tables.BATCH_SIZE", 3)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    make_interactions(make_shopper(), make_products(7), at=now)
    for number in range(7):
        ServedList.objects.create(
            placement="home",
            name="for-you",
            source="model",
            created_at=now + timedelta(seconds=number // 4),
        )

    export(to=tmp_path)

    for name, key in (
        *(("products", "id"), ("interactions", "row_number"), ("served-lists", "list_id")),
    ):
        keys = [row[key] for row in read_csv(tmp_path / f"{name}.csv")]
        assert len(keys) == len(set(keys)) == 7


def test_parquet_needs_its_library_or_holds_the_rows(tmp_path: Path) -> None:
    make_product(name="=Lamp")
    path = tmp_path / "products.parquet"

    if find_spec("pyarrow") is None:
        with pytest.raises(CommandError, match="pip install pyarrow"):
            export("products", to=path, format="parquet")
        return
    export("products", to=path, format="parquet")

    from pyarrow import parquet  # noqa: PLC0415

    assert parquet.read_table(path).column("name").to_pylist() == ["=Lamp"]
