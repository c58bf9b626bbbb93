"""Catalogues that stand in several files, or in a file without a header."""

from pathlib import Path

import pytest

from recommendations.errors import DataImportError
from recommendations.models import Product
from recommendations.services.data_import import FileTaken, ImportPlan, ImportReport, import_data
from recommendations.tests.services.data_import.imported_files import write_file

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def take(path: Path) -> tuple[ImportReport, FileTaken]:
    taken: list[FileTaken] = []
    report = import_data(ImportPlan("shop", products=path), on_taken=taken.append)
    return report, taken[0]


PRESTASHOP = """\
Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax excluded;Tax rules ID;\
Discount percent;Reference #;Quantity;Image URLs (x,y,z...)
1;1;Tee;Home,Tops;20,00;1;;TEE;7;https://x.example/tee.jpg
2;1;Lamp;Home,Lamps;19,90;1;;LA-1;7;
"""
COMBINATIONS = """\
Product ID*;Attribute (Name:Type:Position)*;Value (Value:Position)*;Supplier reference;Reference;\
EAN13;UPC;Wholesale price;Impact on price;Ecotax;Quantity;Minimal quantity;Impact on weight;\
Default (0 = No, 1 = Yes);Combination available date;Image position;Image URLs (x,y,z...)
1;Size:select:0,Color:color:1;S:0,Red:0;;TEE-S-R;;;0;0;0;3;1;0;1;;;https://x.example/red.jpg
1;Size:select:0,Color:color:1;M:1,Red:0;;TEE-M-R;;;0;2,50;0;0;1;0;0;;;
1;Size:select:0,Color:color:1;L:2,Red:0;;;;;0;-1;0;4;1;0;0;;;
"""


def test_combinations_of_prestashop_become_variants(tmp_path: Path) -> None:
    write_file(tmp_path, "combinations_import.csv", COMBINATIONS)

    report, taken = take(write_file(tmp_path, "products_import.csv", PRESTASHOP))

    assert taken.format == "a product file of PrestaShop"
    assert report.problems == []
    tee = Product.objects.get(external_id="1")
    assert [
        (variant.external_id, list(variant.options.items()), str(variant.price), variant.stock)
        for variant in tee.variants.all()
    ] == [
        ("TEE-S-R", [("Size", "S"), ("Color", "Red")], "20.00", 3),
        ("TEE-M-R", [("Size", "M"), ("Color", "Red")], "22.50", 0),
        ("1/L/Red", [("Size", "L"), ("Color", "Red")], "19.00", 4),
    ]
    assert (str(tee.price), tee.stock, tee.category) == ("19.00", 7, "Tops")
    lamp = Product.objects.get(external_id="2")
    assert (lamp.has_variants, str(lamp.price), lamp.stock) == (False, "19.90", 7)


def test_combinations_alone_are_refused(tmp_path: Path) -> None:
    path = write_file(tmp_path, "combinations.csv", COMBINATIONS)

    with pytest.raises(DataImportError, match="import the file of the products, beside which"):
        take(path)

    assert not Product.objects.exists()


def test_the_latest_properties_of_retailrocket_make_its_items(tmp_path: Path) -> None:
    write_file(tmp_path, "category_tree.csv", "categoryid,parentid\n1338,140\n140,\n707,140\n")
    first = write_file(
        tmp_path,
        "item_properties_part1.csv",
        "timestamp,itemid,property,value\n"
        "1435460400000,460429,categoryid,707\n"
        "1435460400000,206783,888,1116713 960601 n277.200\n"
        "1435460400000,206783,categoryid,1338\n"
        "1435460400000,206783,available,1\n"
        "1432004400000,460429,available,1\n",
    )
    second = write_file(
        tmp_path,
        "item_properties_part2.csv",
        "timestamp,itemid,property,value\n"
        "1436065200000,460429,available,0\n"
        "1436065200000,460429,categoryid,1338\n"
        "1436065200000,77,categoryid,999\n",
    )

    report, taken = take(first)
    again, _ = take(second)

    assert taken.format == "items of Retailrocket"
    rows = Product.objects.order_by("external_id").values_list(
        "external_id", "name", "category", "stock", "is_active"
    )
    assert list(rows) == [
        ("206783", "Product 206783", "Category 140 > Category 1338", 100, False),
        ("460429", "Product 460429", "Category 140 > Category 1338", 0, False),
        ("77", "Product 77", "Category 999", 100, False),
    ]
    assert report.warnings["new products without a price are not on sale"] == 2
    assert again.products is not None
    assert (again.products.added, again.products.unchanged) == (1, 1)


def test_films_of_movielens_100k_have_no_header(tmp_path: Path) -> None:
    content = (
        "1|Toy Story (1995)|01-Jan-1995||http://us.imdb.com/M/title-exact?Toy%20Story%20(1995)|"
        "0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n"
        "542|Pôle Sud, Le (1997)|01-Jan-1997||http://us.imdb.com/M/x|"
        "0|0|0|0|0|0|0|0|1|0|0|0|0|0|0|0|0|0|0\n"
        "267|unknown||||1|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0|0\n"
    )

    report, taken = take(write_file(tmp_path, "u.item", content.encode("latin-1")))

    assert taken.format == "films of MovieLens 100K"
    assert report.problems == []
    films = {film.external_id: film for film in Product.objects.all()}
    assert films["1"].name == "Toy Story (1995)"
    assert set(films["1"].category_rows.values_list("category__path", flat=True)) == {
        "Animation",
        "Children's",
        "Comedy",
    }
    assert (films["542"].name, films["542"].category) == ("Pôle Sud, Le (1997)", "Drama")
    assert (films["267"].name, films["267"].category) == ("unknown", "Uncategorised")
