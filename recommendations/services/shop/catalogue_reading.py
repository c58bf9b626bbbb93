"""The products of a source as its own systems know them, for sale or not."""

from collections.abc import Sequence

from django.db.models import QuerySet

from recommendations.models import Product, ProductCategory


def read_products(*, source: str, after: str = "", count: int) -> Sequence[Product]:
    """Return up to `count` products of a source whose own id follows `after`, in their order.

    Pages by key: products that are added or taken down meanwhile shift nothing.
    """
    later = _select(source).filter(external_id__gt=after)
    return list(later.order_by("external_id")[:count])


def read_product(*, source: str, external_id: str) -> Product | None:
    """Return the product of a source with this id; None if there is none."""
    return _select(source).filter(external_id=external_id).first()


def list_given_categories(products: Sequence[Product]) -> dict[int, list[str]]:
    """Return the categories that products were put into, the main one first."""
    rows = ProductCategory.objects.filter(product__in=products, is_given=True).order_by("pk")
    found: dict[int, list[str]] = {product.pk: [] for product in products}
    for product_id, path in rows.values_list("product_id", "category__path"):
        found[product_id].append(path)
    for product in products:
        found[product.pk].sort(key=lambda path: path != product.category)
    return found


def _select(source: str) -> QuerySet[Product]:
    products = Product.objects.filter(source=source).exclude(external_id="")
    return products.prefetch_related("variants", "picture_addresses")
