"""Ids and SKUs: one column holds the ids of a file, and a name of several products names none."""

from pathlib import Path
from typing import Any

import pytest

from recommendations.models import Product, UserBehavior
from recommendations.services.data_import import ImportPlan, ImportReport, import_data
from recommendations.tests.services.data_import.imported_files import to_json_lines, write_file

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def take(folder: Path, name: str, content: str, **plan: Any) -> ImportReport:
    return import_data(ImportPlan("q", products=write_file(folder, name, content), **plan))


def list_ids() -> list[str]:
    return sorted(Product.objects.values_list("external_id", flat=True))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.csv", "product_id,sku,name,price\n1,A,A,1\n,B,B,1\n-,C,C,1\n"),
        (
            "p.jsonl",
            to_json_lines(
                {"product_id": "1", "sku": "A", "name": "A", "price": 1},
                {"sku": "B", "name": "B", "price": 1},
                {"product_id": None, "sku": "C", "name": "C", "price": 1},
            ),
        ),
    ],
)
def test_an_sku_does_not_stand_in_for_a_missing_id(tmp_path: Path, name: str, content: str) -> None:
    report = take(tmp_path, name, content)

    assert report.reasons == {"id missing": 2}
    assert list_ids() == ["1"]


def test_where_no_row_has_an_id_the_sku_is_one(tmp_path: Path) -> None:
    report = take(tmp_path, "p.csv", "product_id,sku,name,price\n,A,A,1\n,B,B,1\n")

    assert report.reasons == {}
    assert list_ids() == ["A", "B"]


def test_an_sku_of_two_products_is_counted_and_names_none_in_a_log(tmp_path: Path) -> None:
    log = write_file(
        tmp_path,
        "log.csv",
        "user_id,product_id,event,timestamp\nann,S-1,view,1700000000\n"
        "ann,S-2,view,1700000001\nann,1,view,1700000002\n",
    )

    report = take(
        tmp_path,
        "p.csv",
        "id,sku,name,price\n1,S-1,A,1\n2,S-1,B,1\n3,S-2,C,1\n",
        interactions=log,
    )

    assert report.warnings == {"SKU 'S-1' is that of several products: in a log, it names none": 1}
    assert [str(problem) for problem in report.problems] == [
        "log.csv line 2: product 'S-1' is the SKU of several products of the source q: "
        "the row must name one by its id"
    ]
    named = UserBehavior.objects.order_by("id").values_list("product__external_id", flat=True)
    assert list(named) == ["3", "1"]


def test_an_id_counts_before_the_sku_of_others(tmp_path: Path) -> None:
    log = write_file(
        tmp_path, "log.csv", "user_id,product_id,event,timestamp\nann,7,view,1700000000\n"
    )

    take(
        tmp_path,
        "p.csv",
        "id,sku,name,price\n7,X,A,1\n8,7,B,1\n9,7,C,1\n",
        interactions=log,
    )

    assert UserBehavior.objects.get().product.external_id == "7"


def test_a_dry_run_knows_the_skus_of_the_file(tmp_path: Path) -> None:
    log = write_file(
        tmp_path, "log.csv", "user_id,product_id,event,timestamp\nann,S-1,view,1700000000\n"
    )
    products = write_file(tmp_path, "p.csv", "id,sku,name,price\n1,S-1,A,1\n")

    report = import_data(ImportPlan("q", products=products, interactions=log), dry_run=True)

    assert report.skipped == 0


def test_a_visitor_is_no_shopper_of_the_same_number(tmp_path: Path) -> None:
    log = write_file(
        tmp_path,
        "log.csv",
        "customer_id,visitor_id,product_id,event,timestamp\n7,99,A,view,1700000000\n"
        ",7,A,view,1700000001\n",
    )

    import_data(ImportPlan("q", interactions=log))

    rows = UserBehavior.objects.order_by("timestamp")
    assert [row.user.username if row.user else row.session_id for row in rows] == ["q-7", "q:7"]


def test_visitors_are_the_people_of_a_log_that_knows_no_others(tmp_path: Path) -> None:
    log = write_file(
        tmp_path, "log.csv", "visitor_id,product_id,event,timestamp\n7,A,view,1700000000\n"
    )

    import_data(ImportPlan("q", interactions=log))

    row = UserBehavior.objects.get()
    assert (row.user.username if row.user else None, row.session_id) == ("q-7", None)


def test_a_cell_of_json_is_what_it_holds(tmp_path: Path) -> None:
    take(
        tmp_path,
        "items.csv",
        "item_id,is_hidden,categories,timestamp,labels,comment\n"
        'a,0,"[""x"",""y""]",2024-01-01,"{""colour"":""red"",""size"":[1,2]}",One\n'
        'b,1,"[]",2024-01-01,"[""m"",""n""]",Two\nc,0,x|y,2024-01-01,m|n,Three\n',
    )
    take(
        tmp_path,
        "p.csv",
        "id,name,price,category,images\n"
        'd,D,1,"[""Men"", ""Tops""]","[""https://x.example/1.jpg"", ""https://x.example/2.jpg""]"\n'
        "e,E,1,\"[['Men', 'Tops'], ['Sale']]\",\n",
    )

    products = {product.external_id: product for product in Product.objects.all()}
    assert products["a"].attributes == {"labels": {"colour": "red", "size": [1, 2]}}
    assert products["b"].attributes == products["c"].attributes == {"labels": ["m", "n"]}
    assert [products[key].category for key in "abcde"] == [
        *("x", "Uncategorised", "x", "Men > Tops", "Men > Tops"),
    ]
    assert products["e"].category_rows.filter(is_given=True).count() == 2
    assert products["d"].picture_addresses.count() == 2


def test_of_prices_in_several_currencies_the_shops_counts(tmp_path: Path) -> None:
    report = take(
        tmp_path,
        "p.csv",
        "id,name,price_eur,price_usd,Compare at price (EUR),USD sale price\n1,A,9,10,12,8\n",
    )
    plain = take(tmp_path, "q.csv", "id,name,price,price_usd\n2,B,9,10\n")

    assert (report.reasons, report.notes) == (
        {},
        ["price is price_usd, in USD; not used: price_eur"],
    )
    assert report.warnings == {"regular_price in another currency (EUR, not USD): not used": 1}
    assert plain.notes == ["price is price_usd, in USD; not used: price"]
    rows = Product.objects.order_by("external_id").values_list("price", "regular_price")
    assert [(str(price), str(regular)) for price, regular in rows] == [
        ("8.00", "10.00"),
        ("10.00", "None"),
    ]
