"""Small files in which exports of shops differ from what a program expects; each has one answer.

Where the folder `../shared/inputs/import` is there, its files are tried as well.
"""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from recommendations.models import Product, UserBehavior, Variant
from recommendations.services.data_import import ImportPlan, ImportReport, import_data
from recommendations.tests.services.data_import.imported_files import write_file

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]

Answer = dict[str, Any]

INPUTS = settings.BASE_DIR.parent / "shared/inputs/import"


def take(folder: Path, name: str, content: str | bytes, **plan: Any) -> ImportReport:
    return import_data(ImportPlan("q", products=write_file(folder, name, content), **plan))


def read_products(*fields: str) -> list[tuple[Any, ...]]:
    rows = Product.objects.order_by("id").values_list(*fields)
    return [tuple(str(value) for value in row) for row in rows]


@pytest.mark.parametrize(
    ("name", "content", "fields", "rows"),
    [
        (
            "capitals.csv",
            "ID,Name,PRICE,Stock,Category,Brand\n7,Cup,3.00,0,Kitchen,Acme\n",
            "external_id name stock category brand",
            [("7", "Cup", "0", "Kitchen", "Acme")],
        ),
        (
            "usual-names.csv",
            "sku,Product Title,Unit Price,Qty,In stock?\nA,Cup,3,9,no\nB,Jug,4,5,yes\nC,Pan,5,,1\n",
            "external_id stock",
            [("A", "0"), ("B", "5"), ("C", "100")],
        ),
        (
            "switches.csv",
            "id,name,price,status,published,is_hidden\n1,A,1,archived,,\n2,B,1,,0,\n"
            "3,C,1,,,yes\n4,D,1,Active,1,0\n",
            "external_id is_active",
            [("1", "False"), ("2", "False"), ("3", "False"), ("4", "True")],
        ),
        (
            "entities.csv",
            "id,name,price,description\n1,Tea &amp; cup,1,"
            '"<div>F&uuml;r <em>immer</em>.<script>x()</script><br>A &amp;lt; B</div>"\n',
            "name description description_html",
            [
                (
                    "Tea & cup",
                    "Für immer.\nA &lt; B",
                    "Für <em>immer</em>.<br>A &amp;lt; B",
                )
            ],
        ),
        (
            "prices.csv",
            'id,name,price\n1,A,"29,90"\n2,B,"2,350.00"\n3,C,$9.95\n4,D,"2.350,00"\n5,E,USD 7\n'
            "6,F,1 234.50 \n",
            "price",
            [("29.90",), ("2350.00",), ("9.95",), ("2350.00",), ("7.00",), ("1234.50",)],
        ),
        (
            "decimal-commas.csv",
            "id;name;price\n1;A;1.249\n2;B;9,5\n3;C;1.249,50\n",
            "price",
            [("1249.00",), ("9.50",), ("1249.50",)],
        ),
        (
            "sales.csv",
            "id,name,Regular Price,Sale Price\n1,A,20,15\n2,B,20,\n3,C,20,25\n4,D,,15\n",
            "price regular_price",
            [("15.00", "20.00"), ("20.00", "None"), ("20.00", "None"), ("15.00", "None")],
        ),
        (
            "compare-at.csv",
            "id,name,price,compare_at_price\n1,A,15,20\n2,B,15,15\n3,C,15,oops\n",
            "price regular_price",
            [("15.00", "20.00"), ("15.00", "None"), ("15.00", "None")],
        ),
        (
            "stocks.csv",
            "id,name,price,stock\n1,A,1,-4\n2,B,1,'-4\n3,C,1,7.9\n4,D,1,50+\n"
            '5,E,1,"1,200"\n6,F,1,sold out\n7,G,1,many\n',
            "stock",
            [("0",), ("0",), ("7",), ("50",), ("1200",), ("0",), ("100",)],
        ),
        (
            "nothing.csv",
            "id,name,price,brand,category,stock\n1,A,1,NaN,null,N/A\n2,B,1,\\N,-,None\n",
            "brand category stock",
            [("", "Uncategorised", "100"), ("", "Uncategorised", "100")],
        ),
        (
            "categories.csv",
            'id,name,price,categories\n1,A,1,"Home > Lamps, Outlet"\n2,B,1,'
            '"Default Category/Home/Lamps"\n3,C,1,home.lamps_led\n4,D,1,Home|Lamps\n'
            "5,E,1,Home >> Lamps\n",
            "category",
            [
                ("Home > Lamps",),
                ("Home > Lamps",),
                ("Home > lamps_led",),
                ("Home",),
                ("Home > Lamps",),
            ],
        ),
        (
            "ids.csv",
            "id,name,price\n0007,A,1\n7,B,1\n18446744073709551616,C,1\ngid://x/1,D,1\n名-1,E,1\n"
            "8.0,F,1\n",
            "external_id",
            [("0007",), ("18446744073709551616",), ("7",), ("8",), ("gid://x/1",), ("名-1",)],
        ),
        (
            "lists.jsonl",
            '{"id": 1, "name": ["Soap"], "price": "$2", "description": ["One.", "Two."],'
            ' "category": [], "images": [{"large": "https://x.example/a.jpg"}]}\n',
            "name price description category",
            [("Soap", "2.00", "One.\n\nTwo.", "Uncategorised")],
        ),
        (
            "zero.csv",
            "id,name,price\n1,A,0\n2,B,\n3,C,free\n4,D,0.0001\n5,E,1\n",
            "external_id is_active",
            [("1", "False"), ("2", "False"), ("3", "False"), ("4", "False"), ("5", "True")],
        ),
    ],
)
def test_a_small_file_has_one_answer(
    tmp_path: Path, name: str, content: str, fields: str, rows: list[tuple[str, ...]]
) -> None:
    report = take(tmp_path, name, content)

    assert report.problems == []
    assert read_products(*fields.split()) == rows


