"""What a product with variants derives from them: its price, its stock and its flags."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction

from recommendations.models import Product, Variant

PRODUCTS_PER_STATEMENT = 1_000
MAX_STOCK = 2**31 - 1
"""The largest number in the column; the sum of many variants may be larger."""
_NO_SALE = {"sale_price": None, "sale_starts_at": None, "sale_ends_at": None}


@transaction.atomic
def derive_products(product_ids: Collection[int]) -> None:
    """Derive the price, stock and flags of these products from the variants that can be bought.

    Whoever has changed a variant calls this in the same transaction. The products are locked in
    the order of their ids, so that changes of two variants of one product wait for each other.

    The price is the lowest one of the variants in stock, or else of the active ones; the regular
    price is the same variant's. A product without an active variant keeps its price and is sold
    out. A product whose last variant was deleted keeps its figures, which are its own from then on.
    """
    ordered = sorted(set(product_ids))
    for start in range(0, len(ordered), PRODUCTS_PER_STATEMENT):
        _derive(ordered[start : start + PRODUCTS_PER_STATEMENT])


def _derive(product_ids: Sequence[int]) -> None:
    products = Product.objects.select_for_update(no_key=True).filter(pk__in=product_ids)
    locked = list(products.order_by("pk"))
    variants: dict[int, list[Variant]] = {product.pk: [] for product in locked}
    # Read after the products are locked: what others wrote before is there.
    for variant in Variant.objects.filter(product_id__in=variants):
        variants[variant.product_id].append(variant)
    changed = []
    columns: set[str] = set()
    for product in locked:
        wanted = _compute_columns(variants[product.pk])
        differing = {name for name, value in wanted.items() if getattr(product, name) != value}
        if differing:
            for name in differing:
                setattr(product, name, wanted[name])
            columns |= differing
            changed.append(product)
    if changed:
        Product.objects.bulk_update(changed, sorted(columns), batch_size=500)


def _compute_columns(variants: Sequence[Variant]) -> dict[str, Any]:
    """Return the derived columns of a product with these variants."""
    if not variants:
        return {"has_variants": False, "has_several_prices": False}
    active = [variant for variant in variants if variant.is_active]
    if not active:
        return {"has_variants": True, "has_several_prices": False, "stock": 0, **_NO_SALE}
    offered = [variant for variant in active if variant.stock > 0] or active
    cheapest = min(offered, key=lambda variant: variant.price)
    return {
        "has_variants": True,
        "has_several_prices": len({variant.price for variant in offered}) > 1,
        "stock": min(sum(variant.stock for variant in active), MAX_STOCK),
        "price": cheapest.price,
        "regular_price": cheapest.regular_price,
        **_NO_SALE,
    }
