"""Add new products and variants to the shop, and update changed ones."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from recommendations.models import Product, Variant
from recommendations.services.data_import.pictures import store_picture
from recommendations.services.data_import.products import ProductRow
from recommendations.services.shop.categories import set_categories
from recommendations.services.shop.picture_addresses import (
    set_product_addresses,
    set_variant_addresses,
)
from recommendations.services.shop.variants import derive_products

DERIVED = frozenset(
    {"price", "regular_price", "sale_price", "sale_starts_at", "sale_ends_at", "stock"}
)
"""Columns of a product that follow from its variants where it has some."""
ROWS_PER_STATEMENT = 500


class Written(NamedTuple):
    """What a batch did to the shop.

    `added`, `updated` and `unchanged` count products; `defaulted` counts new products by the field
    that no row gave.
    """

    added: int
    updated: int
    unchanged: int
    variants_added: int = 0
    variants_updated: int = 0
    defaulted: Mapping[str, int] = {}


def write_products(
    rows: Iterable[ProductRow],
    *,
    source: str,
    defaults: Mapping[str, Any],
    dry_run: bool = False,
) -> Written:
    """Add new products and update changed ones, in one transaction.

    `defaults` apply to new products only. An existing product keeps the values that its row does
    not give, so importing again does not refill a stock that was sold. A product that was off sale
    for want of a price goes on sale with its first one.
    """
    batch = _merge(rows)
    if not dry_run:
        for row in batch.values():
            if row.picture:
                store_picture(row.picture, row.given["image"])
    with transaction.atomic():
        # Locked, because every changed column is written for every changed product: a purchase
        # between reading and writing would be undone.
        stored = Product.objects.filter(source=source, external_id__in=list(batch))
        existing = {each.external_id: each for each in stored.select_for_update().order_by("pk")}
        changed: list[Product] = []
        changed_fields: set[str] = set()
        for external_id, product in existing.items():
            differing = _compare(product, batch[external_id])
            if differing:
                for name, value in differing.items():
                    setattr(product, name, value)
                changed.append(product)
                changed_fields |= differing.keys()
        new = {key: row for key, row in batch.items() if key not in existing}
        defaulted = {
            name: sum(
                name not in row.given and name not in row.initial and not row.variants
                for row in new.values()
            )
            for name in ("stock", "category", "price")
            if name in defaults
        }
        if dry_run:
            return Written(
                len(new), len(changed), len(existing) - len(changed), defaulted=defaulted
            )
        # Another import of the same source may add the same products at the same time.
        Product.objects.bulk_create(
            [
                Product(source=source, external_id=key, **{**defaults, **row.initial, **row.given})
                for key, row in new.items()
            ],
            ignore_conflicts=True,
        )
        if changed:
            Product.objects.bulk_update(changed, sorted(changed_fields))
        ids = {key: product.pk for key, product in existing.items()}
        ids |= find_product_ids(source, among=list(new))
        _put_into_categories(batch, new.keys(), ids, str(defaults["category"]))
        added, updated = _write_variants(
            {ids[key]: row for key, row in batch.items() if row.variants and key in ids}, defaults
        )
        derive_products([ids[key] for key, row in batch.items() if row.variants and key in ids])
        _note_addresses({ids[key]: row for key, row in batch.items() if key in ids})
    return Written(
        len(new),
        len(changed),
        len(existing) - len(changed),
        added,
        updated,
        defaulted,
    )


def find_product_ids(source: str, *, among: Collection[str] | None = None) -> dict[str, int]:
    """Return product ids by outside id, for the whole source or only for the ids in `among`."""
    products = Product.objects.filter(source=source).order_by()
    if among is not None:
        products = products.filter(external_id__in=among)
    return dict(products.values_list("external_id", "id").iterator(chunk_size=5000))


def find_all_names(source: str) -> dict[str, int]:
    """Return product ids by everything that a log may call a product of the source.

    That is its outside id, or else that of a variant, or else the SKU of either.
    """
    products = Product.objects.filter(source=source).order_by()
    variants = Variant.objects.filter(product__source=source).order_by()
    names: dict[str, int] = {}
    for rows in (
        variants.exclude(sku="").values_list("sku", "product_id"),
        products.exclude(sku="").values_list("sku", "id"),
        variants.exclude(external_id="").values_list("external_id", "product_id"),
        products.values_list("external_id", "id"),
    ):
        names.update(rows.iterator(chunk_size=5000))
    return names


def has_catalogue(source: str) -> bool:
    """Return whether the source has products that a catalogue named, not a log alone."""
    return Product.objects.filter(source=source).exclude(price=0, is_active=False).exists()


def take_down(source: str, *, but: Collection[str], variants: Collection[str]) -> int:
    """Take products of the source off sale, but these; and variants of these that are not named.

    Returns:
        How many products were on sale before.
    """
    with transaction.atomic():
        gone = list_gone(source, but=but)
        for ids in _cut(gone):
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
        for ids in _cut([pk for pk, _ in lost]):
            Variant.objects.filter(pk__in=ids).update(is_active=False)
        for ids in _cut(sorted({product_id for _, product_id in lost})):
            derive_products(ids)
    return len(gone)


def list_gone(source: str, *, but: Collection[str]) -> list[int]:
    """Return the ids of products of the source that are on sale and not in `but`."""
    on_sale = Product.objects.filter(source=source, is_active=True).order_by()
    rows = on_sale.values_list("pk", "external_id").iterator(chunk_size=5000)
    return [pk for pk, external_id in rows if external_id not in but]


def close_unpriced(source: str, external_ids: Collection[str]) -> int:
    """Take products off sale whose variants should have given a price, and that have none."""
    closed = 0
    for ids in _cut(sorted(external_ids)):
        closed += Product.objects.filter(
            source=source, external_id__in=ids, has_variants=False, price=0, is_active=True
        ).update(is_active=False)
    return closed


def _merge(rows: Iterable[ProductRow]) -> dict[str, ProductRow]:
    """Return one row for each product; a later row adds to what earlier ones gave."""
    batch: dict[str, ProductRow] = {}
    for row in rows:
        held = batch.get(row.external_id)
        batch[row.external_id] = (
            row
            if held is None
            else ProductRow(
                row.external_id,
                {**held.given, **row.given},
                {**row.initial, **held.initial},
                row.categories if row.categories is not None else held.categories,
                row.picture or held.picture,
                tuple(dict.fromkeys((*held.addresses, *row.addresses))),
                [*held.variants, *row.variants],
            )
        )
    return batch


def _compare(product: Product, row: ProductRow) -> dict[str, Any]:
    """Return the values of the row that differ from those of the stored product."""
    has_variants = product.has_variants or bool(row.variants)
    differing = {
        name: value
        for name, value in row.given.items()
        if getattr(product, name) != value and not (has_variants and name in DERIVED)
    }
    price = row.given.get("price") or (row.variants and row.variants[0].given["price"])
    if price and not product.is_active and product.price == 0 and "is_active" not in row.given:
        differing["is_active"] = True
    return differing


def _put_into_categories(
    batch: Mapping[str, ProductRow],
    new: Collection[str],
    ids: Mapping[str, int],
    default: str,
) -> None:
    paths: dict[int, Sequence[str]] = {}
    for key, row in batch.items():
        if key in ids and (row.categories is not None or key in new):
            paths[ids[key]] = row.categories or [str(row.given.get("category") or default)]
    if paths:
        set_categories(paths)


def _write_variants(rows: Mapping[int, ProductRow], defaults: Mapping[str, Any]) -> tuple[int, int]:
    """Write the variants by product id; return how many were added and changed."""
    if not rows:
        return 0, 0
    stored = {
        (variant.product_id, variant.external_id): variant
        for variant in Variant.objects.filter(product_id__in=list(rows))
        .select_for_update()
        .order_by("pk")
    }
    added: list[Variant] = []
    changed: list[Variant] = []
    changed_fields: set[str] = set()
    for product_id, row in rows.items():
        for variant_row in row.variants:
            variant = stored.get((product_id, variant_row.external_id))
            if variant is None:
                values = {"stock": defaults["stock"], **variant_row.given}
                added.append(
                    Variant(product_id=product_id, external_id=variant_row.external_id, **values)
                )
                continue
            differing = {
                name: value
                for name, value in variant_row.given.items()
                if name != "position" and getattr(variant, name) != value
            }
            if differing:
                for name, value in differing.items():
                    setattr(variant, name, value)
                changed.append(variant)
                changed_fields |= differing.keys()
    Variant.objects.bulk_create(added, batch_size=ROWS_PER_STATEMENT, ignore_conflicts=True)
    if changed:
        Variant.objects.bulk_update(changed, sorted(changed_fields), batch_size=ROWS_PER_STATEMENT)
    return len(added), len(changed)


def _note_addresses(rows: Mapping[int, ProductRow]) -> None:
    """Keep the addresses of pictures, which are fetched later."""
    set_product_addresses(
        {product_id: row.addresses for product_id, row in rows.items() if row.addresses}
    )
    named = {
        (product_id, variant.external_id): variant.addresses[0]
        for product_id, row in rows.items()
        for variant in row.variants
        if variant.addresses
    }
    if named:
        variants = Variant.objects.filter(product_id__in={product_id for product_id, _ in named})
        set_variant_addresses(
            {
                (product_id, pk): named[product_id, external_id]
                for pk, product_id, external_id in variants.values_list(
                    "pk", "product_id", "external_id"
                )
                if (product_id, external_id) in named
            }
        )


def _cut(ids: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (ids[at : at + ROWS_PER_STATEMENT] for at in range(0, len(ids), ROWS_PER_STATEMENT))