def test_what_was_changed_is_counted(tmp_path: Path) -> None:
    report = take(
        tmp_path,
        "p.csv",
        "id,name,price,stock,created_at\n1,A,0,-2,soon\n2,B,1.999,x,\n3,C,1.50,,\n",
    )

    assert report.warnings == {
        "price 0: not on sale, unless --sell-at-zero": 1,
        "negative stock taken as 0": 1,
        "created_at is not a time: not used": 1,
        "prices rounded to the decimals of USD": 1,
        "stock is not a number: not used": 1,
    }
    assert report.defaulted == {
        ("products", "stock", "100"): 2,
        ("products", "category", "Uncategorised"): 3,
    }


def test_variants_that_get_the_default_stock_are_counted(tmp_path: Path) -> None:
    report = take(
        tmp_path,
        "p.csv",
        "id,parent,name,size,price,stock\nT-S,T,Tee,S,9,\nT-M,T,Tee,M,9,5\nC,,Cup,,4,\n",
    )

    assert report.defaulted == {
        ("variants", "stock", "100"): 1,
        ("products", "stock", "100"): 1,
        ("products", "category", "Uncategorised"): 2,
    }


def test_nothing_goes_on_sale_without_a_price(tmp_path: Path) -> None:
    content = (
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Published,Status\n"
        "cup,Cup,Title,Default Title,C,,true,active\n"
        "tee,Tee,Size,S,T-S,,true,active\ntee,,,M,T-M,,,\n"
        "jug,Jug,Title,Default Title,J,4,true,active\n"
    )

    report = take(tmp_path, "p.csv", content)
    take(tmp_path, "q.csv", "id,name,price,status\n1,A,,published\n2,B,2,published\n")

    assert report.warnings == {
        "new products without a price are not on sale": 2,
        "new variants without a price are not on sale": 2,
    }
    assert set(Product.objects.filter(is_active=True).values_list("external_id", flat=True)) == {
        "jug",
        "2",
    }


