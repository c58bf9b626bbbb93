"""Catalogues and logs of a size, and ids and words that shops have: each has one answer.

Where the folder `../shared/inputs/import` is there, every file in it must be named by a test.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from recommendations.models import Category, Product, ShopperId, UserBehavior
from recommendations.services.data_import import ImportPlan, ImportReport, import_data
from recommendations.services.lists import ListContext, recommend
from recommendations.services.people.subjects import Subject
from recommendations.services.search.ranking import search_products
from recommendations.tests.services.data_import.imported_files import write_file
from recommendations.tests.services.data_import.test_small_files import GIVEN, GIVEN_LOGS, INPUTS

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]

ODD_IDS = ("9223372036854775808", "gid://shopify/Product/7982905098262", "日本-1", "a/b?c=d&e")
MANY_CATEGORIES = "id,name,price,category\n" + "".join(
    f"{number},Thing {number},5,Department {number % 12} > Group {number % 40} > Shelf {number}\n"
    for number in range(400)
)
SEARCH_WORDS = (
    "id,name,price,category,brand,description\n"
    "000123,Müller Käsereibe Edelstahl,19.90,Küche,Müller,"
    "<p>Sch&auml;rfste <strong>Reibe</strong></p>\n"
    "SKU-ONLY-77,Valve,12.00,Parts,Nord,A valve\n"
    "3,Café Crème Blend,7.50,Coffee,Lavazza,x\n"
    "4,Damen Kleider Set,49.90,Mode,X,x\n"
    "5,Wireless Headphones,99,Audio,X,x\n"
)
PRODUCTS = "id,name,price\n" + "".join(
    f"{number},Thing {number},{number}.50\n" for number in range(1, 30)
)


def write_small_log() -> str:
    """Return what 40 shoppers did with 29 products, and one who bought them all."""
    lines = [
        f"{shopper},{product},{'purchase' if (shopper + product) % 2 else 'view'},"
        f"2024-09-{1 + shopper % 28:02}T{shopper % 24:02}:{product:02}:00+00:00\r\n"
        for shopper in range(40)
        for product in range(1, 30)
        if (shopper + product) % 5
    ]
    lines += [
        f"all,{product},purchase,2024-09-30T00:{product:02}:00Z\r\n" for product in range(1, 30)
    ]
    return "user_id,product_id,interaction_type,timestamp\r\n" + "".join(lines)


def take(folder: Path, content: str) -> ImportReport:
    return import_data(ImportPlan("q", products=write_file(folder, "p.csv", content)))


def check_many_categories() -> None:
    assert Product.objects.count() == 400
    depths = Counter(path.count(" > ") for path in Category.objects.values_list("path", flat=True))
    shelf = "Department 3 > Group 39 > Shelf 399"
    assert depths[2] == 400
    assert depths[0] == 12
    assert Product.objects.get(external_id="399").category == shelf
    assert Product.objects.filter(category_rows__category__path="Department 3").count() > 30
    assert Product.objects.filter(category_rows__category__path=shelf).count() == 1


def check_odd_ids() -> None:
    ids = set(Product.objects.values_list("external_id", flat=True))
    assert set(ODD_IDS) < ids
    assert len(ids) == len(ODD_IDS) + 1


def check_search_words() -> None:
    assert Product.objects.get(name__startswith="Müller").description == "Schärfste Reibe"
    for text, name in (
        *(("000123", "Müller"), ("SKU-ONLY-77", "Valve"), ("MÜLLER", "Müller")),
        *(("muller", "Müller"), ("mueller", "Müller"), ("cafe", "Café"), ("creme", "Café")),
        *(("headphone", "Wireless"), ("kleid", "Damen"), ("kaesereibe", "Müller")),
    ):
        found = search_products(text=text, subject=None, count=5)
        assert [entry.product.name.split()[0] for entry in found][:1] == [name], text


def check_small_shop() -> None:
    best = ShopperId.objects.get(source="q", external_id="all").user_id
    bought = UserBehavior.objects.filter(user_id=best, interaction_type="purchase")
    assert bought.values("product").distinct().count() == 29
    assert ShopperId.objects.filter(source="q").count() == 41
    assert len(recommend(context=ListContext(Subject(user_id=best)), count=10).entries) == 10


def test_four_hundred_leaves_of_categories(tmp_path: Path) -> None:
    report = take(tmp_path, MANY_CATEGORIES)

    assert report.skipped == 0
    check_many_categories()


def test_ids_of_any_script_and_length(tmp_path: Path) -> None:
    rows = "".join(
        f"{each},Thing,1\n" for each in (*ODD_IDS, "6f1c1c1e-0000-4000-8000-000000000001")
    )

    report = take(tmp_path, f"id,name,price\n{rows}")

    assert report.skipped == 0
    check_odd_ids()


def test_products_are_found_by_ids_umlauts_accents_and_plurals(tmp_path: Path) -> None:
    take(tmp_path, SEARCH_WORDS)

    check_search_words()


def test_the_best_customer_of_a_small_shop_still_sees_lists(tmp_path: Path) -> None:
    log = write_small_log()
    report = import_data(
        ImportPlan(
            "q",
            products=write_file(tmp_path, "p.csv", PRODUCTS),
            interactions=write_file(tmp_path, "log.csv", log),
        )
    )

    assert (report.skipped, UserBehavior.objects.count()) == (0, log.count("\n") - 1)
    check_small_shop()


BY_CHECKS = {
    "many-categories.csv": check_many_categories,
    "odd-ids.csv": check_odd_ids,
    "search-words.csv": check_search_words,
}
ELSEWHERE = {"base-products.csv", "small-shop-log.csv", "own-ids.sh"}
"""Below, and in the tests of the API, which call what the script calls."""


@pytest.mark.skipif(not INPUTS.is_dir(), reason="The folder of inputs is not there.")
@pytest.mark.parametrize("name", BY_CHECKS)
def test_a_given_catalogue_has_its_answer(name: str) -> None:
    report = import_data(ImportPlan("q", products=INPUTS / name))

    assert report.skipped == 0
    BY_CHECKS[name]()


@pytest.mark.skipif(not INPUTS.is_dir(), reason="The folder of inputs is not there.")
def test_the_given_log_of_a_small_shop_has_its_answer() -> None:
    log = INPUTS / "small-shop-log.csv"
    report = import_data(ImportPlan("q", products=INPUTS / "base-products.csv", interactions=log))

    prices = Product.objects.order_by("price").values_list("price", flat=True)
    assert [str(price) for price in prices] == [f"{number}.50" for number in range(1, 30)]
    assert (report.skipped, UserBehavior.objects.count()) == (0, 957)
    check_small_shop()


@pytest.mark.skipif(not INPUTS.is_dir(), reason="The folder of inputs is not there.")
def test_every_given_file_is_named_by_a_test() -> None:
    named = {name for name, *_ in (*GIVEN, *GIVEN_LOGS)} | BY_CHECKS.keys() | ELSEWHERE

    assert {path.name for path in INPUTS.iterdir() if not path.name.startswith(".")} == named
    assert re.search(r"/api/interaction/", (INPUTS / "own-ids.sh").read_text())
