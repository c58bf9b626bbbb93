"""The catalogue as shoppers see it: active products only."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, F, OuterRef, QuerySet, Subquery, Sum

from recommendations.category_paths import LEVEL_SEPARATOR, sort_paths
from recommendations.errors import NotFoundError
from recommendations.models import Product, UserBehavior
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.shop.category_counts import clear_product_counts, get_product_counts
from recommendations.services.shop.product_filters import (
    ProductFilter,
    build_conditions,
    match_products,
)

ORDERINGS: dict[str, tuple[Any, ...]] = {
    "-created_at": ("-created_at", "-id"),
    "price": ("price", "id"),
    "-price": ("-price", "id"),
    "name": ("name", "id"),
    "-rating": (F("damped_rating").desc(nulls_last=True), "-created_at", "-id"),
}
PRIOR_RATING, PRIOR_RATINGS = 3.5, 5
NOTHING_CHOSEN = ProductFilter()


@dataclass(frozen=True, slots=True)
class Rating:
    """The ratings of a product; `average` is None if there is none."""

    average: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Category:
    """A category, with the number of its products at this level and below.

    `parent` is the path of the level above, None at the top; `child_count` counts the categories
    directly below that have products.
    """

    path: str
    name: str
    parent: str | None
    depth: int
    product_count: int
    child_count: int


def list_products(
    *,
    category: str | None = None,
    chosen: ProductFilter = NOTHING_CHOSEN,
    source: str = "",
    external_id: str | None = None,
) -> QuerySet[Product]:
    """Return the active products in a category that match the filter, newest first.

    `category` is the path of a category at any level; the products below it are among them.
    """
    products = Product.objects.filter(is_active=True)
    if category is not None:
        products = products.filter(category_rows__category__path=category)
    if external_id is not None:
        products = products.filter(source=source, external_id=external_id)
    return match_products(products, build_conditions(chosen))


def sort_products(products: QuerySet[Product], ordering: str) -> QuerySet[Product]:
    """Return the products in one of ORDERINGS.

    By rating, the average counts with `PRIOR_RATINGS` ratings of `PRIOR_RATING` besides, so that
    many good ratings stand before a single best one; products without a rating stand last.
    """
    if ordering == "-rating":
        ratings = UserBehavior.objects.filter(product=OuterRef("pk"), rating__isnull=False)
        damped = (Sum("rating") + PRIOR_RATINGS * PRIOR_RATING) / (Count("rating") + PRIOR_RATINGS)
        products = products.annotate(
            damped_rating=Subquery(
                ratings.order_by().values("product_id").annotate(damped=damped).values("damped")
            )
        )
    return products.order_by(*ORDERINGS[ordering])


def get_active_product(product_id: int) -> Product:
    """Return the product; raises NotFoundError if it is missing or not for sale."""
    product = Product.objects.filter(pk=product_id, is_active=True).first()
    if product is None:
        raise NotFoundError(f"There is no product {product_id} for sale.")
    return product


def get_rating(product_id: int) -> Rating:
    """Return the average and number of the ratings in the log of interactions.

    If the log cannot be read, there are none: the product can be sold without them.
    """
    found: dict[str, Any] = {"average": None, "count": 0}
    with ignore_database_errors("ratings"):
        found = UserBehavior.objects.filter(product_id=product_id, rating__isnull=False).aggregate(
            average=Avg("rating"), count=Count("rating")
        )
    return Rating(average=found["average"], count=found["count"])


def list_categories(*, parent: str | None = None) -> list[Category]:
    """Return the categories with active products in the order of `sort_paths`.

    They are those that were counted last, as a rule at most two minutes ago.

    With `parent`, only those directly below this path; an empty path means the top level.
    """
    counts = get_product_counts()
    child_counts = Counter(path.rpartition(LEVEL_SEPARATOR)[0] for path in counts)
    found = []
    for path in sort_paths(counts):
        above, _, name = path.rpartition(LEVEL_SEPARATOR)
        if parent in (None, above):
            found.append(
                Category(
                    path=path,
                    name=name,
                    parent=above or None,
                    depth=path.count(LEVEL_SEPARATOR) + 1,
                    product_count=counts[path],
                    child_count=child_counts[path],
                )
            )
    return found


def set_active(product_ids: Collection[int], *, active: bool) -> int:
    """Show products in the shop or hide them everywhere; return how many changed."""
    changed = (
        Product.objects.filter(pk__in=product_ids)
        .exclude(is_active=active)
        .update(is_active=active)
    )
    if changed:
        clear_product_counts()
    return changed