def test_a_variant_is_sold_from_its_first_price_on(tmp_path: Path) -> None:
    content = "id,parent,name,size,price,status\nT-S,T,Tee,S,{},on\nT-M,T,Tee,M,12,on\n"

    take(tmp_path, "p.csv", content.format(""))
    unpriced = list(Variant.objects.filter(is_active=False).values_list("external_id", flat=True))
    take(tmp_path, "p.csv", content.format("9"))

    assert unpriced == ["T-S"]
    assert read_products("external_id", "price") == [("T", "9.00")]


def test_a_row_without_a_price_leaves_the_price_of_a_variant(tmp_path: Path) -> None:
    content = "id,parent,name,size,price,stock\nT-S,T,Tee,S,{},5\nT-M,T,Tee,M,12,5\n"
    take(tmp_path, "p.csv", content.format("9"))

    take(tmp_path, "p.csv", content.format(""))

    assert read_products("external_id", "price") == [("T", "9.00")]
    variants = Variant.objects.order_by("position").values_list("external_id", "price")
    assert [(variant, str(price)) for variant, price in variants] == [
        ("T-S", "9.00"),
        ("T-M", "12.00"),
    ]


def test_an_id_that_a_spreadsheet_rounded_is_refused(tmp_path: Path) -> None:
    report = take(tmp_path, "p.csv", "id,name,price\n4.00638E+12,A,1\n")

    assert report.reasons == {"id rounded by a spreadsheet": 1}


def test_a_price_in_another_currency_is_refused_by_its_name(tmp_path: Path) -> None:
    report = take(
        tmp_path,
        "p.csv",
        "id,name,price,currency\n1,A,9 EUR,\n2,B,£9,\n3,C,9,CHF\n4,D,9,usd\n5,E,9 Euro,\n",
    )
    column = take(tmp_path, "c.csv", "id,name,Price (EUR)\n6,A,9\n")

    assert report.reasons == {
        "price in another currency (EUR, not USD)": 2,
        "price in another currency (£, not USD)": 1,
        "price in another currency (CHF, not USD)": 1,
    }
    assert column.reasons == {"price in another currency (EUR, not USD)": 1}
    assert read_products("external_id") == [("4",)]


def test_rows_of_one_handle_are_variants(tmp_path: Path) -> None:
    take(
        tmp_path,
        "p.csv",
        "Handle,Title,Body,Price,Qty\nring,Ring,Gold.,70,0\nring,,,60,4\nring,,,,\ncup,Cup,,5,1\n",
    )

    assert read_products("external_id", "price", "stock") == [
        ("cup", "5.00", "1"),
        ("ring", "60.00", "4"),
    ]
    assert Product.objects.get(external_id="ring").variants.count() == 2


def test_a_nested_value_is_mapped_by_its_path(tmp_path: Path) -> None:
    path = write_file(
        tmp_path,
        "p.json",
        '{"goods": [{"code": "A", "text": {"en": "Cup"}, "items": [{"price": 3}]}]}',
    )
    plan = ImportPlan("q", products=path)
    mapped = type(plan.product_layout)(
        columns={"text.en": "name", "items.0.price": "price", "text": "description"}
    )

    import_data(ImportPlan("q", products=path, product_layout=mapped))

    assert read_products("external_id", "name", "price") == [("A", "Cup", "3.00")]


def test_a_complete_file_takes_down_what_it_does_not_name(tmp_path: Path) -> None:
    rows = [f"{number},Thing,1\n" for number in range(10)]
    take(tmp_path, "p.csv", "id,name,price\n" + "".join(rows))

    report = take(tmp_path, "p.csv", "id,name,price\n" + "".join(rows[:8]), is_complete=True)
    again = take(tmp_path, "p.csv", "id,name,price\n" + "".join(rows), is_complete=True)

    assert (report.taken_down, again.taken_down) == (2, 0)
    assert Product.objects.filter(is_active=True).count() == 10


