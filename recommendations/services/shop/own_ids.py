"""Products by the ids of a shop's own systems.

A source is the name of one such system: its ids are unique within it.
"""

import re
from collections.abc import Collection
from typing import Any, NamedTuple

from recommendations.errors import InvalidInputError
from recommendations.models import Product, Variant
from recommendations.models.product import SAMPLE_SOURCE

SOURCE_NAME = re.compile(r"[A-Za-z0-9_-]{1,50}", re.ASCII)
SOURCE_RULE = "A source has 1 to 50 letters, digits, _ or -."


class TouchedProduct(NamedTuple):
    """A product that something is about, and which variant of it, where a variant was named."""

    product_id: int
    variant_id: int | None = None
    variant_external_id: str = ""


def choose_source(given: str = "") -> str:
    """Return the source whose ids a caller speaks: the given one, or else the shop's only one.

    The sample shop's source counts only where there is no other. A shop without own ids answers
    with the empty text, under which nothing is found.

    Raises:
        InvalidInputError: None is given, and the shop has products of several sources.
    """
    if given:
        return given
    found: list[str] = []
    while (later := _find_source_after(found[-1] if found else "")) is not None:
        found.append(later)
        own = [source for source in found if source != SAMPLE_SOURCE]
        if len(own) > 1:
            raise InvalidInputError(
                f"The shop has ids of several sources, such as {own[0]} and {own[1]}. "
                "Say which one a token speaks: create_token --source, or its page in the admin."
            )
    return next((source for source in found if source != SAMPLE_SOURCE), "".join(found))


def find_product_ids(source: str, external_ids: Collection[str]) -> dict[str, int]:
    """Return the products of a source by their own ids, for sale or not."""
    if not source or not external_ids:
        return {}
    products = Product.objects.filter(source=source, external_id__in=external_ids).order_by()
    return dict(products.exclude(external_id="").values_list("external_id", "pk"))


def find_external_ids(product_ids: Collection[int]) -> dict[int, str]:
    """Return the shop's own ids of products; a product without one is left out."""
    products = Product.objects.filter(pk__in=product_ids).exclude(external_id="").order_by()
    return dict(products.values_list("pk", "external_id"))


def find_variant_id(product_id: int, named: str) -> int | None:
    """Return the variant of a product that has this own id, or else the one that has this SKU."""
    variants = Variant.objects.filter(product_id=product_id).order_by("pk")
    by_sku = variants.filter(sku=named).values_list("pk", flat=True)
    return variants.filter(external_id=named).values_list("pk", flat=True).first() or by_sku.first()


def find_variants(variant_ids: Collection[int]) -> dict[int, TouchedProduct]:
    """Return variants by our ids, for sale or not."""
    rows = Variant.objects.filter(pk__in=variant_ids).order_by() if variant_ids else ()
    return {row.pk: TouchedProduct(row.product_id, row.pk, row.external_id) for row in rows}


def find_touched_products(
    source: str, names: Collection[str]
) -> dict[str, list[list[TouchedProduct]]]:
    """Return what each name may mean in a source, for sale or not.

    Of each name, three lists: variants with this own id, variants with this SKU, and products with
    this SKU. A list may be of several products: a variant's own id is unique only in its product.
    """
    found: dict[str, list[list[TouchedProduct]]] = {name: [[], [], []] for name in names}
    variants = Variant.objects.filter(product__source=source).order_by("pk")
    products = Product.objects.filter(source=source).order_by("pk")
    of_variant, of_product = ("product_id", "pk", "external_id"), ("pk",)
    tiers: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
        (variants, "external_id", of_variant),
        (variants, "sku", of_variant),
        (products, "sku", of_product),
    )
    if source and names:
        for tier, (rows, column, ids) in enumerate(tiers):
            named = rows.filter(**{f"{column}__in": names}).values_list(column, *ids)
            for name, *touched in named:
                found[name][tier].append(TouchedProduct(*touched))
    return found


def _find_source_after(source: str) -> str | None:
    # One step along the index (source, external_id): DISTINCT would read all of it.
    products = Product.objects.exclude(external_id="").filter(source__gt=source)
    return products.order_by("source").values_list("source", flat=True).first()
