"""What the shop pays for its products comes with its files, and rules can ask for the margin."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from recommendations.choices import RuleAction
from recommendations.models import Product
from recommendations.services.data_export import export_to_file
from recommendations.services.data_import import ImportPlan
from recommendations.services.data_import import import_data as run_import
from recommendations.services.lists import ListContext, get_popular
from recommendations.tests.builders import make_rule, make_visitor
from recommendations.tests.services.data_import.imported_files import import_products
from recommendations.tests.services.lists.lists import ids

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stateful]


def list_costs() -> dict[str, Decimal | None]:
    return dict(Product.objects.order_by("external_id").values_list("external_id", "cost"))


@pytest.mark.parametrize(
    "column",
    [
        *("cost", "Cost per item", "cost_price", "unitCost", "Purchase price", "Einkaufspreis"),
        *("EK", "product_cost", "cost_of_goods_sold", "Cost (USD)"),
    ],
)
def test_a_column_of_costs_is_known_by_its_usual_names(column: str, tmp_path: Path) -> None:
    import_products(tmp_path, f"id,name,price,{column}\nL1,Lamp,40,10.50\nL2,Torch,5,\n")

    assert list_costs() == {"L1": Decimal("10.50"), "L2": None}


def test_costs_are_written_as_prices_are_and_a_bad_one_costs_no_row(tmp_path: Path) -> None:
    report = import_products(
        tmp_path,
        "id;name;preis;einkaufspreis\nL1;Lamp;1.249,50;1.100,25\n"
        "L2;Torch;5,00;-3\nL3;Tent;9,00;?\n",
    )

    assert list_costs() == {"L1": Decimal("1100.25"), "L2": None, "L3": None}
    assert {"cost below 0: not used", "cost is not a number: not used"} <= set(report.warnings)


def test_a_file_without_costs_leaves_them_as_they_are(tmp_path: Path) -> None:
    import_products(tmp_path, "id,name,price,cost\nL1,Lamp,40,10\n")

    import_products(tmp_path, "id,name,price,cost\nL1,Lamp,41,\n")

    assert Product.objects.get().price == Decimal(41)
    assert list_costs() == {"L1": Decimal(10)}


def test_a_product_costs_what_its_variant_of_the_lowest_price_costs(tmp_path: Path) -> None:
    import_products(
        tmp_path,
        "Handle,Title,Option1 Name,Option1 Value,Variant Price,Cost per item\n"
        "tea,Tea,Size,Large,30,21\ntea,,,Small,12,7\ntea,,,Sample,3,\n",
    )

    assert list_costs() == {"tea": Decimal(7)}


def test_a_cost_among_the_attributes_of_magento_is_no_attribute(tmp_path: Path) -> None:
    import_products(
        tmp_path,
        "sku,attribute_set_code,product_type,name,price,additional_attributes\n"
        'L1,Default,simple,Lamp,40,"cost=12.5000,material=Oak"\n',
    )

    assert list_costs() == {"L1": Decimal("12.50")}
    assert Product.objects.get().attributes == {"material": "Oak"}


def test_an_export_brings_costs_back(tmp_path: Path) -> None:
    import_products(tmp_path, "id,name,price,cost\nL1,Lamp,40,10.50\nL2,Torch,5,\n")
    before = list_costs()
    export_to_file("products", "csv", tmp_path / "products-again.csv")
    Product.objects.all().delete()

    run_import(ImportPlan("shop", products=tmp_path / "products-again.csv"))

    assert list_costs() == before


def test_a_rule_for_margins_changes_the_lists_of_an_imported_shop(tmp_path: Path) -> None:
    import_products(
        tmp_path,
        "id,name,price,cost,created_at\nL1,Lamp,40,36,2024-05-01\nL2,Torch,5,1,2024-04-01\n"
        "L3,Tent,90,,2024-03-01\n",
    )

    def list_names() -> list[str]:
        served = get_popular(context=ListContext(make_visitor()), count=10)
        return [Product.objects.get(pk=product_id).name for product_id in ids(served)]

    assert list_names() == ["Lamp", "Torch", "Tent"]
    make_rule(RuleAction.HIDE, condition={"field": "margin", "op": "below", "value": 20})
    assert list_names() == ["Torch", "Tent"]


def test_no_shopper_sees_a_cost(tmp_path: Path) -> None:
    import_products(tmp_path, "id,name,price,cost\nL1,Lamp,40,10.57\n")
    lamp = Product.objects.get()
    shop = Client()

    answers = [
        shop.get(path)
        for path in (
            *(f"/api/products/{lamp.pk}/", "/api/products/", "/api/popular/?count=5"),
            *("/api/page/?placement=home", "/api/search/?q=lamp"),
        )
    ]

    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert all(b"Lamp" in answer.content for answer in answers)
    assert not any(b"10.57" in answer.content for answer in answers)
