"""What the engine makes: a ranked list whose every entry says where it came from and why."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from recommendations.choices import Source


class ReasonCode(StrEnum):
    """Kinds of evidence behind a recommendation. The storefront words them in its languages."""

    VIEWED = "viewed"
    LIKED = "liked"
    IN_CART = "in_cart"
    PURCHASED = "purchased"
    BOUGHT_TOGETHER = "bought_together"
    SIMILAR = "similar"
    TRENDING_IN_CATEGORY = "trending_in_category"
    TRENDING = "trending"
    POPULAR_IN_CATEGORY = "popular_in_category"
    POPULAR = "popular"
    NEW = "new"
    PINNED = "pinned"


class Reason(NamedTuple):
    """Why a product is in a list; true by construction.

    `product_id` is in the history, or is the product that the list is about; `count` shoppers
    bought both it and the recommended one.
    """

    code: ReasonCode
    product_id: int | None = None
    category: str | None = None
    count: int | None = None  # type: ignore[assignment]


class RankedProduct(NamedTuple):
    """One entry of a list.

    `confidence_score` is in [0, 1] and falls with rank; `cf_score` and `mf_score` are what
    collaborative filtering and matrix factorization added to the blended score before it was
    mapped to confidence (0 where that model had no part in it).
    """

    product_id: int
    confidence_score: float
    source: Source
    reason: Reason
    cf_score: float = 0.0
    mf_score: float = 0.0


@dataclass(frozen=True, slots=True)
class RankedList:
    """Products best first, each once; `source` is that of the first which nobody pinned."""

    entries: tuple[RankedProduct, ...] = field(default=())
    source: Source = Source.NEWEST
    model_version: str | None = None
