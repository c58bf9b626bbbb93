"""Facets in answers: the values by which products can be narrowed down, with their counts."""

from functools import partial
from typing import Any

from rest_framework import serializers

from recommendations.api.fields import MoneyField
from recommendations.services.infra.layered_cache import build_cache_key, get_or_compute, keep_fresh
from recommendations.services.lists import ListContext
from recommendations.services.search.facets import get_facets
from recommendations.services.shop.attribute_facets import AttributeFacet, ValueCount
from recommendations.services.shop.facets import CategoryCount, Facets, RatingCount
from recommendations.services.shop.price_bands import PriceBand
from recommendations.services.shop.product_filters import ProductFilter

CACHE_SECONDS = 90
STALE_SECONDS = 3600
"""For how long what was counted answers after that while it is counted anew."""


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
    its page begins with them.
    """
    if text is not None or chosen != ProductFilter():
        return _count(text, as_typed, category, chosen, context)
    return get_or_compute(
        build_facets_key(category),
        lambda: _count(None, False, category, chosen, context),
        is_valid=lambda stored: isinstance(stored, dict),
        seconds=CACHE_SECONDS,
        stale_seconds=STALE_SECONDS,
    )


def keep_facets_fresh() -> None:
    """Count the facets of all products if that is due; the worker calls this every minute."""
    count = partial(_count, None, False, None, ProductFilter(), ListContext(None))
    keep_fresh(build_facets_key(None), count, seconds=CACHE_SECONDS, stale_seconds=STALE_SECONDS)


def build_facets_key(category: str | None) -> str:
    """Return the key of the cached facets of a category; None is the whole shop."""
    return build_cache_key("facets", category)


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
