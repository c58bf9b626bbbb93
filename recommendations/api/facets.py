"""Facets in answers: the values by which products can be narrowed down, with their counts."""

from functools import partial
from time import monotonic
from typing import Any

from rest_framework import serializers

from recommendations.api.fields import MoneyField
from recommendations.category_paths import LEVEL_SEPARATOR, get_name, split_path
from recommendations.services.infra.computed_values import get_or_ask, get_or_compute, keep_fresh
from recommendations.services.infra.layered_cache import build_cache_key
from recommendations.services.infra.replica import read_from_replica
from recommendations.services.lists import ListContext
from recommendations.services.search.facets import get_facets
from recommendations.services.shop.attribute_facets import AttributeFacet, ValueCount
from recommendations.services.shop.catalogue import list_products
from recommendations.services.shop.category_counts import get_product_counts
from recommendations.services.shop.facets import CategoryCount, Facets, RatingCount
from recommendations.services.shop.price_bands import PriceBand
from recommendations.services.shop.product_filters import ProductFilter

CACHE_SECONDS = 90
STALE_SECONDS = 3600
"""For how long what was counted answers after that while it is counted anew."""
MANY_PRODUCTS = 2_000
"""The facets of a category with so many products, and those of the shop, are counted ahead: no
request counts them. Those of a smaller one take a request some milliseconds."""


class CategoryCountSerializer(serializers.Serializer[CategoryCount]):
    """A category, and how many products lie in it or below; `parent` is null at the top."""

    path = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    product_count = serializers.IntegerField()


class BrandSerializer(serializers.Serializer[ValueCount]):
    """A brand and the number of its products."""

    name = serializers.CharField()
    product_count = serializers.IntegerField()


class PriceBandSerializer(serializers.Serializer[PriceBand]):
    """Prices from `min` to `max`, both included, and the number of products; `max` may be null."""

    min = MoneyField(source="lowest")
    max = MoneyField(allow_null=True, source="highest")
    product_count = serializers.IntegerField()


class PriceFacetSerializer(serializers.Serializer[Facets]):
    """The lowest and the highest price, null without products; and bands between round prices."""

    min = MoneyField(allow_null=True, source="lowest_price")
    max = MoneyField(allow_null=True, source="highest_price")
    bands = PriceBandSerializer(many=True, source="price_bands")


class RatingCountSerializer(serializers.Serializer[RatingCount]):
    """The number of products that are rated `min_rating` on average, or better."""

    min_rating = serializers.IntegerField()
    product_count = serializers.IntegerField()


class AttributeValueSerializer(serializers.Serializer[ValueCount]):
    """A value of an attribute and the number of products that have it."""

    value = serializers.CharField(source="name")
    product_count = serializers.IntegerField()


class AttributeFacetSerializer(serializers.Serializer[AttributeFacet]):
    """An attribute that divides the products, and its values."""

    name = serializers.CharField()
    values = AttributeValueSerializer(many=True)


class FacetsSerializer(serializers.Serializer[Facets]):
    """The values that products can be filtered by; `product_count` matches all that is chosen.

    The counts of a facet ignore what is chosen in it.
    """

    product_count = serializers.IntegerField()
    categories = CategoryCountSerializer(many=True)
    brands = BrandSerializer(many=True)
    price = PriceFacetSerializer(source="*")
    in_stock_count = serializers.IntegerField()
    ratings = RatingCountSerializer(many=True)
    attributes = AttributeFacetSerializer(many=True)


def render_facets(
    *,
    text: str | None,
    as_typed: bool,
    category: str | None,
    chosen: ProductFilter,
    context: ListContext,
) -> Any:
    """Return the facets as an answer.

    Of a whole category, or of all products, they are those that were counted last: every visit of
    its page begins with them. Until those of many products are counted for the first time, the
    answer has their categories alone.
    """
    if text is not None or chosen != ProductFilter():
        return _count(text, as_typed, category, chosen, context)
    is_large = category is None or _count_products(category) >= MANY_PRODUCTS
    stored = (get_or_ask if is_large else get_or_compute)(
        build_facets_key(category),
        partial(_count_whole, category),
        is_valid=lambda stored: isinstance(stored, dict),
        seconds=CACHE_SECONDS,
        stale_seconds=STALE_SECONDS,
    )
    return _list_categories_alone(category) if stored is None else stored


def keep_facets_fresh(*, within_seconds: float = float("inf")) -> None:
    """Count the facets of the shop and of its large categories, where that is due.

    The worker calls this every minute. Begins with no other category after so many seconds: those
    that are left are due next time.
    """
    deadline = monotonic() + within_seconds
    counts = get_product_counts()
    large = sorted(
        (path for path, count in counts.items() if count >= MANY_PRODUCTS),
        key=lambda path: -counts[path],
    )
    for category in (None, *large):
        if monotonic() > deadline:
            return
        keep_fresh(
            build_facets_key(category),
            partial(_count_whole, category),
            seconds=CACHE_SECONDS,
            stale_seconds=STALE_SECONDS,
        )


def build_facets_key(category: str | None) -> str:
    """Return the key of the cached facets of a category; None is the whole shop."""
    return build_cache_key("facets", category)


def _count_whole(category: str | None) -> dict[str, Any]:
    return read_from_replica(
        partial(_count, None, False, category, ProductFilter(), ListContext(None))
    )


def _count_products(category: str) -> int:
    return get_product_counts().get(category, 0)


def _list_categories_alone(category: str | None) -> dict[str, Any]:
    """Return facets that say what is known at once; all products count as in stock."""
    counts = get_product_counts()
    below = [path for path in counts if path.rpartition(LEVEL_SEPARATOR)[0] == (category or "")]
    product_count = list_products(category=category).count()
    found = Facets(
        product_count=product_count,
        categories=[
            CategoryCount(path, get_name(path), category, counts[path])
            for path in sorted(below, key=split_path)
        ],
        brands=[],
        lowest_price=None,
        highest_price=None,
        price_bands=[],
        in_stock_count=product_count,
        ratings=[],
        attributes=[],
    )
    return dict(FacetsSerializer(found).data)


def _count(
    text: str | None,
    as_typed: bool,
    category: str | None,
    chosen: ProductFilter,
    context: ListContext,
) -> dict[str, Any]:
    found = get_facets(
        text=text, as_typed=as_typed, category=category, chosen=chosen, context=context
    )
    return dict(FacetsSerializer(found).data)
