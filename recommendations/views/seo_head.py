"""The head of a storefront page, for search engines and link previews."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from recommendations.category_paths import get_name, split_path
from recommendations.conf import configuration
from recommendations.models import Product, Variant
from recommendations.models.order import join_names
from recommendations.money import format_amount
from recommendations.services.shop.catalogue import Rating
from recommendations.services.shop.variants import list_options
from recommendations.views.category_addresses import build_category_path
from recommendations.views.words import get_words

DESCRIPTION_LENGTH = 160

VARYING = {
    "size": "size",
    "größe": "size",
    "colour": "color",
    "color": "color",
    "farbe": "color",
    "material": "material",
    "pattern": "pattern",
    "muster": "pattern",
}
"""What search engines know of the names of options."""

# In a script element, these characters of a JSON text could end the element or open a comment.
_SCRIPT_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True, slots=True)
class PageHead:
    """Title, description, canonical address, image and structured data of one page.

    An empty `description` stands for the shop's description. `canonical` is a path, or None for a
    page that search engines must not index: a personal page, or one that does not exist. `image` is
    a path or a URL. `product` is schema.org data. `breadcrumbs` are the names and paths of the
    pages that lead to this one, itself the last.
    """

    title: str
    description: str = ""
    canonical: str | None = None
    image: str | None = None
    product: dict[str, Any] | None = None
    breadcrumbs: Sequence[tuple[str, str]] = ()


def describe_home() -> PageHead:
    """Return the head of the home page."""
    return PageHead(configuration().shop_name, canonical="/")


def describe_all_products() -> PageHead:
    """Return the head of the page of all products."""
    return PageHead(_format_title(get_words().everything), canonical="/products")


def describe_unlisted() -> PageHead:
    """Return the head of a page that search engines must not index."""
    return PageHead(configuration().shop_name)


def describe_product(product: Product, rating: Rating) -> PageHead:
    """Return the head of a product's page."""
    return PageHead(
        title=_format_title(product.name),
        description=_truncate(product.description),
        canonical=build_product_path(product.pk),
        image=product.image.url if product.image else None,
        product=_build_structured_data(product, rating),
        breadcrumbs=[
            *_list_breadcrumbs(product.category),
            (product.name, build_product_path(product.pk)),
        ],
    )


def describe_category(path: str, count: int) -> PageHead:
    """Return the head of the page of a category with `count` products."""
    name = get_name(path)
    return PageHead(
        title=_format_title(name),
        description=get_words().category_description.format(
            category=name,
            shop=configuration().shop_name,
            products=get_words().count_products(count),
        ),
        canonical=build_category_path(path),
        breadcrumbs=_list_breadcrumbs(path),
    )


def build_product_path(product_id: int) -> str:
    """Return the path of a product's page."""
    return f"/product/{product_id}"


def render(head: PageHead, *, origin: str) -> SafeString:
    """Return the elements of `<head>`; `origin` is scheme and host, without a final slash."""

    def absolute(address: str) -> str:
        return address if "://" in address else origin + address

    description = head.description or get_words().shop_description
    properties = {
        "og:site_name": configuration().shop_name,
        "og:type": "product" if head.product else "website",
        "og:title": head.title,
        "og:description": description,
    }
    if head.canonical is not None:
        properties["og:url"] = absolute(head.canonical)
    if head.image is not None:
        properties["og:image"] = absolute(head.image)
    elements = [
        format_html("<title>{}</title>", head.title),
        format_html('<meta name="description" content="{}" />', description),
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
        for variant in data.get("hasVariant", []):
            variant |= {
                name: absolute(variant[name]) for name in ("url", "image") if name in variant
            }
        elements.append(_render_json_ld(data))
    if head.breadcrumbs:
        elements.append(_render_json_ld(_build_breadcrumb_list(head.breadcrumbs, origin)))
    return mark_safe("\n    ".join(elements))  # noqa: S308 - each part is escaped


def _render_json_ld(data: dict[str, Any]) -> SafeString:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True).translate(_SCRIPT_ESCAPES)
    # `translate` has escaped every character that could end the element.
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308


def _build_structured_data(product: Product, rating: Rating) -> dict[str, Any]:
    """Return the schema.org data of a product, with its rating if it has one."""
    data: dict[str, Any] = {
        "@type": "Product",
        "sku": product.sku or product.external_id or str(product.pk),
        "productID": product.external_id or str(product.pk),
        "name": product.name,
        "description": product.description,
        "category": product.category,
    }
    if product.variants_for_sale:
        data |= _build_group(product)
    else:
        data["offers"] = _build_offer(product)
    if product.brand:
        data["brand"] = {"@type": "Brand", "name": product.brand}
    if rating.average is not None:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": round(rating.average, 1),
            "ratingCount": rating.count,
        }
    return data


def _list_breadcrumbs(category: str) -> list[tuple[str, str]]:
    return [
        (configuration().shop_name, "/"),
        *((get_name(level), build_category_path(level)) for level in split_path(category)),
    ]


def _build_breadcrumb_list(breadcrumbs: Sequence[tuple[str, str]], origin: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": origin + path}
            for position, (name, path) in enumerate(breadcrumbs, start=1)
        ],
    }


def _build_group(product: Product) -> dict[str, Any]:
    """Return what makes the product a group of variants, each with its own offer."""
    names = {name: VARYING.get(name.casefold()) for name in list_options(product.variants_for_sale)}
    return {
        "@type": "ProductGroup",
        "productGroupID": product.external_id or str(product.pk),
        "variesBy": [f"https://schema.org/{known}" for known in names.values() if known],
        "hasVariant": [
            {
                "@type": "Product",
                "sku": variant.sku or variant.external_id or str(variant.pk),
                "name": join_names(product.name, variant.title),
                "url": f"{build_product_path(product.pk)}?variant={variant.pk}",
                **({"image": variant.image.url} if variant.image else {}),
                **{
                    known: str(variant.options[name])
                    for name, known in names.items()
                    if known and name in variant.options
                },
                "offers": _build_offer(variant),
            }
            for variant in product.variants_for_sale
        ],
    }


def _build_offer(sold: Product | Variant) -> dict[str, Any]:
    return {
        "@type": "Offer",
        "price": format_amount(sold.price),
        "priceCurrency": configuration().currency,
        "availability": "https://schema.org/" + ("InStock" if sold.stock > 0 else "OutOfStock"),
    }


def _format_title(page: str) -> str:
    return f"{page} · {configuration().shop_name}"


def _truncate(text: str) -> str:
    """Return the text in one line, cut between words at `DESCRIPTION_LENGTH` characters."""
    line = " ".join(text.split())
    if len(line) <= DESCRIPTION_LENGTH:
        return line
    return line[: DESCRIPTION_LENGTH - 1].rsplit(" ", 1)[0] + "…"
