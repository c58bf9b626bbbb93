"""What a list is answered with, put together by hand: every page waits for it.

Serializers take eight milliseconds for ten entries, this a tenth of one. The shapes are those of
`list_serializers` and of `ProductCardSerializer`; a test holds them to each other.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from recommendations.choices import Placement
from recommendations.conf import configuration
from recommendations.engine.result import ReasonCode
from recommendations.money import format_amount
from recommendations.services.lists.result import Recommendation, RecommendationList
from recommendations.services.lists.served_log import log_served_list
from recommendations.services.people.subjects import Subject
from recommendations.services.shop import pictures
from recommendations.services.shop.product_rows import ProductCard

WORDING = {
    ReasonCode.VIEWED: "Because you viewed {product}",
    ReasonCode.LIKED: "Because you liked {product}",
    ReasonCode.IN_CART: "Goes with {product} in your cart",
    ReasonCode.PURCHASED: "Because you bought {product}",
    ReasonCode.BOUGHT_TOGETHER: "Often bought with {product}",
    ReasonCode.SIMILAR: "Similar to {product}",
    ReasonCode.TRENDING_IN_CATEGORY: "Trending in {category}",
    ReasonCode.TRENDING: "Trending now",
    ReasonCode.POPULAR_IN_CATEGORY: "Popular in {category}",
    ReasonCode.POPULAR: "Popular in the shop",
    ReasonCode.NEW: "New in the shop",
    ReasonCode.PINNED: "Picked by the shop",
}
LISTS_AT_HAND = 1_000
ADDRESSES_AT_HAND = 20_000


def render_list(
    found: RecommendationList, subject: Subject | None, placement: Placement, name: str
) -> dict[str, Any]:
    """Note that a list is shown and return it with the id that interactions with it carry."""
    list_id = log_served_list(subject=subject, placement=placement, name=name, found=found)
    return {
        "list_id": str(list_id),
        "recommendations": _entries(found),
        "count": len(found.entries),
        "source": found.source.value,
        "personalized": found.personalized,
        "model_version": found.model_version,
    }


# A kept list is the same object as long as nothing in it changed.
@lru_cache(maxsize=LISTS_AT_HAND)
def _entries(found: RecommendationList) -> Sequence[dict[str, Any]]:
    return [_entry(entry) for entry in found.entries]


def _entry(entry: Recommendation) -> dict[str, Any]:
    ranked, product = entry.ranked, entry.product
    return {
        "product_id": ranked.product_id,
        "product_name": product.name,
        "category": product.category,
        "price": float(product.price),
        "confidence_score": ranked.confidence_score,
        "cf_score": ranked.cf_score,
        "mf_score": ranked.mf_score,
        "source": ranked.source,
        "reason": _reason(entry),
        "product": _card(product),
    }


def _reason(entry: Recommendation) -> dict[str, Any]:
    reason, name = entry.ranked.reason, entry.reason_product_name
    return {
        "code": reason.code,
        "text": WORDING[reason.code].format(
            product=name or "this product", category=reason.category
        ),
        "product": {"id": reason.product_id, "name": name} if name else None,
        "category": reason.category,
        "count": reason.count,
    }


def _card(product: ProductCard) -> dict[str, Any]:
    image, image_srcset = _addresses(product.image)
    return {
        "id": product.pk,
        "name": product.name,
        "category": product.category,
        "brand": product.brand,
        "price": format_amount(product.price),
        "currency": configuration().currency,
        "image": image,
        "image_srcset": image_srcset,
        "in_stock": product.in_stock,
        "created_at": product.created_at.isoformat().replace("+00:00", "Z"),
    }


# Quoting and joining the addresses would take longer than all the rest of an entry.
_addresses = lru_cache(maxsize=ADDRESSES_AT_HAND)(pictures.get_urls)
