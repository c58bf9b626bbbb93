"""Answers with lists, built without serializers because every page waits for them.

For ten products, serializers take eight milliseconds and this module a tenth of a millisecond. The
shapes are those of `list_serializers` and `ProductCardSerializer`; a test compares them.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from recommendations.category_paths import get_name
from recommendations.choices import Placement
from recommendations.conf import configuration
from recommendations.engine.candidates import Reason
from recommendations.models.prices import get_struck_price
from recommendations.money import format_amount
from recommendations.services.lists.list_request import ListRequest
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.served_log import log_served_list
from recommendations.services.people.subjects import Subject
from recommendations.services.shop import pictures
from recommendations.services.shop.product_rows import NamedProduct, ProductCard

RENDERED_LISTS_CACHE_SIZE = 1_000
IMAGE_URLS_CACHE_SIZE = 20_000
UNNAMED = NamedProduct("", "")


def render_list(
    found: RecommendationList,
    subject: Subject | None,
    placement: Placement,
    name: str,
    request: ListRequest,
) -> dict[str, Any]:
    """Log a served list; return the answer, with the id that its interactions must carry."""
    list_id = log_served_list(
        subject=subject, placement=placement, name=name, found=found, request=request
    )
    return {"list_id": str(list_id), **render_unlogged_list(found)}


def render_unlogged_list(found: RecommendationList) -> dict[str, Any]:
    """Return the answer of a list that no log knows, without an id."""
    return {
        "recommendations": _render_entries(found),
        "count": len(found.entries),
        "source": found.source.value,
        "personalized": found.personalized,
        "model_version": found.model_version,
    }


def render_card(product: ProductCard) -> dict[str, Any]:
    """Return a product in the form that all lists use."""
    image, image_srcset = _get_image_urls(product.image)
    struck_price = get_struck_price(product.price, product.regular_price)
    return {
        "id": product.pk,
        "external_id": product.external_id or None,
        "name": product.name,
        "category": product.category,
        "brand": product.brand,
        "price": format_amount(product.price),
        "regular_price": None if struck_price is None else format_amount(struck_price),
        "has_variants": product.has_variants,
        "has_several_prices": product.has_several_prices,
        "currency": configuration().currency,
        "image": image,
        "image_srcset": image_srcset,
        "in_stock": product.in_stock,
        "created_at": product.created_at.isoformat().replace("+00:00", "Z"),
    }


# A list that has not changed is the same object on the next request, so its rendering is reused.
@lru_cache(maxsize=RENDERED_LISTS_CACHE_SIZE)
def _render_entries(found: RecommendationList) -> Sequence[dict[str, Any]]:
    return [
        {
            "product_id": entry.product_id,
            "external_id": found.products[entry.product_id].external_id or None,
            "product_name": found.products[entry.product_id].name,
            "category": found.products[entry.product_id].category,
            "price": float(found.products[entry.product_id].price),
            "confidence_score": entry.confidence_score,
            "cf_score": entry.cf_score,
            "mf_score": entry.mf_score,
            "source": entry.source,
            "reason": _render_reason(entry.reason, found.reason_names),
            "product": render_card(found.products[entry.product_id]),
        }
        for entry in found.entries
    ]


def _render_reason(reason: Reason, names: Mapping[int, NamedProduct]) -> dict[str, Any]:
    name, external_id = names.get(reason.product_id or 0, UNNAMED)
    category = get_name(reason.category or "")
    return {
        "code": reason.code,
        "text": reason.code.text.format(product=name or "this product", category=category),
        "product": {"id": reason.product_id, "external_id": external_id or None, "name": name}
        if name
        else None,
        "category": reason.category,
        "count": reason.count,
    }


# Without this cache, most of the time for an entry would go into its picture's URLs.
_get_image_urls = lru_cache(maxsize=IMAGE_URLS_CACHE_SIZE)(pictures.get_urls)
