"""Ranked lists with the products in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from recommendations.choices import Source
from recommendations.engine.result import RankedList, RankedProduct
from recommendations.services.shop.product_rows import ProductCard


class Recommendation(NamedTuple):
    """One entry of a list: how it ranks, and the product as the database has it now.

    `reason_product_name` names the product that the reason points at, empty when it points at
    none.
    """

    ranked: RankedProduct
    product: ProductCard
    reason_product_name: str = ""


# Compared by identity, so that what is made of a list can be kept beside it.
@dataclass(frozen=True, slots=True, eq=False)
class RecommendationList:
    """Products to show, best first, each once; `source` is that of the first.

    `personalized` says whether the subject's history shaped it; `model_version` is None where no
    model did.
    """

    entries: tuple[Recommendation, ...]
    source: Source
    personalized: bool
    model_version: str | None


def attach_products(
    ranked: RankedList,
    products: Mapping[int, ProductCard],
    names: Mapping[int, str],
    *,
    personalized: bool,
) -> RecommendationList:
    """Return the list with its products; `names` has those that reasons point at."""
    return RecommendationList(
        entries=tuple(
            Recommendation(
                ranked=entry,
                product=products[entry.product_id],
                reason_product_name=names.get(entry.reason.product_id or 0, ""),
            )
            for entry in ranked.entries
        ),
        source=ranked.source,
        personalized=personalized,
        model_version=ranked.model_version,
    )
