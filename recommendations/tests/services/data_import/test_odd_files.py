"""Exports as odd as real ones: what a shop keeper would expect of each."""

from pathlib import Path
from typing import Any

import pytest

from recommendations.models import Product, UserBehavior, Variant
from recommendations.services.data_import import ImportPlan, ImportReport, import_data
from recommendations.tests.services.data_import.imported_files import to_json_lines, write_file

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def take(folder: Path, content: str | bytes, name: str = "p.csv", **plan: Any) -> ImportReport:
    return import_data(ImportPlan("q", products=write_file(folder, name, content), **plan))


def take_log(folder: Path, content: str, name: str = "log.csv") -> ImportReport:
    return import_data(ImportPlan("q", interactions=write_file(folder, name, content)))


def read(*fields: str) -> list[tuple[str, ...]]:
    rows = Product.objects.order_by("external_id").values_list(*fields)
    return [tuple(str(value) for value in row) for row in rows]


def read_variants() -> list[tuple[str, str, str, int]]:
    rows = Variant.objects.order_by("product__external_id", "position")
    return [
        (each.product.external_id, each.external_id, str(each.price), each.stock) for each in rows
    ]


def list_events() -> list[tuple[str | None, str, str]]:
    return [
        (
            row.user.username.removeprefix("q-") if row.user else row.session_id,
            row.interaction_type,
            row.product.external_id,
        )
        for row in UserBehavior.objects.order_by("timestamp", "id")
    ]


def test_a_parent_of_0_is_none(tmp_path: Path) -> None:
    take(tmp_path, "id,parent_id,name,price,stock\n1,0,Cup,4,2\n2,0,Jug,5,3\n3,0,Pan,6,1\n")

    assert read("external_id", "price") == [("1", "4.00"), ("2", "5.00"), ("3", "6.00")]
    assert read_variants() == []


def test_a_single_product_with_a_parent_of_0_is_one(tmp_path: Path) -> None:
    take(tmp_path, "id,parent_id,name,price,size\n10,0,Tee,9,\n11,10,Tee - S,9,S\n20,0,Cup,4,\n")

    assert read("external_id") == [("10",), ("20",)]


def test_a_parent_may_be_called_0(tmp_path: Path) -> None:
    take(tmp_path, "id,parent_id,name,price,stock\n0-S,0,Cup,4,2\n0-M,0,Cup,5,3\n1-S,1,Pan,6,1\n")

    assert read("external_id", "price") == [("0", "4.00"), ("1", "6.00")]


@pytest.mark.parametrize(
    "rows",
    [
        "10,,Tee,,,\n11,10,Tee - S,9,3,S\n12,10,Tee - M,10,0,M\n",
        "11,10,Tee - S,9,3,S\n12,10,Tee - M,10,0,M\n10,,Tee,,,\n",
        "10,,Tee,,,\n20,,Cup,4,1,\n11,10,Tee - S,9,3,S\n12,10,Tee - M,10,0,M\n",
        "11,10,Tee - S,9,3,S\n20,,Cup,4,1,\n12,10,Tee - M,10,0,M\n10,,Tee,,,\n",
    ],
)
def test_the_row_of_a_parent_is_no_variant_wherever_it_stands(tmp_path: Path, rows: str) -> None:
    report = take(tmp_path, f"id,parent_id,name,price,stock,size\n{rows}")

    assert report.problems == []
    assert Product.objects.get(external_id="10").name == "Tee"
    assert read_variants() == [("10", "11", "9.00", 3), ("10", "12", "10.00", 0)]


