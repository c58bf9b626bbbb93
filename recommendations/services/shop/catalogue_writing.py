"""The one way by which the outside writes products: the API, imported files and feeds."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations.category_paths import split_path
from recommendations.models import Product, ProductCategory, Variant
from recommendations.services.infra.row_updates import update_rows
from recommendations.services.shop.catalogue_inputs import (
    PRICE_FIELDS,
    Outcome,
    ProductInput,
    ProductResult,
    VariantInput,
    VariantResult,
)
from recommendations.services.shop.categories import ensure_categories, set_categories
from recommendations.services.shop.picture_addresses import (
    set_product_addresses,
    set_variant_addresses,
)
from recommendations.services.shop.prices import get_price_inputs, merge_prices
from recommendations.services.shop.variants import derive_products

UNCATEGORISED = "Uncategorised"
TRIES = 5
"""How often a batch is tried whose products others add at the same time."""


def write_products(
    inputs: Iterable[ProductInput],
    *,
    source: str,
    defaults: Mapping[str, Any] | None = None,
    variant_defaults: Mapping[str, Any] | None = None,
    creates: bool = True,
    dry_run: bool = False,
) -> list[ProductResult]:
    """Add and change the products of a source, in one transaction; return a result for each input.

    A product is known by (source, external_id), a variant by its product and its external_id. What
    an input does not give stays as it is; `defaults` and `variant_defaults` hold, by field, what
    new products and new variants have otherwise; `defaults` may have `categories` too. Without
    `creates`, an unknown product or variant is refused. An input older than the newest one about
    the product, or the variant, changes nothing; the same input again changes nothing either.
    Price, stock and flags of a product with variants are derived from them. An input that is
    refused costs no other input anything; of two inputs for one product, the second is refused.
    With `dry_run`, nothing is written, and the results are those that writing would have.
    """
    batch = list(inputs)
    if not source:
        raise ValueError("Products from outside need the name of their source.")
    if not dry_run:
        given = {path for each in batch for path in each.categories or ()}
        ensure_categories(level for path in given for level in split_path(path))
    for attempt in range(TRIES):
        writing = _Writing(
            source=source,
            defaults=defaults or {},
            variant_defaults=variant_defaults or {},
            creates=creates,
            dry_run=dry_run,
        )
        try:
            with transaction.atomic():
                return writing.write(batch)
        except IntegrityError:
            # Another writer has added one of the products since this one looked for them.
            if attempt == TRIES - 1:
                raise
    raise AssertionError


def take_down_products(
    external_ids: Collection[str], *, source: str, updated_at: datetime | None = None
) -> list[ProductResult]:
    """Take products off sale; an unknown one is refused. Their interactions and orders stay."""
    return write_products(
        [ProductInput(key, {"is_active": False}, updated_at=updated_at) for key in external_ids],
        source=source,
        creates=False,
    )


class _RefusedError(Exception):
    """The reason why an input cannot be written."""


@dataclass
class _Plan:
    """A product with what is to be written of it."""

    product: Product
    given: ProductInput
    columns: set[str] = field(default_factory=set)
    """The columns that differ."""
    is_new: bool = False
    moves: bool = False
    """Whether its categories, or what they decide, are written."""
    has_changed: bool = False
    new_variants: list[tuple[Variant, VariantInput]] = field(default_factory=list)
    changed_variants: list[tuple[Variant, VariantInput]] = field(default_factory=list)
    gone_variants: list[Variant] = field(default_factory=list)
    variant_columns: set[str] = field(default_factory=set)
    derives: bool = False
    """Whether what is derived from the variants may change."""
    results: list[VariantResult] = field(default_factory=list)


@dataclass
class _Writing:
    """One try to write a batch."""

    source: str
    defaults: Mapping[str, Any]
    variant_defaults: Mapping[str, Any]
    creates: bool
    dry_run: bool
    now: datetime = field(default_factory=timezone.now)
    variants: dict[int, list[Variant]] = field(default_factory=dict)
    """The stored variants by product."""
    paths: dict[int, list[str]] = field(default_factory=dict)
    """The stored categories by product, the main one first."""

    def write(self, batch: Sequence[ProductInput]) -> list[ProductResult]:
        stored = self.read(batch)
        seen: set[str] = set()
        plans: dict[str, _Plan] = {}
        results: dict[int, ProductResult] = {}
        for index, given in enumerate(batch):
            key = given.external_id
            product = stored.get(key)
            try:
                if key in seen:
                    raise _RefusedError("The product was named before in the same batch.")
                seen.add(key)
                if given.variants and "stock" in given.given:
                    raise _RefusedError("The stock is that of the variants: give it there.")
                if product and _is_older(given.updated_at, product.source_updated_at):
                    results[index] = ProductResult(key, Outcome.STALE, product.pk)
                else:
                    plans[key] = self.plan(given, product)
            except _RefusedError as refused:
                results[index] = ProductResult(
                    key, Outcome.REFUSED, product.pk if product else None, str(refused)
                )
        if not self.dry_run:
            self.save(list(plans.values()))
        return [
            results.get(index) or _describe(plans[given.external_id])
            for index, given in enumerate(batch)
        ]

    def read(self, batch: Sequence[ProductInput]) -> dict[str, Product]:
        """Return the stored products of the batch by outside id, locked in the order of ids.

        Locked, because every changed column is written for every changed product: a purchase
        between reading and writing would be undone.
        """
        found = Product.objects.filter(
            source=self.source, external_id__in=[given.external_id for given in batch]
        ).order_by("pk")
        if not self.dry_run:
            found = found.select_for_update(no_key=True)
        products = {product.external_id: product for product in found}
        with_variants = {
            products[given.external_id].pk
            for given in batch
            if given.external_id in products
            and (given.variants is not None or products[given.external_id].has_variants)
        }
        if with_variants:
            rows = Variant.objects.filter(product_id__in=with_variants).order_by("pk")
            for variant in rows if self.dry_run else rows.select_for_update(no_key=True):
                self.variants.setdefault(variant.product_id, []).append(variant)
        placed = {
            products[given.external_id].pk: products[given.external_id].category
            for given in batch
            if given.external_id in products
            and (given.categories is not None or "is_repeatable" in given.given)
        }
        if placed:
            placements = ProductCategory.objects.filter(product_id__in=placed, is_given=True)
            for product_id, path in placements.order_by("pk").values_list(
                "product_id", "category__path"
            ):
                self.paths.setdefault(product_id, []).append(path)
            for product_id, paths in self.paths.items():
                paths.sort(key=lambda path: path != placed[product_id])
        return products

    def plan(self, given: ProductInput, stored: Product | None) -> _Plan:
        if stored is None:
            if not self.creates:
                raise _RefusedError("There is no such product.")
            return self.plan_new(given)
        plan = _Plan(stored, given)
        values = dict(given.given)
        self.plan_variants(plan, values)
        if stored.has_variants and given.variants is None:
            if "stock" in values:
                raise _RefusedError("The stock is that of the product's variants: name them.")
        elif not given.variants:
            prices = {name: values.pop(name) for name in PRICE_FIELDS & values.keys()}
            if prices:
                values |= _merge(stored, prices, now=self.now)
        repeatable = values.pop("is_repeatable", stored.is_repeatable_given)
        if repeatable != stored.is_repeatable_given:
            values["is_repeatable_given"] = repeatable
            plan.moves = True
        if given.categories is not None:
            known, wanted = self.paths.get(stored.pk, []), self.get_paths(plan)
            plan.moves |= set(known) != set(wanted) or known[0] != wanted[0]
        _set_values(stored, values, plan.columns)
        plan.has_changed = bool(plan.columns or plan.moves or plan.derives)
        _set_time(stored, given.updated_at, plan.columns)
        return plan

    def plan_new(self, given: ProductInput) -> _Plan:
        values = {**self.defaults, **given.given}
        values.pop("categories", None)
        if not values.get("name"):
            raise _RefusedError("A new product needs a name.")
        first = next((v.given["price"] for v in given.variants or () if "price" in v.given), None)
        values.setdefault("price", first)
        if values["price"] is None:
            raise _RefusedError("A new product needs a price.")
        prices = {name: values.pop(name) for name in PRICE_FIELDS & values.keys()}
        repeatable = values.pop("is_repeatable", None)
        product = Product(
            source=self.source,
            external_id=given.external_id,
            source_updated_at=given.updated_at,
            is_repeatable_given=repeatable,
            price=prices["price"],
            has_variants=bool(given.variants),
            **values,
        )
        _set_values(product, _merge(product, prices, now=self.now), set())
        plan = _Plan(product, given, is_new=True, moves=True, has_changed=True)
        product.category = self.get_paths(plan)[0]
        self.plan_variants(plan, prices)
        return plan

    def plan_variants(self, plan: _Plan, values: dict[str, Any]) -> None:
        """Plan the variants; take the values out of `values` that hold for all variants."""
        product, given = plan.product, plan.given
        known = self.variants.get(product.pk, []) if product.pk else []
        prices = {name: values[name] for name in PRICE_FIELDS & values.keys()}
        if given.variants is None:
            if product.has_variants and prices and not plan.is_new:
                for name in prices:
                    del values[name]
                self.price_all_variants(plan, known, prices)
            return
        if given.variants and not plan.is_new:
            for name in prices:
                del values[name]
        rows = {_key(row.external_id, row.options): row for row in known}
        seen: set[str] = set()
        for position, variant in enumerate(given.variants):
            key = _key(variant.external_id, variant.given.get("options", {}))
            try:
                if key in seen:
                    raise _RefusedError("The variant was named before.")
                seen.add(key)
                outcome = self.plan_variant(plan, rows.pop(key, None), variant, prices, position)
                plan.results.append(VariantResult(variant.external_id, outcome))
            except _RefusedError as refused:
                if not given.keeps_other_variants:
                    raise _RefusedError(f"Variant {variant.external_id}: {refused}") from refused
                plan.results.append(
                    VariantResult(variant.external_id, Outcome.REFUSED, str(refused))
                )
        if not given.keeps_other_variants:
            plan.gone_variants = [
                row
                for row in rows.values()
                if not _is_older(given.updated_at, row.source_updated_at)
            ]
        plan.derives |= bool(plan.gone_variants) or (plan.is_new and bool(given.variants))

    def plan_variant(
        self,
        plan: _Plan,
        row: Variant | None,
        variant: VariantInput,
        prices: Mapping[str, Any],
        position: int,
    ) -> Outcome:
        """Plan one variant; `row` is the stored one, `prices` hold where it gives no price."""
        when = variant.updated_at or plan.given.updated_at
        if row is None:
            self.add_variant(plan, variant, prices, position, when)
            return Outcome.CREATED
        if _is_older(when, row.source_updated_at):
            return Outcome.STALE
        return self.change_variant(plan, row, variant, prices, position, when)

    def add_variant(
        self,
        plan: _Plan,
        variant: VariantInput,
        prices: Mapping[str, Any],
        position: int,
        when: datetime | None,
    ) -> None:
        if not self.creates:
            raise _RefusedError("The product has no such variant.")
        if plan.given.keeps_other_variants:
            position += 1 + max(
                (row.position for row in self.variants.get(plan.product.pk, [])), default=-1
            )
        values = {"position": position, **self.variant_defaults, **variant.given}
        own = {name: values.pop(name) for name in PRICE_FIELDS & values.keys()}
        if "price" not in own:
            of_product = {} if plan.is_new else get_price_inputs(plan.product)
            own = {**of_product, **prices, **own}
        row = Variant(
            external_id=variant.external_id, source_updated_at=when, price=own["price"], **values
        )
        _set_values(row, _merge(row, own, now=self.now), set())
        plan.new_variants.append((row, variant))
        plan.derives = True

    def change_variant(
        self,
        plan: _Plan,
        row: Variant,
        variant: VariantInput,
        prices: Mapping[str, Any],
        position: int,
        when: datetime | None,
    ) -> Outcome:
        values = dict(variant.given)
        if not plan.given.keeps_other_variants:
            values.setdefault("position", position)
        own = {name: values.pop(name) for name in PRICE_FIELDS & values.keys()}
        if "price" not in own:
            own = {**prices, **own}
        if own:
            values |= _merge(row, own, now=self.now)
        columns: set[str] = set()
        _set_values(row, values, columns)
        outcome = Outcome.UPDATED if columns else Outcome.UNCHANGED
        plan.derives |= bool(columns)
        _set_time(row, when, columns)
        plan.variant_columns |= columns
        plan.changed_variants.append((row, variant))
        return outcome

    def price_all_variants(
        self, plan: _Plan, known: Sequence[Variant], prices: Mapping[str, Any]
    ) -> None:
        if len({tuple(get_price_inputs(row).values()) for row in known}) > 1:
            raise _RefusedError("The variants of the product differ in price: name them.")
        when = plan.given.updated_at
        for row in known:
            if not _is_older(when, row.source_updated_at):
                columns: set[str] = set()
                _set_values(row, _merge(row, prices, now=self.now), columns)
                plan.variant_columns |= columns
                plan.derives |= bool(columns)
                plan.changed_variants.append((row, VariantInput(row.external_id)))

    def save(self, plans: Sequence[_Plan]) -> None:
        """Write the plans: products, then variants, categories and pictures."""
        new = sorted(
            (plan.product for plan in plans if plan.is_new), key=lambda row: row.external_id
        )
        Product.objects.bulk_create(new)
        columns = set().union(*(plan.columns for plan in plans))
        if columns:
            update_rows([plan.product for plan in plans if plan.columns], columns)
        self.save_variants(plans)
        moved = {plan.product.pk: self.get_paths(plan) for plan in plans if plan.moves}
        if moved:
            set_categories(moved)
        pictures = {
            plan.product.pk: plan.given.pictures
            for plan in plans
            if plan.given.pictures is not None and (plan.given.pictures or not plan.is_new)
        }
        renewed = set_product_addresses(pictures) if pictures else set()
        of_variants = {
            (plan.product.pk, row.pk): variant.picture
            for plan in plans
            for row, variant in (*plan.new_variants, *plan.changed_variants)
            if variant.picture
        }
        if of_variants:
            renewed |= set_variant_addresses(of_variants)
        for plan in plans:
            plan.has_changed = plan.has_changed or plan.product.pk in renewed

    def save_variants(self, plans: Sequence[_Plan]) -> None:
        touched = [plan for plan in plans if plan.derives or plan.variant_columns]
        if not touched:
            return
        gone = [row.pk for plan in touched for row in plan.gone_variants]
        if gone:
            Variant.objects.filter(pk__in=gone).delete()
        columns = set().union(*(plan.variant_columns for plan in touched))
        if columns:
            changed = [row for plan in touched for row, _ in plan.changed_variants]
            update_rows(changed, columns)
        new = []
        for plan in touched:
            for row, _ in plan.new_variants:
                row.product = plan.product
                new.append(row)
        Variant.objects.bulk_create(new)
        derive_products([plan.product.pk for plan in touched if plan.derives])

    def get_paths(self, plan: _Plan) -> list[str]:
        """Return the categories that the product is to lie in, the main one first."""
        given = plan.given.categories
        if given is None and plan.is_new:
            given = self.defaults.get("categories")
        elif given is None:
            given = self.paths.get(plan.product.pk) or [plan.product.category]
        return list(dict.fromkeys(given or ())) or [UNCATEGORISED]


def _is_older(when: datetime | None, newest: datetime | None) -> bool:
    return when is not None and newest is not None and when < newest


def _merge(row: Product | Variant, prices: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    try:
        return merge_prices(row, prices, now=now)
    except ValueError as problem:
        raise _RefusedError(str(problem)) from problem


def _set_values(row: Product | Variant, values: Mapping[str, Any], columns: set[str]) -> None:
    """Set the values that differ, and add their names to `columns`."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            columns.add(name)


def _set_time(row: Product | Variant, when: datetime | None, columns: set[str]) -> None:
    if when is not None:
        _set_values(row, {"source_updated_at": when}, columns)


def _key(external_id: str, options: Mapping[str, Any]) -> str:
    return external_id or json.dumps(options, sort_keys=True, default=str)


def _describe(plan: _Plan) -> ProductResult:
    outcome = Outcome.UNCHANGED
    if plan.is_new:
        outcome = Outcome.CREATED
    elif plan.has_changed:
        outcome = Outcome.UPDATED
    return ProductResult(
        plan.given.external_id, outcome, plan.product.pk, variants=tuple(plan.results)
    )
