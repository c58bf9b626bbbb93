"""Facets: by which values a set of products can be narrowed down, and how many products have each.

The counts of a facet ignore what is chosen in that facet itself, so that they say what another
value would add.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, FloatField, Min, Q, QuerySet
from django.db.models.functions import Cast

from recommendations.category_paths import get_name, split_path
from recommendations.models import Product, ProductCategory, UserBehavior
from recommendations.money import format_amount
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.shop.attribute_facets import (
    AttributeFacet,
    ValueCount,
    choose_attributes,
    choose_values,
)
from recommendations.services.shop.price_bands import PriceBand, cut_into_bands
from recommendations.services.shop.product_filters import (
    BRAND,
    CATEGORY,
    PRICE,
    RATING,
    STOCK,
    ProductFilter,
    build_conditions,
    match_products,
)

MAX_BRANDS = 100
RATING_STEPS = (4, 3, 2)


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category and how many products lie in it or below; `parent` is None at the top."""

    path: str
    name: str
    parent: str | None
    product_count: int


@dataclass(frozen=True, slots=True)
class RatingCount:
    """The number of products whose ratings are `min_rating` on average, or more."""

    min_rating: int
    product_count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The values by which products can be narrowed down; the prices are None without products.

    `product_count` counts the products that match everything that is chosen.
    """

    product_count: int
    categories: list[CategoryCount]
    brands: list[ValueCount]
    lowest_price: Decimal | None
    highest_price: Decimal | None
    price_bands: list[PriceBand]
    in_stock_count: int
    ratings: list[RatingCount]
    attributes: list[AttributeFacet]


def compute_facets(
    *, products: QuerySet[Product], within: str | None = None, chosen: ProductFilter
) -> Facets:
    """Return the facets of these products, all of which lie in the category `within`.

    Takes seven queries, and for chosen attribute values one more and two for each attribute. The
    categories are those directly below `within`, and those directly below every category that is
    chosen or leads to a chosen one.
    """
    products = products.order_by()
    conditions = build_conditions(chosen)
    prices = _count_prices(match_products(products, conditions, ignored=PRICE))
    stock = match_products(products, conditions, ignored=STOCK).aggregate(
        matching=Count("pk", filter=conditions.get(STOCK, Q())),
        in_stock=Count("pk", filter=Q(stock__gt=0)),
    )
    return Facets(
        product_count=stock["matching"],
        categories=_count_categories(
            match_products(products, conditions, ignored=CATEGORY), within, chosen.categories
        ),
        brands=_count_brands(match_products(products, conditions, ignored=BRAND), chosen.brands),
        lowest_price=_read_amount(min(prices, default=None)),
        highest_price=_read_amount(max(prices, default=None)),
        price_bands=cut_into_bands(prices),
        in_stock_count=stock["in_stock"],
        ratings=_count_ratings(match_products(products, conditions, ignored=RATING)),
        attributes=choose_attributes(products, conditions, chosen, stock["matching"]),
    )


def _count_prices(products: QuerySet[Product]) -> dict[float, int]:
    """Return the number of products by price; floats, because there may be many thousands."""
    amounts = products.values("price").annotate(amount=Min(Cast("price", FloatField())))
    return dict(amounts.annotate(product_count=Count("pk")).values_list("amount", "product_count"))


def _read_amount(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(format_amount(amount))


def _count_brands(products: QuerySet[Product], chosen: Sequence[str]) -> list[ValueCount]:
    rows = products.exclude(brand="").values_list("brand").annotate(product_count=Count("pk"))
    return choose_values(dict(rows), chosen, MAX_BRANDS)


def _count_categories(
    products: QuerySet[Product], within: str | None, chosen: Sequence[str]
) -> list[CategoryCount]:
    opened = {level for path in chosen for level in split_path(path)}
    if within is not None:
        opened = {path for path in opened if within in split_path(path)} | {within}
    below = Q(category__parent__path__in=opened)
    if within is None:
        below |= Q(category__parent=None)
    rows = (
        ProductCategory.objects.filter(below, product__in=products)
        .order_by("category__path")
        .values_list("category__path", "category__parent__path")
        .annotate(product_count=Count("pk"))
    )
    found = [CategoryCount(path, get_name(path), parent, count) for path, parent, count in rows]
    return sorted(found, key=lambda one: split_path(one.path))


def _count_ratings(products: QuerySet[Product]) -> list[RatingCount]:
    """Return the steps that some product reaches; none if the log cannot be read."""
    counts: dict[str, Any] = {}
    rated = UserBehavior.objects.filter(rating__isnull=False, product__in=products).order_by()
    with ignore_database_errors("ratings"):
        counts = (
            rated.values("product_id")
            .annotate(average=Avg("rating"))
            .aggregate(
                **{
                    str(step): Count("product_id", filter=Q(average__gte=step))
                    for step in RATING_STEPS
                }
            )
        )
    return [RatingCount(step, counts[str(step)]) for step in RATING_STEPS if counts.get(str(step))]