def test_variants_that_a_record_lists_are_variants(tmp_path: Path) -> None:
    take(
        tmp_path,
        '{"products": [{"id": "T", "title": "Tee", "images": ["https://x.example/1.jpg"],'
        ' "variants": [{"sku": "T-S", "size": "S", "price": "9.90", "stock": 0},'
        ' {"sku": "T-M", "options": {"Size": "M"}, "price": 10.9, "stock": 4}]},'
        ' {"id": "C", "title": "Cup", "price": 5}]}',
        "p.json",
    )

    assert read("external_id", "price", "stock") == [("C", "5.00", "100"), ("T", "10.90", "4")]
    assert read_variants() == [("T", "T-S", "9.90", 0), ("T", "T-M", "10.90", 4)]
    assert [each.options for each in Variant.objects.order_by("position")] == [
        {"Size": "S"},
        {"Size": "M"},
    ]
    assert Product.objects.get(external_id="T").picture_addresses.count() == 1


@pytest.mark.parametrize("parent", ["Übergeordnet", "Übergeordnetes Produkt"])
def test_german_variations_find_their_product(tmp_path: Path, parent: str) -> None:
    content = (
        f"ID;Typ;Artikelnummer;Name;Regulärer Preis;Angebotspreis;Bestand;{parent}\n"
        "100;variable;HOSE;Hose;;;;\n101;variation;HOSE-S;Hose - S;49,90;39,90;3;HOSE\n"
        "102;variation;HOSE-M;Hose - M;49,90;;0;id:100\n"
    )

    take(tmp_path, content.encode("cp1252"))

    assert read_variants() == [("100", "101", "39.90", 3), ("100", "102", "49.90", 0)]


def test_a_variation_without_its_product_is_refused(tmp_path: Path) -> None:
    report = take(
        tmp_path, "ID,Type,SKU,Name,Regular price,Sale price\n101,variation,A-S,A - S,49,\n"
    )

    assert report.reasons == {"variation without its product": 1}
    assert not Product.objects.exists()


def test_of_columns_with_one_name_the_first_counts_in_any_case(tmp_path: Path) -> None:
    report = take(tmp_path, "ID,Name,Price,PRICE,Stock,stock\n1,Cup,9.90,1.00,3,9\n")

    assert read("price", "stock") == [("9.90", "3")]
    assert report.notes == [
        "Price and PRICE have one name: Price counts",
        "Stock and stock have one name: Stock counts",
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("Product Visible?", "N"), ("Allow Purchases?", "N"), ("Can be Sold", "False")),
        *(("item_status", "inactive"), ("variant_published", "0"), ("product_deleted_at", "2020")),
    ],
)
def test_columns_that_name_the_product_say_the_same(
    tmp_path: Path, column: str, value: str
) -> None:
    value = "2020-01-01" if value == "2020" else value

    take(tmp_path, f"id,name,price,{column}\n1,A,1,{value}\n")

    assert read("is_active") == [("False",)]


@pytest.mark.parametrize(
    ("column", "stock"),
    [("Current Stock Level", "3"), ("Quantity On Hand", "3"), ("product_stock", "3")],
)
def test_stock_of_further_names(tmp_path: Path, column: str, stock: str) -> None:
    take(tmp_path, f"id,name,price,{column}\n1,A,1,3\n")

    assert read("stock") == [(stock,)]


def test_stock_that_nobody_counts_is_no_stock(tmp_path: Path) -> None:
    report = take(tmp_path, "id,name,price,stock,track_inventory\n1,A,1,0,none\n2,B,1,0,yes\n")

    assert read("stock") == [("100",), ("0",)]
    assert report.warnings == {"stock that nobody counts is not used": 1}


def test_a_sale_that_is_not_on_lowers_no_price(tmp_path: Path) -> None:
    report = take(
        tmp_path, "id,name,price,sale price,On Sale\n1,A,20,15,No\n2,B,20,15,Yes\n3,C,20,,No\n"
    )

    assert read("price", "is_active") == [("20.00", "True"), ("15.00", "True"), ("20.00", "True")]
    assert report.warnings == {"sale prices whose sale is not on are not used": 1}


