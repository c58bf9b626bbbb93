"""The head of a page, before its scripts run."""

import json
import re
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.conf import settings as project
from django.test import Client

from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_shopper,
    make_variant,
)
from recommendations.views.category_addresses import build_category_path, find_category_path

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _built(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "index.html").write_text(
        "<!doctype html><html><head><!-- head --><title>Shell</title><!-- /head --></head>"
        '<body><div id="root"></div></body></html>',
        encoding="utf-8",
    )
    settings.FRONTEND_DIST = tmp_path


def fetch_page(path: str, *, status: int = 200) -> str:
    response = Client().get(path)
    assert response.status_code == status
    return response.content.decode()


def read_structured_data(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_a_product_s_page_names_it_to_search_engines_and_previews() -> None:
    product = make_product(
        name="Copper kettle",
        description="Boils   water.\nWhistles.",
        category="Kitchen",
        brand="Halm",
        price="49.90",
        image="products/7.svg",
    )

    html = fetch_page(f"/product/{product.pk}")

    assert "<title>Copper kettle · Magpie</title>" in html
    assert '<meta name="description" content="Boils water. Whistles." />' in html
    assert f'<link rel="canonical" href="http://testserver/product/{product.pk}" />' in html
    assert '<meta property="og:image" content="http://testserver/media/products/7.svg" />' in html
    assert '<meta property="og:type" content="product" />' in html
    assert "Shell" not in html
    assert read_structured_data(html) == {
        "@context": "https://schema.org",
        "@type": "Product",
        "sku": str(product.pk),
        "productID": str(product.pk),
        "name": "Copper kettle",
        "description": "Boils   water.\nWhistles.",
        "category": "Kitchen",
        "brand": {"@type": "Brand", "name": "Halm"},
        "image": "http://testserver/media/products/7.svg",
        "url": f"http://testserver/product/{product.pk}",
        "offers": {
            "@type": "Offer",
            "price": "49.90",
            "priceCurrency": "USD",
            "availability": "https://schema.org/InStock",
        },
    }


def test_structured_data_has_ratings_and_availability() -> None:
    product = make_product(stock=0)
    make_interactions(make_shopper(), [product], rating=4)
    make_interactions(make_shopper(), [product], rating=5)

    data = read_structured_data(fetch_page(f"/product/{product.pk}"))

    assert data["offers"]["availability"] == "https://schema.org/OutOfStock"
    assert data["aggregateRating"] == {
        "@type": "AggregateRating",
        "ratingValue": 4.5,
        "ratingCount": 2,
    }


def test_a_name_with_markup_stays_text() -> None:
    name = "\"</script><script>alert('&')</script><!--\u2028"
    product = make_product(name=name, category="</title><b>", description=name)

    html = fetch_page(f"/product/{product.pk}")

    assert "<script>alert" not in html
    assert html.count("</script>") == 2
    assert html.count("<title>") == html.count("</title>") == 1
    assert read_structured_data(html)["name"] == name


def test_a_backslash_in_a_name_stays_a_backslash() -> None:
    product = make_product(name=r"Half \1 price \g<0>")

    html = fetch_page(f"/product/{product.pk}")

    assert r"<title>Half \1 price \g&lt;0&gt; · Magpie</title>" in html


def test_a_long_description_is_cut_between_words() -> None:
    product = make_product(description="copper " * 40)

    html = fetch_page(f"/product/{product.pk}")

    found = re.search(r'name="description" content="([^"]*)"', html)
    assert found is not None
    assert found[1] == "copper " * 21 + "copper…"


def test_a_product_with_variants_is_a_group_with_an_offer_each() -> None:
    hoodie = make_product(name="Hoodie", category="Clothing", source="erp", external_id="hoodie")
    small = make_variant(
        hoodie,
        options={"Size": "S", "Cut": "Wide"},
        price=Decimal("19.90"),
        sku="H-S",
        image="products/s.svg",
    )
    medium = make_variant(
        hoodie,
        options={"Size": "M", "Cut": "Wide"},
        price=Decimal("24.90"),
        stock=0,
        external_id="hoodie-m",
    )

    data = read_structured_data(fetch_page(f"/product/{hoodie.pk}"))

    assert (data["@type"], data["productGroupID"]) == ("ProductGroup", "hoodie")
    assert data["variesBy"] == ["https://schema.org/size"]
    assert "offers" not in data
    assert data["hasVariant"] == [
        {
            "@type": "Product",
            "sku": "H-S",
            "name": "Hoodie (S, Wide)",
            "size": "S",
            "url": f"http://testserver/product/{hoodie.pk}?variant={small.pk}",
            "image": "http://testserver/media/products/s.svg",
            "offers": {
                "@type": "Offer",
                "price": "19.90",
                "priceCurrency": "USD",
                "availability": "https://schema.org/InStock",
            },
        },
        {
            "@type": "Product",
            "sku": "hoodie-m",
            "name": "Hoodie (M, Wide)",
            "size": "M",
            "url": f"http://testserver/product/{hoodie.pk}?variant={medium.pk}",
            "offers": {
                "@type": "Offer",
                "price": "24.90",
                "priceCurrency": "USD",
                "availability": "https://schema.org/OutOfStock",
            },
        },
    ]


def test_a_category_page_has_its_number_of_products() -> None:
    make_product(category="Books & Paper")
    make_product(category="Books & Paper")

    html = fetch_page("/category/Books%20%26%20Paper?sort=price&page=2")

    assert "<title>Books &amp; Paper · Magpie</title>" in html
    assert 'content="Books &amp; Paper at Magpie: 2 products to look through."' in html
    assert '<link rel="canonical" href="http://testserver/category/Books%20%26%20Paper" />' in html


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/product/999999", 404),
        ("/product/kettle", 404),
        ("/category/Nothing", 404),
        ("/nothing/here", 404),
        ("/cart", 200),
        ("/search?q=tea", 200),
    ],
)
def test_personal_and_unknown_pages_are_not_indexed(path: str, status: int) -> None:
    html = fetch_page(path, status=status)

    assert '<meta name="robots" content="noindex" />' in html
    assert "canonical" not in html


