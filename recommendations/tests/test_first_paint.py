"""Skeletons and prefetched queries: what a page has before its scripts run."""

import gzip
import json
import re
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from recommendations.conf import LANGUAGES, FooterLink
from recommendations.models import ProductImage
from recommendations.services.search import live_index
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_variant,
)
from recommendations.tests.unreadable import unreadable
from recommendations.views import pages
from recommendations.views.words import WORDS

pytestmark = pytest.mark.django_db

SHELL = """<!doctype html><html lang="en">
<head><!-- head --><title>Shell</title><!-- /head --></head><body>
<div id="root"><!-- first paint --></div><!-- first answers --></body></html>"""
MANIFEST = {
    "index.html": {"file": "assets/index.js", "imports": ["_vendor.js"]},
    "_vendor.js": {"file": "assets/vendor.js"},
    "_grid.js": {"file": "assets/grid.js", "imports": ["_vendor.js"]},
    "src/pages/listing.tsx": {"file": "assets/listing.js", "imports": ["_grid.js", "index.html"]},
}


@pytest.fixture(autouse=True)
def built(tmp_path: Path, settings: Any) -> Path:
    (tmp_path / "index.html").write_text(SHELL, encoding="utf-8")
    settings.FRONTEND_DIST = tmp_path
    return tmp_path


def fetch_page(path: str) -> str:
    return Client().get(path).content.decode()


def split_readers(html: str) -> tuple[str, str]:
    """Return what readers with scripts see of a page, and what only those without see."""
    hidden = re.findall(r"<noscript[^>]*>(.*?)</noscript>", html, re.DOTALL)
    return re.sub(r"<noscript[^>]*>.*?</noscript>", "", html, flags=re.DOTALL), "".join(hidden)


def list_linked_products(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'<a href="/product/(\d+)"', html)]


def read_prefetched_queries(path: str) -> dict[str, Any]:
    found = re.search(
        r'id="first-answers" type="application/json">(.*?)</script>', fetch_page(path)
    )
    assert found is not None
    return {json.dumps(key): data for key, data in json.loads(found[1])}


def read_shop_settings(html: str) -> dict[str, Any]:
    found = re.search(r'id="shop-settings" type="application/json">(.*?)</script>', html)
    assert found is not None
    written: dict[str, Any] = json.loads(found[1])
    return written


def test_a_page_contains_the_settings_of_the_shop(settings: Any) -> None:
    settings.RECOMMENDATIONS = {
        **settings.RECOMMENDATIONS,
        "shop_name": "Halm </script> & Co",
        "currency": "KWD",
        "language": "de",
        "footer_links": (FooterLink("Impressum", "/impressum"),),
        "demo_sign_in": False,
    }

    assert read_shop_settings(fetch_page("/cart")) == {
        "name": "Halm </script> & Co",
        "language": "de",
        "currency": "KWD",
        "decimals": 3,
        "links": [{"label": "Impressum", "url": "/impressum"}],
        "is_demo": False,
        "sends_mail": True,
    }


def test_a_skeleton_has_the_name_and_the_language_of_the_shop(settings: Any) -> None:
    settings.RECOMMENDATIONS = {
        **settings.RECOMMENDATIONS,
        "shop_name": "Halm & Co",
        "currency": "EUR",
        "language": "de",
    }
    product = make_product(category="Lampen", price="1249.50")

    html, listing = fetch_page(f"/product/{product.pk}"), fetch_page("/category/Lampen")

    assert '<html lang="de">' in html
    assert f"<title>{product.name} · Halm &amp; Co</title>" in html
    assert 'aria-label="Halm &amp; Co, Startseite"' in html
    assert ">1.249,50\u00a0€<" in html
    assert ">Noch keine Bewertung<" in html
    assert ">1 Produkt<" in listing
    assert 'content="Lampen bei Halm &amp; Co: 1 Produkt zum Ansehen."' in listing
    assert "Magpie" not in html + listing


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_a_page_are_those_of_the_storefront(language: str) -> None:
    folder = project.BASE_DIR / "frontend/src/i18n"
    source = "".join(
        path.read_text(encoding="utf-8") for path in sorted(folder.glob(f"{language}*.ts"))
    )
    storefront = {
        re.sub(r"\{\{\w+\}\}|\$t\(shop\)", "{}", text.replace("\\n", "\n"))
        for text in re.findall(r'"((?:[^"\\]|\\.)*)"', source)
    }
    own = {"other_language", "cart", "shop_description", "category_description"}
    own |= {"no_script_title", "no_script_text"}

    words = asdict(WORDS[language])

    assert {name for name, text in words.items() if text not in storefront} <= own