def test_a_complete_file_that_would_take_down_much_is_refused(tmp_path: Path) -> None:
    rows = [f"{number},Thing,1\n" for number in range(10)]
    take(tmp_path, "p.csv", "id,name,price\n" + "".join(rows))
    few = "id,name,price\n" + "".join(rows[:7])

    with pytest.raises(Exception, match="3 of 10 products would be taken down, more than a fifth"):
        take(tmp_path, "p.csv", few, is_complete=True)
    assert Product.objects.filter(is_active=True).count() == 10
    report = take(tmp_path, "p.csv", few, is_complete=True, takes_down_many=True)

    assert report.taken_down == 3


def read_events() -> list[str]:
    return list(UserBehavior.objects.order_by("id").values_list("interaction_type", flat=True))


GIVEN: list[tuple[str, str, list[tuple[str, ...]]]] = [
    ("array.json", "name price", [("Mug", "5.00")]),
    ("backslash-quotes.csv", "description", [('12" high',), ("plain",)]),
    ("big-currency.csv", "price", [("250000000.00",)]),
    ("bom-crlf.csv", "external_id", [("1",)]),
    ("capital-columns.csv", "stock category brand", [("0", "Kitchen", "Acme")]),
    ("description-list.jsonl", "price", [("12.50",), ("12.50",), ("1.00",), ("1.00",)]),
    ("empty-ids.csv", "external_id", [("00012",), ("12",)]),
    ("excel-trailing-commas.csv", "stock", [("3",), ("2",)]),
    ("html-entities.csv", "name description", [("Salt & Pepper Mill", "Schön stark.\n• Stahl")]),
    ("latin1-everywhere.csv", "external_id stock", [("1", "100"), ("ä", "1")]),
    ("latin1.csv", "name", [("Mug",), ("Küchenmesser",)]),
    ("negative-stock.csv", "stock", [("0",), ("0",), ("12",)]),
    ("null-words.csv", "brand category", [("", "Uncategorised")] * 3),
    (
        "price-words.csv",
        "price",
        [("19.90",), ("1249.00",), ("49.95",), ("1249.00",), ("12.50",)],
    ),
    ("qty-columns.csv", "stock", [("0",)]),
    ("sale-price.csv", "price regular_price", [("16.00", "18.00"), ("20.00", "None")]),
    ("semicolon.csv", "price stock", [("19.90", "4")]),
    (
        "three-decimals.csv",
        "price is_active",
        [("1.26", "True"), ("0.01", "True"), ("0.00", "False")],
    ),
    ("unpublished.csv", "is_active", [("False",), ("True",)]),
    ("utf16.csv", "name", [("Mug",), ("Küchenmesser",)]),
    ("variants.csv", "price stock is_active", [("55.00", "4", "True")]),
    ("zero-price.csv", "is_active", [("False",), ("False",)]),
    (
        "multi-category.csv",
        "category",
        [
            ("Clothing > Hoodies",),
            ("Clothing > Hoodies",),
            ("Men > Tops",),
            ("electronics > smartphone",),
            ("Kitchen",),
        ],
    ),
]


@pytest.mark.skipif(not INPUTS.is_dir(), reason="The folder of inputs is not there.")
@pytest.mark.parametrize(("name", "fields", "rows"), GIVEN)
def test_a_given_file_has_its_answer(name: str, fields: str, rows: list[tuple[str, ...]]) -> None:
    import_data(ImportPlan("q", products=INPUTS / name))

    assert read_products(*fields.split()) == rows


GIVEN_LOGS = [
    ("log-event-names.csv", "cart purchase view cart purchase view view like purchase"),
    ("event-column.csv", "view cart purchase"),
    ("log-utc-suffix.csv", " ".join(["view"] * 12)),
    ("log-local-time.csv", "view"),
    ("segment.jsonl", "view"),
    ("session-and-user.csv", "view view"),
]


@pytest.mark.skipif(not INPUTS.is_dir(), reason="The folder of inputs is not there.")
@pytest.mark.parametrize(("name", "events"), GIVEN_LOGS)
def test_a_given_log_has_its_answer(name: str, events: str) -> None:
    plan = ImportPlan("q", products=INPUTS / "base-products.csv", interactions=INPUTS / name)

    report = import_data(plan)

    assert report.reasons == {}
    assert read_events() == events.split()