def test_the_page_of_an_inactive_product_has_no_structured_data() -> None:
    product = make_product(name="Withdrawn kettle", is_active=False)

    assert "Withdrawn kettle" not in fetch_page(f"/product/{product.pk}", status=404)


def test_the_sitemap_leads_to_every_product_for_sale_and_every_category() -> None:
    shown = make_product(category="Books & Paper")
    hidden = make_product(category="Cellar", is_active=False)

    index = Client().get("/sitemap.xml").content.decode()
    pages = Client().get("/sitemap-pages.xml").content.decode()
    products = Client().get("/sitemap-products.xml").content.decode()

    assert "<loc>http://testserver/sitemap-pages.xml</loc>" in index
    assert "<loc>http://testserver/sitemap-products.xml</loc>" in index
    assert re.findall(r"<loc>http://testserver(.*?)</loc>", pages) == [
        "/",
        "/products",
        "/category/Books%20%26%20Paper",
    ]
    assert re.findall(r"<loc>http://testserver(.*?)</loc>", products) == [f"/product/{shown.pk}"]
    assert str(hidden.pk) not in re.findall(r"/product/(\d+)", products)


def test_no_port_that_a_client_chose_is_told_to_crawlers(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["shop.example"]
    make_product()

    texts = [
        Client().get(path, secure=True, headers={"host": "shop.example:8443"}).content.decode()
        for path in ("/sitemap.xml", "/sitemap-pages.xml", "/sitemap-products.xml", "/robots.txt")
    ]

    assert all("https://shop.example/" in text for text in texts)
    assert not any(":8443" in text for text in texts)


def test_robots_txt_names_the_sitemap_and_disallows_personal_pages() -> None:
    text = Client().get("/robots.txt").content.decode()

    assert "Disallow: /cart\n" in text
    assert "Disallow: /api" not in text
    assert text.endswith("Sitemap: http://testserver/sitemap.xml\n")


def test_a_category_and_its_products_say_where_they_lie() -> None:
    product = make_product(name="Zip", category="Clothing > Tops/Shirts > Hoodies")

    for address in (f"/product/{product.pk}", "/category/Clothing/Tops%252FShirts"):
        html = fetch_page(address)
        lists = [
            json.loads(text)
            for text in re.findall(
                r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL
            )
        ]
        [breadcrumbs] = [one for one in lists if one["@type"] == "BreadcrumbList"]
        items = [(one["name"], one["item"]) for one in breadcrumbs["itemListElement"]]
        assert items[:3] == [
            ("Magpie", "http://testserver/"),
            ("Clothing", "http://testserver/category/Clothing"),
            ("Tops/Shirts", "http://testserver/category/Clothing/Tops%252FShirts"),
        ]


ADDRESSES: list[list[str]] = json.loads(
    (project.BASE_DIR / "frontend/src/services/category-addresses.json").read_text(encoding="utf-8")
)
"""The storefront's test reads the same file."""


@pytest.mark.parametrize(("path", "address"), ADDRESSES)
def test_the_address_of_a_category_has_its_levels(path: str, address: str) -> None:
    make_product(category=path)

    assert build_category_path(path) == address
    assert find_category_path(unquote(address.removeprefix("/category/"))) == path
    canonical = f'<link rel="canonical" href="http://testserver{escape(address)}" />'
    assert canonical in fetch_page(address)
    # Addresses that search engines remember.
    assert canonical in fetch_page(f"/category/{quote(path, safe='')}")
