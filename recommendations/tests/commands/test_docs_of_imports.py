"""The commands of the pages "From …", run on made-up exports of the real layouts."""

import re
import shlex
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from recommendations.models import ModelVersion, Product, UserBehavior, Variant
from recommendations.tests.services.data_import.shop_files import MAGENTO, SHOPIFY, WOOCOMMERCE

pytestmark = pytest.mark.django_db

CUSTOMERS = range(1, 13)

SHOPIFY_ORDERS = """\
Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Total,Created at,\
Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Lineitem fulfillment status,Id
""" + "".join(
    f"#{number},ann{number}@example.com,{'refunded' if number == 12 else 'paid'},"
    f"2026-03-{number:02} 10:00:00 +0100,fulfilled,USD,49.50,49.50,"
    f"2026-03-{number:02} 09:58:00 +0100,1,Wool sock - M / Red,9.50,WS-M,fulfilled,{number}\n"
    f"#{number},ann{number}@example.com,,,,,,,2026-03-{number:02} 09:58:00 +0100,1,Kettle,40,KE-1,"
    "fulfilled,\n"
    for number in CUSTOMERS
)
WOOCOMMERCE_ORDERS = "product_id\tcustomer_id\ttime\n" + "".join(
    f"45\t{number}\t2026-03-{number:02} 10:00:00\n50\t{number}\t2026-03-{number:02} 10:00:00\n"
    for number in CUSTOMERS
)
MAGENTO_ORDERS = "sku\tcustomer_id\tcreated_at\n" + "".join(
    f"{sku}\t{number}\t2026-03-{number:02} 10:00:00\n"
    for sku in ("MH-S-Black", "BAG")
    for number in CUSTOMERS
)
OWN_PRODUCTS = """\
id,parent,name,description,brand,category,size,colour,price,stock,published,image,created_at
7-S,7,Tee,Soft.,Fit,Clothing > Tees,S,Blue,20,0,t,,2026-01-05 10:00:00
7-M,7,Tee,Soft.,Fit,Clothing > Tees,M,Blue,22,4,t,,2026-01-05 10:00:00
8,,Mug,,Pot,Kitchen | Gifts,,,8.50,3,t,,2026-01-05 10:00:00
9,,Old mug,,Pot,Kitchen,,,8.50,3,f,,2026-01-05 10:00:00
"""
OWN_EVENTS = "user_id,session_id,product_id,event,timestamp\n" + "".join(
    f"{number},,7-M,looked at,2026-03-{number:02} 10:00:00\n"
    f",v{number},8,purchase,2026-03-{number:02} 11:00:00\n"
    for number in CUSTOMERS
)


def check_shopify() -> None:
    sock = Product.objects.get(external_id="wool-sock")
    assert (sock.name, str(sock.price), sock.stock) == ("Wool sock", "9.50", 7)
    assert list(sock.variants.values_list("external_id", flat=True)) == ["WS-S", "WS-M"]
    assert list_events() == {"purchase": 22, "view": 2}
    assert Product.objects.filter(is_active=False).get().external_id == "secret"


def check_woocommerce() -> None:
    hoodie = Product.objects.get(external_id="44")
    assert list(hoodie.variants.values_list("external_id", flat=True)) == ["45", "46"]
    assert hoodie.category == "Clothing > Hoodies"
    assert list_events() == {"purchase": 24}
    # Ten in Berlin in March is nine in UTC.
    times = UserBehavior.objects.values_list("timestamp", flat=True)
    assert {moment.hour for moment in times} == {9}


def check_magento() -> None:
    hoodie = Product.objects.get(external_id="MH")
    assert (hoodie.category, str(hoodie.price), hoodie.stock) == ("Men > Tops", "52.00", 3)
    assert list(hoodie.variants.values_list("external_id", flat=True)) == [
        "MH-S-Black",
        "MH-M-Black",
    ]
    assert Product.objects.get(external_id="BAG").image == "products/magento/m/b/bag.jpg"
    assert list_events() == {"purchase": 24}


def check_own() -> None:
    tee = Product.objects.get(external_id="7")
    assert (tee.name, str(tee.price), tee.stock) == ("Tee", "22.00", 4)
    assert Variant.objects.get(external_id="7-S").options == {"Colour": "Blue", "Size": "S"}
    assert not Product.objects.get(external_id="9").is_active
    assert list_events() == {"purchase": 12, "view": 12}


def list_events() -> dict[str, int]:
    types = list(UserBehavior.objects.values_list("interaction_type", flat=True))
    return {name: types.count(name) for name in sorted(set(types))}


@pytest.mark.parametrize(
    ("page", "files", "check"),
    [
        (
            "from-shopify.md",
            {"products_export.csv": SHOPIFY, "orders_export.csv": SHOPIFY_ORDERS},
            check_shopify,
        ),
        (
            "from-woocommerce.md",
            {"wc-product-export.csv": WOOCOMMERCE, "orders.tsv": WOOCOMMERCE_ORDERS},
            check_woocommerce,
        ),
        (
            "from-magento.md",
            {
                "catalog_product.csv": MAGENTO.replace(
                    "2020-01-01,,bag,,", "2020-01-01,,bag,/m/b/bag.jpg,"
                ),
                "orders.tsv": MAGENTO_ORDERS,
                "m/b/bag.jpg": "a picture",
            },
            check_magento,
        ),
        (
            "from-your-own-database.md",
            {"products.csv": OWN_PRODUCTS, "events.csv": OWN_EVENTS},
            check_own,
        ),
    ],
)
def test_the_three_commands_of_a_page_import_and_train(
    page: str,
    files: dict[str, str],
    check: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    commands = read_commands(page)

    printed = [run(command) for command in commands]

    assert [command[0] for command in commands] == ["import_data", "import_data", "train_models"]
    for name in find_titles(page):
        assert f"is taken for {name}" in printed[0]
    assert "This was a dry run: nothing was written." in printed[0]
    check()
    assert ModelVersion.objects.get().n_interactions > 0


def run(command: list[str]) -> str:
    output = StringIO()
    call_command(*command, stdout=output, verbosity=0)
    return output.getvalue()


def read_commands(page: str) -> list[list[str]]:
    """Return the words of each `manage.py` line of a page's blocks of code."""
    text = (Path(settings.BASE_DIR) / "docs" / page).read_text(encoding="utf-8")
    lines = re.findall(r"^manage\.py (.*)$", text, re.MULTILINE)
    return [shlex.split(line) for line in lines]


def find_titles(page: str) -> list[str]:
    """Return what a page says that the dry run takes a file for."""
    text = (Path(settings.BASE_DIR) / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r'"is taken for ([^"]*)"', text)
