"""Variants: which one is bought, and what a product derives from those that can be bought."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction

from recommendations.errors import NotFoundError, VariantRequiredError
from recommendations.models import Product, Variant
from recommendations.services.infra.row_writes import update_rows

PRODUCTS_PER_STATEMENT = 1_000
MAX_STOCK = 2**31 - 1
"""The largest number in the column; the sum of many variants may be larger."""
_NO_SALE = {"sale_price": None, "sale_starts_at": None, "sale_ends_at": None}


def get_variant_for_sale(product: Product, variant_id: int | None) -> Variant | None:
    """Return the variant of the product that the caller names; None for a product without variants.

    Raises:
        NotFoundError: The product has no such variant, or it is not for sale.
        VariantRequiredError: The product has variants, and the caller names none.
    """
    if variant_id is None:
        if product.has_variants:
            raise build_variant_required(product)
        return None
    variant = Variant.objects.filter(pk=variant_id, product=product, is_active=True).first()
    if variant is None:
        raise NotFoundError(f"There is no variant {variant_id} of {product.name} for sale.")
    return variant


def build_variant_required(product: Product) -> VariantRequiredError:
    """Return the error that says what can be chosen: “Size (S, M), Colour (Blue, Red)”."""
    options = list_options(product.variants_for_sale)
    said = ", ".join(f"{name} ({', '.join(values)})" for name, values in options.items())
    return VariantRequiredError(
        f"{product.name} comes in variants: choose {said or 'one'} and name it by `variant_id`.",
        field="variant_id",
    )


def list_options(variants: Iterable[Variant]) -> dict[str, list[str]]:
    """Return the names of the options with their values, both in the order of the variants."""
    options: dict[str, list[str]] = {}
    for variant in variants:
        for name, value in variant.options.items():
            values = options.setdefault(name, [])
            if str(value) not in values:
                values.append(str(value))
    return options


def lock_products(product_ids: Collection[int]) -> list[Product]:
    """Lock these products, and with them their variants, until the end of the transaction.

    They are locked and returned in the order of their ids. What is read afterwards is what others
    wrote before.
    """
    products = Product.objects.select_for_update(no_key=True).filter(pk__in=product_ids)
    return list(products.order_by("pk"))


@transaction.atomic
def derive_products(product_ids: Collection[int]) -> None:
    """Derive the price, stock and flags of these products from the variants that can be bought.

    Whoever changes variants calls this in the same transaction, and `lock_products` before the
    change: orders lock a product before its variants too, so nobody deadlocks.

    The price is the lowest one of the variants in stock, or else of the active ones; the regular
    price is the same variant's. A product without an active variant keeps its price and is sold
    out. A product whose last variant was deleted keeps its figures, which are its own from then on.
    """
    ordered = sorted(set(product_ids))
    for start in range(0, len(ordered), PRODUCTS_PER_STATEMENT):
        _derive(ordered[start : start + PRODUCTS_PER_STATEMENT])


def derive_columns(variants: Sequence[Variant]) -> dict[str, Any]:
    """Return the columns that a product with these variants derives from them."""
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


def _derive(product_ids: Sequence[int]) -> None:
    locked = lock_products(product_ids)
    variants: dict[int, list[Variant]] = {product.pk: [] for product in locked}
    for variant in Variant.objects.filter(product_id__in=variants):
        variants[variant.product_id].append(variant)
    changed = []
    columns: set[str] = set()
    for product in locked:
        wanted = derive_columns(variants[product.pk])
        differing = {name for name, value in wanted.items() if getattr(product, name) != value}
        if differing:
            for name in differing:
                setattr(product, name, wanted[name])
            columns |= differing
            changed.append(product)
    if changed:
        update_rows(changed, columns)