def test_a_range_of_prices_is_said(tmp_path: Path) -> None:
    report = take(tmp_path, "id,name,price\n1,A,19.90-24.90\n2,B,$19.90 – $24.90\n3,C,5.00\n")

    assert read("price") == [("19.90",), ("19.90",), ("5.00",)]
    assert report.warnings == {"price is a range: the first number was taken": 2}


def test_entities_in_categories_separate_nothing(tmp_path: Path) -> None:
    take(
        tmp_path,
        "id,name,price,category\n1,A,1,Food &amp; Drink &gt; Sweets\n2,B,1,/tops/shirts\n"
        "3,C,1,/caps\n4,D,1,Sweets &amp;amp; more\n",
    )

    assert read("category") == [
        *(("Food & Drink > Sweets",), ("tops > shirts",), ("caps",), ("Sweets & more",)),
    ]


def test_html_that_is_written_as_entities_is_html(tmp_path: Path) -> None:
    take(
        tmp_path,
        "id,name,price,description\n"
        '1,A,1,"&lt;p&gt;Choc &amp;amp; &lt;b&gt;nut&lt;/b&gt;&lt;/p&gt;&lt;script&gt;x()'
        '&lt;/script&gt;"\n2,B,1,write a &lt; b\n',
    )

    assert read("description", "description_html") == [
        ("Choc & nut", "<p>Choc &amp; <b>nut</b></p>"),
        ("write a < b", ""),
    ]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2024-03-31 14:30:00 CET", "2024-03-31T13:30:00+00:00"),
        ("2024-07-01 14:30 CEST", "2024-07-01T12:30:00+00:00"),
        ("Jul 1 2024 2:30 PM PDT", "2024-07-01T21:30:00+00:00"),
        ("2024-07-01T14:30:00+02:00[Europe/Berlin]", "2024-07-01T12:30:00+00:00"),
        ("05.04.24 10:00", "2024-04-05T10:00:00+00:00"),
    ],
)
def test_times_with_names_of_zones_and_short_years(
    tmp_path: Path, written: str, instant: str
) -> None:
    take_log(tmp_path, f'user_id,product_id,event,timestamp\nu,A,view,"{written}"\n')

    assert UserBehavior.objects.get().timestamp.isoformat() == instant


def test_a_time_of_an_unknown_zone_is_refused(tmp_path: Path) -> None:
    report = take_log(
        tmp_path, "user_id,product_id,event,timestamp\nu,A,view,2024-07-01 14:30 XYZ\n"
    )

    assert report.reasons == {"timestamp is not a time": 1}


def test_who_is_not_signed_in_is_not_one_shopper(tmp_path: Path) -> None:
    report = take_log(
        tmp_path,
        "user_id,session_id,product_id,event,timestamp\nguest,s1,A,view,1700000000\n"
        "Anonymous,s2,A,view,1700000001\n0,s3,A,view,1700000002\nann,s4,A,view,1700000003\n"
        "guest,,A,view,1700000004\n",
    )

    assert [who for who, *_ in list_events()] == ["q:s1", "q:s2", "q:s3", "ann"]
    assert report.reasons == {"no user_id or session_id": 1}


def test_guests_of_an_order_file_are_known_by_their_mail_address(tmp_path: Path) -> None:
    take_log(
        tmp_path,
        "order_id,order_date,status,customer_id,billing_email,product_id,quantity\n"
        "11,2024-01-05 10:00:00,completed,0,a@x.example,A,1\n"
        "12,2024-01-05 11:00:00,completed,0,b@x.example,A,1\n"
        "13,2024-01-05 12:00:00,completed,7,c@x.example,A,1\n",
    )

    assert [who for who, *_ in list_events()] == ["a@x.example", "b@x.example", "7"]