def test_the_skeleton_of_a_product_starts_with_its_picture() -> None:
    product = make_product(
        name="Copper kettle", category="Kitchen", price="1249.50", image="products/7.svg"
    )

    html = fetch_page(f"/product/{product.pk}")

    assert re.search(r"<h1[^>]*>Copper kettle</h1>", html)
    assert '<img src="/media/products/7.svg" alt="Copper kettle" width="480" height="480"' in html
    assert 'fetchpriority="high"' in html
    assert ">$1,249.50<" in html
    assert 'href="/category/Kitchen"' in html


def test_the_skeleton_of_a_product_with_variants_shows_the_choice() -> None:
    hoodie = make_product(name="Hoodie")
    small = make_variant(hoodie, options={"Size": "S", "Colour": "Blue"}, price=Decimal("19.90"))
    make_variant(hoodie, options={"Size": "S", "Colour": "Red"}, price=Decimal("24.90"), stock=0)
    medium = make_variant(
        hoodie,
        options={"Size": "M", "Colour": "Blue"},
        price=Decimal("21.00"),
        regular_price=Decimal("30.00"),
        sale_price=Decimal("21.00"),
    )

    page = fetch_page(f"/product/{hoodie.pk}")
    chosen = fetch_page(f"/product/{hoodie.pk}?variant={medium.pk}")

    assert re.findall(r"<legend[^>]*>(.*?)</legend>", page) == ["Size", "Colour"]
    assert f'<a href="?variant={small.pk}" class' in page
    assert '<span class="text-sm">from </span><span class="tabular-nums' in page
    assert ">$19.90<" in page
    # Medium comes in blue only.
    assert f'<a href="?variant={medium.pk}" aria-current="true"' in chosen
    assert '<span class="line-through">Red</span><span class="sr-only">Not available' in chosen
    assert '<span class="sr-only">Regular price </span><span class="tabular-nums ">$30.00' in chosen
    assert ">$21.00<" in chosen


def test_the_skeleton_of_a_category_has_its_first_eight_products() -> None:
    make_products(9, category="Books & Paper")

    html, more = split_readers(fetch_page("/category/Books%20%26%20Paper"))

    assert re.search(r"<h1[^>]*>Books &amp; Paper</h1>", html)
    assert ">9 products<" in html
    assert html.count("<article") == 8
    assert more.count("<article") == 1


@pytest.mark.parametrize("path", [f"/{path}" for path in pages.PAGES if ":" not in path])
def test_every_page_says_what_does_not_work_without_scripts(path: str) -> None:
    html = fetch_page(path)

    assert re.search(
        r'<noscript id="script-notice"[^>]*>.*This page shows only a part.*</noscript>',
        html,
        re.DOTALL,
    )
    assert len(re.findall("<h1", html)) == 1


def test_a_filtered_listing_shows_its_products_to_readers_without_scripts_alone() -> None:
    make_product(category="Lamps", price="9")
    dear = make_product(category="Lamps", price="90")

    html, hidden = split_readers(fetch_page("/category/Lamps?min_price=10"))

    assert list_linked_products(html) == []
    assert list_linked_products(hidden) == [dear.pk]
    assert ">1 product<" in html


def test_a_listing_in_another_order_starts_with_the_first_of_that_order() -> None:
    cheap, dear = make_product(price="9"), make_product(price="90")

    html, _ = split_readers(fetch_page("/products?sort=price"))

    assert list_linked_products(html) == [cheap.pk, dear.pk]


def test_each_page_of_a_listing_has_its_products_and_leads_to_its_neighbours() -> None:
    products = [product.pk for product in make_products(49, category="Lamps")]

    pages = {
        number: fetch_page(f"/category/Lamps?sort=name&in_stock=true&page={number}")
        for number in (1, 2, 3)
    }

    linked = [product for html in pages.values() for product in list_linked_products(html)]
    assert sorted(linked) == sorted(products)
    assert "Page 2 of 3" in pages[2]
    ways = [re.findall(r'rel="(?:prev|next)" href="(.*?)"', html) for html in pages.values()]
    start = "?in_stock=true&amp;sort=name"
    second, third = f"{start}&amp;page=2", f"{start}&amp;page=3"
    assert ways == [[second], [start, third], [second]]


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "min_price=-1",
        "max_price=1e9",
        "sort=stock",
        "in_stock=no",
        "brand=",
        "brand=" + "&brand=x" * 20,
        "min_rating=6",
        "attribute=Colour",
    ],
)
def test_invalid_parts_of_the_address_of_a_listing_are_ignored(query: str) -> None:
    product = make_product()

    assert list_linked_products(fetch_page(f"/products?{query}")) == [product.pk]


