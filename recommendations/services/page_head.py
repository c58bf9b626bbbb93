"""What search engines and link previews read of a storefront page before any script runs."""

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from recommendations.conf import configuration
from recommendations.errors import NotFoundError
from recommendations.models import Product
from recommendations.services import catalogue

SHOP_NAME = "Magpie"
DESCRIPTION = "A shop that learns what you like from what you look at."
DESCRIPTION_LENGTH = 160

# JSON may hold these signs; inside a script element they could end it or open a comment.
_OUTSIDE_SCRIPT = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class PageHead:
    """Title, description, address and structured data of one page.

    `canonical` is a path; None for a page that search engines should not keep, because it is
    personal or has no end. `image` is a path or an address. `product` is schema.org data.
    """

    title: str
    description: str = DESCRIPTION
    canonical: str | None = None
    image: str | None = None
    product: dict[str, Any] | None = None


def head_of(path: str) -> PageHead:
    """Describe the page at a path of the storefront, with two queries at most."""
    if match := re.fullmatch(r"/product/(\d{1,15})/?", path):
        return _product_head(int(match[1]))
    if match := re.fullmatch(r"/category/([^/]+)/?", path):
        return _category_head(unquote(match[1]))
    if path.rstrip("/") == "/products":
        return PageHead(_titled("Everything"), canonical="/products")
    return PageHead(SHOP_NAME, canonical="/" if path == "/" else None)


def category_path(name: str) -> str:
    """Return the path of a category's page."""
    return f"/category/{quote(name, safe='')}"


def product_path(product_id: int) -> str:
    """Return the path of a product's page."""
    return f"/product/{product_id}"


def render(head: PageHead, *, origin: str) -> SafeString:
    """Write the elements for `<head>`; `origin` is scheme and host without a slash at the end."""

    def absolute(address: str) -> str:
        return address if "://" in address else origin + address

    properties = {
        "og:site_name": SHOP_NAME,
        "og:type": "product" if head.product else "website",
        "og:title": head.title,
        "og:description": head.description,
    }
    if head.canonical is not None:
        properties["og:url"] = absolute(head.canonical)
    if head.image is not None:
        properties["og:image"] = absolute(head.image)
    elements = [
        format_html("<title>{}</title>", head.title),
        format_html('<meta name="description" content="{}" />', head.description),
        format_html('<link rel="canonical" href="{}" />', absolute(head.canonical))
        if head.canonical is not None
        else format_html('<meta name="robots" content="{}" />', "noindex"),
        *(
            format_html('<meta property="{}" content="{}" />', name, content)
            for name, content in properties.items()
        ),
    ]
    if head.product is not None:
        data = head.product | {
            "@context": "https://schema.org",
            "url": absolute(head.canonical or ""),
            **({"image": absolute(head.image)} if head.image is not None else {}),
        }
        text = json.dumps(data, ensure_ascii=False, sort_keys=True).translate(_OUTSIDE_SCRIPT)
        elements.append(
            # Every sign that could end the element was replaced just above.
            mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308
        )
    return mark_safe("\n    ".join(elements))  # noqa: S308 - each part was escaped above


def _product_head(product_id: int) -> PageHead:
    try:
        product = catalogue.active_product(product_id)
    except NotFoundError:
        return PageHead(SHOP_NAME)
    return PageHead(
        title=_titled(product.name),
        description=_shortened(product.description) or DESCRIPTION,
        canonical=product_path(product.pk),
        image=product.image.url if product.image else None,
        product=_structured(product),
    )


def _structured(product: Product) -> dict[str, Any]:
    """Return the product as schema.org describes it; without ratings where nobody has rated it."""
    rating = catalogue.rating_of(product.pk)
    data: dict[str, Any] = {
        "@type": "Product",
        "sku": str(product.pk),
        "name": product.name,
        "description": product.description,
        "category": product.category,
        "offers": {
            "@type": "Offer",
            "price": f"{product.price:.2f}",
            "priceCurrency": configuration().currency,
            "availability": "https://schema.org/"
            + ("InStock" if product.in_stock else "OutOfStock"),
        },
    }
    if product.brand:
        data["brand"] = {"@type": "Brand", "name": product.brand}
    if rating.average is not None:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(rating.average, 1),
            "ratingCount": rating.count,
        }
    return data


def _category_head(name: str) -> PageHead:
    count = catalogue.list_products(category=name).count()
    if count == 0:
        return PageHead(SHOP_NAME)
    products = "1 product" if count == 1 else f"{count} products"
    return PageHead(
        title=_titled(name),
        description=f"{name} at {SHOP_NAME}: {products} to look through.",
        canonical=category_path(name),
    )


def _titled(page: str) -> str:
    return f"{page} · {SHOP_NAME}"


def _shortened(text: str) -> str:
    """Return the text in one line, cut between words where search engines would cut it."""
    line = " ".join(text.split())
    if len(line) <= DESCRIPTION_LENGTH:
        return line
    return line[: DESCRIPTION_LENGTH - 1].rsplit(" ", 1)[0] + "…"
