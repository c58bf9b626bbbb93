"""The words of a reason: every code that says why a product is in a list, and its sentence."""

from enum import StrEnum
from typing import Self


class ReasonCode(StrEnum):
    """Why a product is in a list. `text` is the reason in English, as the API gives it."""

    text: str

    VIEWED = "viewed", "Because you viewed {product}"
    LIKED = "liked", "Because you liked {product}"
    IN_CART = "in_cart", "Goes with {product} in your cart"
    PUT_IN_CART = "put_in_cart", "Because you put {product} in your cart"
    PURCHASED = "purchased", "Because you bought {product}"
    OWN_CATEGORY = "own_category", "Because of your interest in {category}"
    SEVERAL_PRODUCTS = "several_products", "Because of several products that you know"
    BOUGHT_TOGETHER = "bought_together", "Often bought with {product}"
    SIMILAR = "similar", "Similar to {product}"
    LOOKS_LIKE = "looks_like", "Looks like {product}"
    VIEWED_TOGETHER = "viewed_together", "Often looked at with {product}"
    ALSO_CHOSEN = "also_chosen", "Chosen by others who chose {product}"
    TRENDING_IN_CATEGORY = "trending_in_category", "Trending in {category}"
    TRENDING = "trending", "Trending now"
    POPULAR_IN_CATEGORY = "popular_in_category", "Popular in {category}"
    POPULAR = "popular", "Popular in the shop"
    NEW = "new", "New in the shop"
    LITTLE_KNOWN = "little_known", "New here, or known to few yet"
    PINNED = "pinned", "Picked by the shop"
    BOUGHT_BEFORE = "bought_before", "You bought it before: buy it again"

    def __new__(cls, value: str, text: str = "") -> Self:
        """Return the member with this value and text."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.text = text
        return member
