"""Write the products of a file: new ones are added, and changed ones updated."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from recommendations.models import Product, Variant
from recommendations.services.data_import.pictures import store_picture
from recommendations.services.data_import.products import ProductRow
from recommendations.services.shop.catalogue_inputs import (
    PRICE_FIELDS,
    Outcome,
    ProductInput,
    ProductResult,
    VariantResult,
)
from recommendations.services.shop.catalogue_writing import write_products

DERIVED = PRICE_FIELDS | {"stock"}
"""Fields of a product that follow from its variants where it has some."""


@dataclass(slots=True)
class Written:
    """What a batch did to the shop.

    `products` and `variants` count them by outcome; `defaulted` counts new products and variants
    by what they are and the field that no row gave, and `refused` counts products by the reason why
    they were not written.
    """

    products: Counter[Outcome] = field(default_factory=Counter)
    variants: Counter[Outcome] = field(default_factory=Counter)
    defaulted: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)


def store_products(
    rows: Iterable[ProductRow],
    *,
    source: str,
    defaults: Mapping[str, Any],
    dry_run: bool = False,
) -> Written:
    """Add new products and update changed ones, in one transaction.

    `defaults` apply to new products only, so importing again does not refill a stock that was sold.
    A product that was off sale for want of a price goes on sale with its first one.
    """
    batch = _merge(rows)
    inputs = _adapt_to_stored([row.product for row in batch], source)
    if dry_run:
        # Further rows of a product that is not in the shop, because nothing is written.
        inputs = [given for given in inputs if given.given]
    else:
        for row in batch:
            if row.picture:
                store_picture(row.picture, row.product.given["image"])
    results = write_products(
        [_add_defaults(given, defaults) for given in inputs], source=source, dry_run=dry_run
    )
    return _count(inputs, results, defaults)


def _merge(rows: Iterable[ProductRow]) -> list[ProductRow]:
    """Return one row for each product; a later row adds to what earlier ones gave."""
    batch: dict[str, ProductRow] = {}
    for row in rows:
        held = batch.get(row.product.external_id)
        if held is not None:
            row = ProductRow(_add(held.product, row.product), row.picture or held.picture)  # noqa: PLW2901
        batch[row.product.external_id] = row
    return list(batch.values())


def _add(first: ProductInput, second: ProductInput) -> ProductInput:
    return replace(
        first,
        given={**first.given, **second.given},
        initial={**second.initial, **first.initial},
        categories=first.categories if second.categories is None else second.categories,
        pictures=list(dict.fromkeys((*(first.pictures or ()), *(second.pictures or ())))) or None,
        variants=[*(first.variants or ()), *(second.variants or ())] or None,
        keeps_other_variants=True,
    )


def _adapt_to_stored(inputs: Sequence[ProductInput], source: str) -> list[ProductInput]:
    """Return the inputs without what follows from variants; a first price puts on sale."""
    columns = ("external_id", "has_variants", "price", "is_active")
    external_ids = [given.external_id for given in inputs]
    found = Product.objects.filter(source=source, external_id__in=external_ids).order_by()
    stored = {row[0]: row[1:] for row in found.values_list(*columns)}
    unpriced = set(
        Variant.objects.filter(
            product__source=source, product__external_id__in=external_ids, price=0, is_active=False
        ).values_list("product__external_id", "external_id")
    )
    adapted = []
    for each in inputs:
        has_variants, price, is_active = stored.get(each.external_id, (False, None, True))
        given = dict(each.given)
        if price == 0 and not is_active and "is_active" not in given and _find_price(each):
            given["is_active"] = True
        if has_variants or each.variants:
            given = {name: value for name, value in given.items() if name not in DERIVED}
        variants = each.variants and [
            replace(variant, given={"is_active": True, **variant.given})
            if (each.external_id, variant.external_id) in unpriced and variant.given.get("price")
            else variant
            for variant in each.variants
        ]
        adapted.append(replace(each, given=given, variants=variants))
    return adapted


def _find_price(given: ProductInput) -> Any:
    """Return the price that an input gives, or that of its first variant."""
    variants = given.variants or ()
    return given.given.get("price") or next((each.given.get("price") for each in variants), None)


def _add_defaults(given: ProductInput, defaults: Mapping[str, Any]) -> ProductInput:
    of_product = {name: value for name, value in defaults.items() if name != "category"}
    return replace(
        given,
        initial={"categories": [defaults["category"]], **of_product, **given.initial},
        variants=given.variants
        and [
            replace(each, initial={"stock": defaults["stock"], **each.initial})
            for each in given.variants
        ],
    )


def _count(
    inputs: Sequence[ProductInput], results: Sequence[ProductResult], defaults: Mapping[str, Any]
) -> Written:
    written = Written()
    for given, result in zip(inputs, results, strict=True):
        written.products[result.outcome] += 1
        written.variants.update(variant.outcome for variant in result.variants)
        parts: list[ProductResult | VariantResult] = [result, *result.variants]
        written.refused.update(part.reason for part in parts if part.outcome is Outcome.REFUSED)
        written.defaulted.update(
            ("variants", "stock")
            for variant, outcome in zip(given.variants or (), result.variants, strict=False)
            if outcome.outcome is Outcome.CREATED and "stock" not in variant.given
        )
        if result.outcome is not Outcome.CREATED:
            continue
        if given.categories is None:
            written.defaulted["products", "category"] += 1
        if not given.variants:
            said = {**given.initial, **given.given}
            written.defaulted.update(
                ("products", name)
                for name in ("stock", "price")
                if name in defaults and name not in said
            )
    return written
