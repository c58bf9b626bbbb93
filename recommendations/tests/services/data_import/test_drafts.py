"""A product off sale in a file has its variants to sell once somebody puts it on sale."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from recommendations.models import Product
from recommendations.tests.api.test_catalogue_writing import make_erp, patch, upsert

pytestmark = pytest.mark.django_db

SIZES = ("S", "M", "L")


def make_shopify_product(status: str = "draft") -> dict[str, Any]:
    """Return a product as Shopify's API has it."""
    return {
        "id": 11,
        "handle": "tee",
        "title": "Tee",
        "vendor": "V",
        "body_html": "",
        "status": status,
        "options": [{"name": "Size"}],
        "variants": [
            {
                "id": 101 + number,
                "option1": size,
                "price": "10.00",
                "inventory_quantity": 3,
                "inventory_management": "shopify",
            }
            for number, size in enumerate(SIZES)
        ],
    }


def import_products(path: Path, products: list[dict[str, Any]]) -> None:
    file = path / "products.json"
    file.write_text(json.dumps(products))
    call_command("import_data", products=file, source="erp", verbosity=0)


def get_state() -> tuple[bool, int, list[bool]]:
    product = Product.objects.get()
    switches = product.variants.order_by("position").values_list("is_active", flat=True)
    return product.is_active, product.stock, list(switches)


def test_a_draft_is_off_sale_and_its_variants_are_not(tmp_path: Path) -> None:
    import_products(tmp_path, [make_shopify_product()])

    assert get_state() == (False, 9, [True] * 3)


@pytest.mark.parametrize("write", [patch, upsert])
def test_a_draft_that_is_put_on_sale_sells_all_its_variants(tmp_path: Path, write: Any) -> None:
    import_products(tmp_path, [make_shopify_product()])

    [result] = write(make_erp(), {"external_id": "11", "is_active": True})

    assert result["status"] == "updated"
    assert get_state() == (True, 9, [True] * 3)
    product = Client().get("/api/products/ext:11/").json()
    assert [variant["is_buyable"] for variant in product["variants"]] == [True] * 3


def test_the_file_takes_a_product_down_and_puts_it_back(tmp_path: Path) -> None:
    import_products(tmp_path, [make_shopify_product("active")])
    import_products(tmp_path, [make_shopify_product("archived")])
    assert get_state() == (False, 9, [True] * 3)

    import_products(tmp_path, [make_shopify_product("active")])
    assert get_state() == (True, 9, [True] * 3)


def test_a_variant_that_is_switched_off_alone_is_off(tmp_path: Path) -> None:
    file = tmp_path / "products.csv"
    rows = [
        f"v{size},tee,Tee,10.00,3,{size},{'draft' if size == 'M' else 'active'}" for size in SIZES
    ]
    columns = "id,item_group_id,title,price,stock,size,status"
    file.write_text("\n".join([columns, *rows]))
    call_command("import_data", products=file, source="erp", verbosity=0)
    assert get_state() == (True, 6, [True, False, True])