def test_a_page_after_the_last_shows_no_product_and_prefetches_none() -> None:
    make_product()

    html = fetch_page("/products?page=2")

    assert list_linked_products(html) == []
    assert "No product fits these filters." in html
    assert '["products"' not in "".join(read_prefetched_queries("/products?page=2"))


def test_a_search_shows_what_it_found_to_readers_without_scripts() -> None:
    kettle = make_product(name="Copper kettle")
    make_product(name="Lamp")

    html, hidden = split_readers(fetch_page("/search?q=+kettle"))

    assert list_linked_products(html) == []
    assert list_linked_products(hidden) == [kettle.pk]
    assert "1 result for “kettle”</h1>" in hidden


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("q=%3Cb%3E", "Nothing matches “&lt;b&gt;”."),
        ("q=+", "Type a product, a brand or a category above."),
        ("q=" + "x" * 201, "Type a product, a brand or a category above."),
        ("", "Type a product, a brand or a category above."),
    ],
)
def test_a_search_that_finds_nothing_says_so(query: str, sentence: str) -> None:
    make_product()

    html = fetch_page(f"/search?{query}")

    assert f"<p>{sentence}</p>" in html
    assert list_linked_products(html) == []


def test_who_searches_too_often_is_told_so_and_nothing_is_searched(settings: Any) -> None:
    settings.COSTLY_WORK_OF_AN_ADDRESS = {**settings.COSTLY_WORK_OF_AN_ADDRESS, "search": 1}
    make_product(name="Kettle")
    first, second = (fetch_page("/search?q=kettle") for _ in range(2))

    assert len(list_linked_products(first)) == 1
    assert list_linked_products(second) == []
    assert "Many people are asking for this right now." in second


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/order/17", "Order 17"),
        ("/product/999", "There is nothing at this address."),
        ("/category/Nothing", "There is nothing at this address."),
        ("/nothing/here", "There is nothing at this address."),
    ],
)
def test_a_page_that_has_nothing_to_show_has_a_heading(path: str, heading: str) -> None:
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", fetch_page(path)) == [heading]


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        (
            "/",
            {
                '["categories", ""]': "/api/categories/?parent=",
                '["demo-shoppers"]': "/api/demo/shoppers/",
            },
        ),
        (
            "/category/Lamps",
            {
                '["categories", ""]': "/api/categories/?parent=",
                '["facets", {"category": "Lamps"}]': "/api/products/facets/?category=Lamps",
            },
        ),
        ("/product/{}", {'["product", {}]': "/api/products/{}/"}),
    ],
)
def test_prefetched_queries_equal_the_answers_of_the_api(path: str, asked: dict[str, str]) -> None:
    product = make_product(category="Lamps", brand="Norden", image="products/lamp.jpg")
    ProductImage.objects.create(product=product, image="products/lamp-side.jpg")

    brought = read_prefetched_queries(path.replace("{}", str(product.pk)))

    for key, address in asked.items():
        answer = Client().get(address.replace("{}", str(product.pk))).json()
        assert brought[key.replace("{}", str(product.pk))] == answer


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("", {}),
        (
            "in_stock=true&max_price=500.5&min_price=5&brand=Norden&brand=Sol&sort=-price",
            {
                "brand": ["Norden", "Sol"],
                "min_price": "5",
                "max_price": "500.5",
                "in_stock": "true",
                "ordering": "-price",
            },
        ),
        (
            "subcategory=Lamps&attribute=Colour:Blue&attribute=colour:red&sort=-popularity",
            {
                "subcategory": ["Lamps"],
                "attribute": ["Colour:Blue", "colour:red"],
                "ordering": "-popularity",
            },
        ),
        ("page=2", {"page": 2}),
    ],
)
def test_a_listing_prefetches_the_products_of_the_api(address: str, query: dict[str, Any]) -> None:
    make_products(25, category="Lamps", brand="Norden", attributes={"Colour": "Blue"})

    key = json.dumps(["products", {**query, "category": "Lamps", "page_size": 24}])
    brought = read_prefetched_queries(f"/category/Lamps?{address}")[key]

    query = {**query, "category": "Lamps", "page_size": 24}
    answer = Client().get("/api/products/", query).json()
    assert brought == {"count": 25, "results": answer["results"]}


@pytest.mark.parametrize("path", ["/", "/products", "/product/{}"])
def test_a_page_is_the_same_for_a_shopper_as_for_anybody(path: str) -> None:
    product = make_product()
    shopper = make_shopper(username="ada")
    make_interactions(shopper, [product])
    signed_in = Client()
    signed_in.force_login(User.objects.get(username="ada"))

    own = signed_in.get(path.format(product.pk)).content

    assert own == Client().get(path.format(product.pk)).content


