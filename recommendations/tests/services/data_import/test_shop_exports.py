"""Exports of shop systems become products, with their variants."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from recommendations.models import Product, Variant
from recommendations.services.data_import import FileTaken, ImportPlan, ImportReport, import_data
from recommendations.tests.services.data_import.imported_files import write_file
from recommendations.tests.services.data_import.shop_files import MAGENTO, SHOPIFY, WOOCOMMERCE

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def take(folder: Path, name: str, content: str, **plan: Any) -> tuple[ImportReport, FileTaken]:
    taken: list[FileTaken] = []
    path = write_file(folder, name, content)
    report = import_data(ImportPlan("shop", products=path, **plan), on_taken=taken.append)
    return report, taken[0]


def list_variants(product: Product) -> list[tuple[str, dict[str, str], str, int]]:
    return [
        (variant.external_id, variant.options, str(variant.price), variant.stock)
        for variant in product.variants.all()
    ]


def list_categories(product: Product) -> list[str]:
    rows = product.category_rows.filter(is_given=True).order_by("category__path")
    return [row.category.path for row in rows]


def test_an_export_of_shopify(tmp_path: Path) -> None:
    report, taken = take(tmp_path, "products_export_1.csv", SHOPIFY)

    assert taken.format == "a product export of Shopify"
    assert report.skipped == 0
    sock = Product.objects.get(external_id="wool-sock")
    assert (sock.name, sock.brand, sock.price, sock.stock) == (
        "Wool sock",
        "Knit",
        Decimal("9.50"),
        7,
    )
    assert sock.category == "Apparel & Accessories > Clothing > Socks"
    assert (sock.description, sock.description_html) == ("Warm & soft", "<p>Warm &amp; soft</p>")
    assert sock.attributes["tags"] == ["wool", "warm"]
    assert list_variants(sock) == [
        ("WS-S", {"Size": "S", "Colour": "Red"}, "9.50", 0),
        ("WS-M", {"Size": "M", "Colour": "Red"}, "9.50", 7),
    ]
    assert Variant.objects.get(external_id="WS-S").regular_price == Decimal("12.00")
    addresses = sock.picture_addresses.order_by("variant", "position")
    assert sorted(
        (row.variant.external_id if row.variant else "", row.address) for row in addresses
    ) == [
        ("", "https://cdn.example/a.jpg"),
        ("", "https://cdn.example/b.jpg"),
        ("", "https://cdn.example/c.jpg"),
        ("WS-S", "https://cdn.example/red.jpg"),
    ]
    kettle = Product.objects.get(external_id="kettle")
    assert not kettle.variants.exists()
    assert (kettle.price, kettle.regular_price, kettle.sku) == (Decimal(40), Decimal(55), "KE-1")
    assert Product.objects.get(external_id="voucher").stock == 100
    assert not Product.objects.get(external_id="secret").is_active


def test_the_newer_template_of_shopify(tmp_path: Path) -> None:
    report, taken = take(
        tmp_path,
        "products.csv",
        "Title,URL handle,Description,Vendor,Product category,Type,Tags,"
        "Published on online store,Status,SKU,Option1 name,Option1 value,Price,Compare-at price,"
        "Inventory tracker,Inventory quantity,Continue selling when out of stock,"
        "Product image URL,Image position,Variant image URL\n"
        "Cap,cap,<b>Cap</b>,Hats,,Hats,,TRUE,Active,C-1,Colour,Blue,15,,shopify,2,DENY,"
        "https://cdn.example/c.jpg,1,\n"
        ",cap,,,,,,,,C-2,,Grey,16,,shopify,0,CONTINUE,,,\n",
    )

    assert taken.format == "a product export of Shopify"
    assert report.skipped == 0
    assert list_variants(Product.objects.get()) == [
        ("C-1", {"Colour": "Blue"}, "15.00", 2),
        ("C-2", {"Colour": "Grey"}, "16.00", 100),
    ]


def test_products_of_shopifys_api(tmp_path: Path) -> None:
    _, taken = take(
        tmp_path,
        "products.json",
        """{"products": [{"id": 77, "title": "Cap", "handle": "cap", "body_html": "<p>Cap</p>",
        "vendor": "Hats", "product_type": "Headwear", "tags": ["sun"], "variants": [
        {"id": 771, "title": "Blue", "option1": "Blue", "option2": null, "sku": "C-1",
         "price": "15.00", "compare_at_price": null, "available": true},
        {"id": 772, "title": "Grey", "option1": "Grey", "option2": null, "sku": "C-2",
         "price": "16.00", "compare_at_price": "20.00", "available": false}],
        "images": [{"id": 1, "src": "https://cdn.example/c.jpg"}],
        "options": [{"name": "Colour", "position": 1, "values": ["Blue", "Grey"]}]}]}""",
    )

    assert taken.format == "products of Shopify's API"
    cap = Product.objects.get()
    assert (cap.external_id, cap.name, cap.category) == ("77", "Cap", "Headwear")
    assert list_variants(cap) == [
        ("771", {"Colour": "Blue"}, "15.00", 100),
        ("772", {"Colour": "Grey"}, "16.00", 0),
    ]


def test_what_shopify_does_not_publish_or_count(tmp_path: Path) -> None:
    content = """{"products": [
        {"id": 1, "title": "Draft", "handle": "draft", "vendor": "V", "status": "active",
         "published_at": null, "variants": [{"id": 11, "option1": "Default Title", "price": "9",
         "inventory_quantity": 3, "inventory_management": "shopify"}]},
        {"id": 2, "title": "Voucher", "handle": "voucher", "vendor": "V", "status": "active",
         "published_at": "2026-01-01T00:00:00Z", "variants": [{"id": 21, "option1":
         "Default Title", "price": "9", "inventory_quantity": 0, "inventory_management": null}]}
    ]}"""

    take(tmp_path, "products.json", content)
    take(
        tmp_path,
        "few-columns.csv",
        "Handle,Title,Variant Inventory Qty,Variant Price,Published\nlamp,Lamp,0,9,WAHR\n"
        "rug,Rug,4,9,FALSCH\n",
    )

    rows = Product.objects.order_by("external_id").values_list("external_id", "stock", "is_active")
    assert list(rows) == [
        ("1", 3, False),
        ("2", 100, True),
        ("lamp", 0, True),
        ("rug", 4, False),
    ]


def test_an_export_of_woocommerce(tmp_path: Path) -> None:
    report, taken = take(tmp_path, "wc-product-export.csv", WOOCOMMERCE)

    assert taken.format == "a product export of WooCommerce"
    assert report.reasons == {"nothing that is sold": 1}
    hoodie = Product.objects.get(external_id="44")
    assert (hoodie.name, hoodie.price, hoodie.stock) == ("Hoodie", Decimal(45), 4)
    assert hoodie.description == "Warm.\n\nVery."
    assert list_categories(hoodie) == ["Clothing > Hoodies", "Sale"]
    assert list_variants(hoodie) == [
        ("45", {"Color": "Blue"}, "45.00", 4),
        ("46", {"Color": "Red"}, "42.00", 0),
    ]
    mug = Product.objects.get(external_id="50")
    assert (mug.price, mug.regular_price, mug.stock, mug.sku) == (3, 5, 100, "mug")
    active = Product.objects.filter(is_active=True).order_by("external_id")
    assert list(active.values_list("external_id", flat=True)) == ["44", "50"]


def test_variations_of_woocommerce_share_the_stock_of_their_product(tmp_path: Path) -> None:
    content = (
        "ID,Type,SKU,Name,Published,In stock?,Stock,Regular price,Sale price,Parent\n"
        "1,variable,H,Hoodie,1,1,7,,,\n2,variation,H-S,Hoodie,1,1,parent,39,,H\n"
        "3,variation,H-M,Hoodie,1,0,parent,39,,id:1\n"
    )

    report, _ = take(tmp_path, "p.csv", content)

    assert not report.warnings
    assert [variant.stock for variant in Variant.objects.order_by("external_id")] == [7, 0]


def test_a_german_export_of_woocommerce(tmp_path: Path) -> None:
    content = (
        "ID,Typ,Artikelnummer,Name,Veröffentlicht,Sichtbarkeit im Katalog,Vorrätig?,Lager,"
        '"Datum, an dem Angebotspreis endet",Angebotspreis,Regulärer Preis,Kategorien,'
        "Übergeordnetes Produkt,Attribut 1 Name,Attribut 1 Wert(e)\n"
        '1,variable,H,Hoodie,1,visible,1,7,,,,Kleidung > Hoodies,,Größe,"S, M"\n'
        '2,variation,H-S,Hoodie,1,visible,1,parent,2999-12-31,"39,00","49,00",,H,Größe,S\n'
        '3,variation,H-M,Hoodie,1,visible,0,parent,,,"49,00",,id:1,Größe,M\n'
        '4,simple,B,Becher,-1,visible,1,4,,,"9,50",Küche,,,\n'
        '5,simple,K,Kanne,1,hidden,1,4,,,"9,50",Küche,,,\n'
        '6,simple,T,Topf,1,visible,0,,,,"9,50",Küche,,,\n'
    )

    _, taken = take(tmp_path, "wc-product-export.csv", content)

    assert taken.format == "a product export of WooCommerce"
    rows = Product.objects.order_by("external_id").values_list("name", "stock", "is_active")
    assert list(rows) == [
        ("Hoodie", 7, True),
        ("Becher", 4, False),
        ("Kanne", 4, False),
        ("Topf", 0, True),
    ]
    hoodie = Product.objects.get(name="Hoodie")
    assert (str(hoodie.price), str(hoodie.regular_price)) == ("39.00", "49.00")
    assert list_variants(hoodie) == [
        ("2", {"Größe": "S"}, "39.00", 7),
        ("3", {"Größe": "M"}, "49.00", 0),
    ]


def test_what_magento_does_not_count_is_not_sold_out(tmp_path: Path) -> None:
    content = (
        "sku,store_view_code,product_type,name,price,product_online,qty,is_in_stock,"
        "manage_stock,use_config_manage_stock,allow_backorders\n"
        "A,,virtual,Course,9,1,0.0000,1,0,0,0\nB,,simple,Bag,9,1,-2,1,1,1,1\n"
        "C,,simple,Cap,9,1,0,1,0,1,0\nD,,virtual,Old course,9,1,0,0,0,0,0\n"
    )

    take(tmp_path, "p.csv", content)

    rows = Product.objects.order_by("external_id").values_list("external_id", "stock")
    assert list(rows) == [("A", 100), ("B", 100), ("C", 0), ("D", 0)]


def test_an_export_of_magento(tmp_path: Path) -> None:
    report, taken = take(tmp_path, "catalog_product.csv", MAGENTO)

    assert taken.format == "a product export of Magento"
    assert report.problems == []
    hoodie = Product.objects.get(external_id="MH")
    assert (hoodie.name, hoodie.brand, hoodie.price, hoodie.stock) == (
        "Hoodie",
        "Knit",
        Decimal(52),
        3,
    )
    assert (hoodie.description, hoodie.is_active) == ("Warm", True)
    assert list_categories(hoodie) == ["Men > Tops", "Sale"]
    assert list_variants(hoodie) == [
        ("MH-S-Black", {"Size": "S", "Color": "Black"}, "52.00", 3),
        ("MH-M-Black", {"Size": "M", "Color": "Black"}, "54.00", 0),
    ]
    bag = Product.objects.get(external_id="BAG")
    assert (bag.price, bag.regular_price, bag.stock) == (30, 34, 12)
    assert not Product.objects.get(external_id="OFF").is_active
    assert Product.objects.count() == 3


def test_a_file_of_prestashop(tmp_path: Path) -> None:
    _, taken = take(
        tmp_path,
        "products.csv",
        "Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax excluded;Tax rules ID;"
        "Wholesale price;On sale (0/1);Discount amount;Discount percent;"
        "Discount from (yyyy-mm-dd);Discount to (yyyy-mm-dd);Reference #;Manufacturer;Quantity;"
        "Visibility;Summary;Description;Image URLs (x,y,z...);"
        "Feature(Name:Value:Position:Customized)\n"
        "1;1;Lamp;Home,Lamps;19,90;1;9,95;0;;10;2020-01-01;2099-01-01;LA-1;Glow;7;both;Short.;"
        "<p>Long.</p>;https://x.example/a.jpg,https://x.example/b.jpg;Colour:Red:1:0\n"
        "2;0;Torch;Lamps;5,00;1;;0;;;;;TO-1;Glow;7;both;;;;\n"
        "3;1;Bulb;Lamps;2,00;1;;0;;;;;BU-1;Glow;-4;none;;;;\n",
    )

    assert taken.format == "a product file of PrestaShop"
    lamp = Product.objects.get(external_id="1")
    assert (lamp.name, lamp.price, lamp.regular_price) == (
        "Lamp",
        Decimal("17.91"),
        Decimal("19.90"),
    )
    assert (lamp.sku, lamp.brand, lamp.stock, lamp.description) == ("LA-1", "Glow", 7, "Long.")
    assert lamp.cost == Decimal("9.95")
    assert lamp.attributes["Colour"] == "Red"
    assert list_categories(lamp) == ["Lamps"]
    assert list(Product.objects.filter(is_active=True)) == [lamp]


GOOGLE_TSV = """\
id\ttitle\tdescription\tlink\timage_link\tadditional_image_link\tavailability\tprice\tsale_price\t\
sale_price_effective_date\tbrand\tgtin\tcondition\tproduct_type\tgoogle_product_category\t\
item_group_id\tcolor\tsize
T-S\tTee\tA tee\thttps://x.example/t\thttps://x.example/t.jpg\t\tin_stock\t20.00 USD\t15.00 USD\t\
2020-01-01T00:00+0100/2099-01-01T00:00+0100\tFit\t123\tnew\tClothing > Tees\t212\tT\tBlue\tS
T-M\tTee\tA tee\thttps://x.example/t\thttps://x.example/t.jpg\t\tout_of_stock\t20.00 USD\t\t\tFit\t\
124\tnew\tClothing > Tees\t212\tT\tBlue\tM
CUP\tCup\tA cup\thttps://x.example/c\thttps://x.example/c.jpg\t\tin stock\t7 USD\t\t\tPot\t\tnew\t\
\tHome & Garden > Kitchen & Dining > Food, Drink\t\t\t
"""


def check_google() -> None:
    tee = Product.objects.get(external_id="T")
    assert (tee.name, tee.brand, tee.price, tee.category) == (
        "Tee",
        "Fit",
        Decimal(15),
        "Clothing > Tees",
    )
    assert list_variants(tee) == [
        ("T-S", {"Colour": "Blue", "Size": "S"}, "15.00", 100),
        ("T-M", {"Colour": "Blue", "Size": "M"}, "20.00", 0),
    ]
    cup = Product.objects.get(external_id="CUP")
    assert (cup.price, cup.stock) == (7, 100)
    assert cup.category == "Home & Garden > Kitchen & Dining > Food, Drink"


def test_a_feed_for_google_in_tsv(tmp_path: Path) -> None:
    report, taken = take(tmp_path, "feed.txt", GOOGLE_TSV)

    assert taken.format == "a feed for Google Merchant Center"
    assert report.skipped == 0
    check_google()


def test_a_feed_for_google_in_xml(tmp_path: Path) -> None:
    header, *rows = (line.split("\t") for line in GOOGLE_TSV.splitlines())
    items = "".join(
        "<item>"
        + "".join(
            f"<g:{name}>{value.replace('&', '&amp;').replace('>', '&gt;')}</g:{name}>"
            for name, value in zip(header, row, strict=True)
            if value
        )
        + "</item>"
        for row in rows
    )
    content = (
        '<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">'
        f"<channel><title>Shop</title><link>https://x.example</link>{items}</channel></rss>"
    )

    report, taken = take(tmp_path, "feed.xml", content)

    assert taken.format == "a feed for Google Merchant Center"
    assert report.skipped == 0
    check_google()


def test_importing_an_export_again_changes_nothing(tmp_path: Path) -> None:
    for name, content in (("s.csv", SHOPIFY), ("w.csv", WOOCOMMERCE), ("m.csv", MAGENTO)):
        take(tmp_path, name, content)

        report, _ = take(tmp_path, name, content)

        assert report.products is not None
        assert (report.products.added, report.products.updated) == (0, 0), name
        assert (report.products.variants_added, report.products.variants_updated) == (0, 0), name


def test_a_style_column_makes_variants_only_of_what_has_one_name(tmp_path: Path) -> None:
    take(
        tmp_path,
        "a.csv",
        "id,name,price,style_code,size,stock\n1,Boot,50,B1,40,0\n2,Boot,50,B1,41,2\n3,Sandal,20,S1,,1\n",
    )
    take(tmp_path, "b.csv", "id,name,price,style_id\n7,Chair,5,modern\n8,Table,9,modern\n")

    names = Product.objects.order_by("external_id").values_list("external_id", "name")
    assert list(names) == [("7", "Chair"), ("8", "Table"), ("B1", "Boot"), ("S1", "Sandal")]
    assert list_variants(Product.objects.get(external_id="B1")) == [
        ("1", {"Size": "40"}, "50.00", 0),
        ("2", {"Size": "41"}, "50.00", 2),
    ]
