"""How the products of a category's page stand until a shopper chooses another order."""

from dataclasses import dataclass

from recommendations.choices import CategoryOrder
from recommendations.models import Category


@dataclass(frozen=True, slots=True)
class CategoryPageOrder:
    """The products that staff pinned to a category, in their order, and how the others stand."""

    pinned: tuple[int, ...] = ()
    order: CategoryOrder = CategoryOrder.NEWEST


def find_category_page(path: str | None) -> CategoryPageOrder:
    """Return what staff chose for a category, in one query; the newest first if nothing."""
    if path is None:
        return CategoryPageOrder()
    rows = list(
        Category.objects.filter(path=path)
        .order_by("pins__position", "pins__pk")
        .values_list("default_order", "pins__product_id")
    )
    if not rows:
        return CategoryPageOrder()
    pinned = tuple(product_id for _, product_id in rows if product_id is not None)
    return CategoryPageOrder(pinned, CategoryOrder(rows[0][0]))