def test_markup_in_a_name_ends_neither_script_nor_skeleton() -> None:
    product = make_product(name="</script><script>alert(1)</script>", category="<b>")

    html = fetch_page(f"/product/{product.pk}")

    assert "<script>alert" not in html
    assert "<b>" not in html
    assert (
        read_prefetched_queries(f"/product/{product.pk}")[f'["product", {product.pk}]']["name"]
        == product.name
    )


def test_a_category_with_a_slash_in_its_name_is_found() -> None:
    make_product(category="Home/Office")

    assert Client().get("/category/Home%2FOffice").status_code == 200


def test_without_the_database_a_page_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("the database went away")

    monkeypatch.setattr(pages, "_add_frame", fail)

    response = Client().get("/product/7")

    html = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "<title>Magpie</title>" in html
    assert ">This part of the shop did not load.</h1>" in html
    assert "This part of the shop is not available right now. Try again in a moment." in html
    assert '<a href="/products"' in html
    assert read_shop_settings(html)["name"] == "Magpie"


def test_the_scripts_of_a_page_are_named_unless_the_page_names_them_itself(built: Path) -> None:
    make_product(category="Lamps")
    (built / ".vite").mkdir()
    (built / ".vite" / "manifest.json").write_text(json.dumps(MANIFEST))

    found = re.findall(r'<link rel="modulepreload" .*? href="(.*?)" />', fetch_page("/products"))

    assert found == ["/static/storefront/assets/listing.js", "/static/storefront/assets/grid.js"]


def test_the_server_knows_the_pages_that_the_storefront_has() -> None:
    routes = (project.BASE_DIR / "frontend" / "src" / "routes.tsx").read_text(encoding="utf-8")
    table = routes[routes.index("const pages = {") : routes.index("} satisfies")]

    named = re.findall(r'^  "?([^"\n]*?)"?: \(\) => import\("@/pages/', table, re.MULTILINE)

    assert named == [*pages.PAGES, "*"]


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/", 2),
        ("/cart", 1),
        ("/category/Lamps", 12),
        ("/category/Lamps?in_stock=true&sort=name&page=2", 10),
        ("/search", 1),
        ("/search?q=lamp", 5),
        ("/product/{}", 5),
    ],
)
def test_a_page_costs_few_queries(
    path: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product = make_products(5, category="Lamps")[0]
    live_index.get_current()

    with django_assert_num_queries(queries):
        fetch_page(path.format(product.pk))


def test_a_listing_goes_without_facets_that_cannot_be_read() -> None:
    make_products(2, category="Lamps")

    with unreadable("product_attribute"):
        response = Client().get("/category/Lamps")
        queries = read_prefetched_queries("/category/Lamps")

    assert response.status_code == 200
    assert not [key for key in queries if "facets" in key]
    assert [key for key in queries if "products" in key]


@pytest.mark.parametrize("table", ["user_profile", "auth_user"])
def test_the_home_page_goes_without_the_shoppers_of_the_demo(settings: Any, table: str) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "demo_sign_in": True}
    make_product(category="Tents")

    with unreadable(table):
        response = Client().get("/")
        queries = read_prefetched_queries("/")

    assert response.status_code == 200
    assert ">Tents<" in response.content.decode()
    assert queries.keys() == {'["categories", ""]'}


def test_a_product_page_goes_without_its_ratings() -> None:
    product = make_product(name="Kettle")

    with unreadable("user_behavior"):
        response = Client().get(f"/product/{product.pk}")

    assert response.status_code == 200
    assert "<title>Kettle" in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/", "/sitemap-products.xml", "/api/products/", "/api/schema/", "/admin/login/"]
)
def test_compressed_answers_have_a_random_length(path: str) -> None:
    make_products(20)

    answers = [Client().get(path, headers={"Accept-Encoding": "gzip"}) for _ in range(20)]

    assert {answer.get("Content-Encoding") for answer in answers} == {"gzip"}
    assert len({len(answer.content) for answer in answers}) > 1


@pytest.mark.parametrize(("name", "encoding"), [("lamp.jpg", None), ("lamp.svg", "gzip")])
def test_vector_pictures_are_compressed_and_photographs_are_not(
    tmp_path: Path, name: str, encoding: str | None
) -> None:
    (tmp_path / name).write_bytes(b"<svg></svg>" * 50)

    with override_settings(MEDIA_ROOT=tmp_path):
        response = Client().get(f"/media/{name}", headers={"Accept-Encoding": "gzip"})

    assert response.get("Content-Encoding") == encoding


def test_a_compressed_page_is_the_page() -> None:
    response = Client().get("/cart", headers={"Accept-Encoding": "gzip"})

    assert gzip.decompress(response.content).decode() == fetch_page("/cart")
