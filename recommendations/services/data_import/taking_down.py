"""Take products off sale that a file does not name, or whose variants it does not price."""

from collections.abc import Collection

from django.db import transaction

from recommendations.models import Product, Variant
from recommendations.services.data_import.batches import iter_batches
from recommendations.services.shop.attributes import derive_attributes
from recommendations.services.shop.variants import derive_products

ROWS_PER_STATEMENT = 500


def take_down(source: str, *, but: Collection[str], variants: Collection[str]) -> int:
    """Take products of the source off sale, but these; and variants of these that are not named.

    Returns:
        How many products were on sale before.
    """
    with transaction.atomic():
        gone = list_gone(source, but=but)
        for ids in iter_batches(gone, ROWS_PER_STATEMENT):
            Product.objects.filter(pk__in=ids).update(is_active=False)
        rows = (
            Variant.objects.filter(product__source=source, is_active=True)
            .exclude(external_id="")
            .values_list("pk", "external_id", "product_id", "product__external_id")
            .order_by()
        )
        lost = [
            (pk, product_id)
            for pk, external_id, product_id, product in rows.iterator(chunk_size=5000)
            if product in but and external_id not in variants
        ]
        for ids in iter_batches([pk for pk, _ in lost], ROWS_PER_STATEMENT):
            Variant.objects.filter(pk__in=ids).update(is_active=False)
        for ids in iter_batches(sorted({product_id for _, product_id in lost}), ROWS_PER_STATEMENT):
            derive_products(ids)
            derive_attributes(ids)
    return len(gone)


def list_gone(source: str, *, but: Collection[str]) -> list[int]:
    """Return the ids of products of the source that are on sale and not in `but`."""
    on_sale = Product.objects.filter(source=source, is_active=True).order_by()
    rows = on_sale.values_list("pk", "external_id").iterator(chunk_size=5000)
    return [pk for pk, external_id in rows if external_id not in but]


def close_unpriced(source: str, external_ids: Collection[str]) -> int:
    """Take products off sale whose variants should have given a price, and that have none."""
    closed = 0
    for ids in iter_batches(sorted(external_ids), ROWS_PER_STATEMENT):
        closed += Product.objects.filter(
            source=source, external_id__in=ids, has_variants=False, price=0, is_active=True
        ).update(is_active=False)
    return closed