def test_orders_with_their_lines_in_json(tmp_path: Path) -> None:
    take_log(
        tmp_path,
        to_json_lines(
            {
                "id": 1001,
                "created_at": "2024-01-05T10:00:00-05:00",
                "financial_status": "paid",
                "cancelled_at": None,
                "customer": {"id": 7},
                "line_items": [{"product_id": 1, "quantity": 1}, {"product_id": 2, "quantity": 0}],
            },
            {
                "id": 1002,
                "date_created": "2024-01-06T10:00:00",
                "status": "on-hold",
                "customer_id": 0,
                "billing": {"email": "a@x.example"},
                "line_items": [{"product_id": 1, "quantity": 1}],
            },
        ),
        "orders.jsonl",
    )

    assert list_events() == [
        ("7", "purchase", "1"),
        ("7", "view", "2"),
        ("a@x.example", "view", "1"),
    ]


def test_ids_that_a_spreadsheet_keeps_as_texts(tmp_path: Path) -> None:
    take(tmp_path, 'id,name,price\n\'00123,A,1\n="00124",B,1\n"=""00125""",C,1\n')

    assert read("external_id") == [("00123",), ("00124",), ("00125",)]


def test_attributes_in_a_list_have_names(tmp_path: Path) -> None:
    take(
        tmp_path,
        '[{"id": 1, "name": "A", "price": 1, "attributes": [{"name": "Colour", "options": ["Red"]},'
        ' {"key": "Fit", "value": "Slim"}]}, {"id": 2, "name": "B", "price": 1, "attributes": []}]',
        "p.json",
    )

    assert [each.attributes for each in Product.objects.order_by("external_id")] == [
        {"Colour": ["Red"], "Fit": "Slim"},
        {},
    ]


@pytest.mark.parametrize(
    ("written", "stock"),
    [
        *(("5 Stück", "5"), ("ca. 10", "10"), ("3 in stock", "3"), ("2 left", "2"), ("> 5", "5")),
        *(("3 weeks", "100"), ("1/2", "100"), ("2 Werktage", "100"), ("auf Lager", "100")),
    ],
)
def test_pieces_with_what_is_counted(tmp_path: Path, written: str, stock: str) -> None:
    take(tmp_path, f"id,name,price,stock\n1,A,1,{written}\n")

    assert read("stock") == [(stock,)]


def test_options_in_columns_of_attributes(tmp_path: Path) -> None:
    take(
        tmp_path,
        "sku,parent_sku,name,price,attribute_size,attribute_pa_colour\nT-S,T,Tee,5,S,Red\n"
        "T-M,T,Tee,6,M,Red\n",
    )

    assert [each.options for each in Variant.objects.order_by("position")] == [
        {"Colour": "Red", "Size": "S"},
        {"Colour": "Red", "Size": "M"},
    ]


def test_quotes_may_be_single(tmp_path: Path) -> None:
    take(tmp_path, "'id';'name';'price'\n'1';'Cup; it''s big';'9,90'\n")

    assert read("external_id", "name", "price") == [("1", "Cup; it's big", "9.90")]


def test_the_number_of_a_category_of_googles_is_no_name(tmp_path: Path) -> None:
    take(
        tmp_path,
        '<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>1</g:id>'
        "<g:title>A</g:title><g:price>5 USD</g:price>"
        "<g:google_product_category>404</g:google_product_category></item></channel></rss>",
        "feed.xml",
    )

    assert read("category") == [("Uncategorised",)]


@pytest.mark.parametrize(
    ("time", "is_active"),
    [("2098-01-01T00:00:00-05:00", False), ("2024-01-01T00:00:00-05:00", True), (None, False)],
)
def test_a_product_of_shopify_is_on_sale_from_its_publication(
    tmp_path: Path, time: str | None, is_active: bool
) -> None:
    product = {
        **{"id": 1, "title": "A", "body_html": "", "vendor": "V", "handle": "a"},
        **{"status": "active", "published_at": time},
        "variants": [{"id": 2, "title": "Default Title", "price": "5.00"}],
    }

    take(tmp_path, to_json_lines(product), "products.jsonl")

    assert Product.objects.get().is_active is is_active
