"""What is to be written of a product: what an input gives that differs from what the shop has."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from recommendations.errors import InvalidInputError
from recommendations.models import Product, Variant
from recommendations.sentences import get_sentence, say
from recommendations.services.shop.catalogue_inputs import (
    PRICE_FIELDS,
    UNCATEGORISED,
    Outcome,
    ProductInput,
    ProductResult,
    VariantInput,
    VariantResult,
)
from recommendations.services.shop.prices import get_price_inputs, merge_prices
from recommendations.services.shop.variants import derive_columns


class RefusedError(Exception):
    """The reason why an input cannot be written, and the field that it is about, if it is one's."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


@dataclass
class ProductPlan:
    """A product with what is to be written of it."""

    product: Product
    given: ProductInput
    columns: set[str] = field(default_factory=set)
    """The columns that differ."""
    is_new: bool = False
    moves: bool = False
    """Whether its categories, or what they decide, are written."""
    paths: Sequence[str] = ()
    """The categories that it is to lie in, the main one first."""
    has_changed: bool = False
    new_variants: list[tuple[Variant, VariantInput]] = field(default_factory=list)
    changed_variants: list[tuple[Variant, VariantInput]] = field(default_factory=list)
    gone_variants: list[Variant] = field(default_factory=list)
    variant_columns: set[str] = field(default_factory=set)
    derives: bool = False
    """Whether what is derived from stored variants may change."""
    results: list[VariantResult] = field(default_factory=list)

    @property
    def changes_attributes(self) -> bool:
        """Whether the attributes by which shoppers filter may change."""
        changes_variants = self.new_variants or self.gone_variants
        if changes_variants or {"options", "is_active"} & self.variant_columns:
            return True
        return bool(self.product.attributes) if self.is_new else "attributes" in self.columns

    def describe(self) -> ProductResult:
        """Return what becomes of the input."""
        outcome = Outcome.UNCHANGED
        if self.is_new:
            outcome = Outcome.CREATED
        elif self.has_changed:
            outcome = Outcome.UPDATED
        return ProductResult(
            self.given.external_id, outcome, self.product.pk, variants=tuple(self.results)
        )


@dataclass
class Planner:
    """Plans inputs, one after the other; it reads and writes nothing.

    Attributes:
        source: The source of the products.
        creates: Whether unknown products and variants are added.
        variants: The stored variants by product.
        paths: The stored categories by product, the main one first.
    """

    source: str
    creates: bool
    variants: Mapping[int, Sequence[Variant]]
    paths: Mapping[int, Sequence[str]]
    now: datetime = field(default_factory=timezone.now)

    def plan(self, given: ProductInput, stored: Product | None) -> ProductPlan:
        """Return what is to be written of an input.

        Raises:
            RefusedError: The input contradicts itself, or what the shop has.
        """
        if given.variants and "stock" in given.given:
            raise RefusedError(say("The stock is that of the variants: give it there."), "stock")
        if stored is None:
            if not self.creates:
                raise RefusedError(say("There is no such product."), "external_id")
            return self._plan_new(given)
        plan = ProductPlan(stored, given)
        values = dict(given.given)
        self._plan_variants(plan, values)
        if stored.has_variants and given.variants is None:
            if "stock" in values:
                raise RefusedError(
                    say("The stock is that of the product's variants: name them."), "stock"
                )
        elif not given.variants:
            prices = {name: values.pop(name) for name in PRICE_FIELDS & values.keys()}
            if prices:
                values |= _merge(stored, prices, now=self.now)
        repeatable = values.pop("is_repeatable", stored.is_repeatable_given)
        if repeatable != stored.is_repeatable_given:
            values["is_repeatable_given"] = repeatable
            plan.moves = True
        if given.categories is not None:
            known, wanted = map(_fold, (self.paths.get(stored.pk, ()), given.categories))
            plan.moves |= set(known) != set(wanted) or known[:1] != wanted[:1]
        if plan.moves:
            given_paths = given.categories
            if given_paths is None:
                given_paths = self.paths.get(stored.pk) or [stored.category]
            plan.paths = list(given_paths) or [UNCATEGORISED]
        _set_values(stored, values, plan.columns)
        plan.has_changed = bool(plan.columns or plan.moves or plan.derives)
        _set_time(stored, given.updated_at, plan.columns)
        return plan

    def _plan_new(self, given: ProductInput) -> ProductPlan:
        values = {**given.initial, **given.given}
        paths = given.categories or values.get("categories") or [UNCATEGORISED]
        values.pop("categories", None)
        if not values.get("name"):
            raise RefusedError(say("A new product needs a name."), "name")
        first = next((v.given["price"] for v in given.variants or () if "price" in v.given), None)
        values.setdefault("price", first)
        if values["price"] is None:
            raise RefusedError(say("A new product needs a price."), "price")
        prices = {name: values.pop(name) for name in PRICE_FIELDS & values.keys()}
        repeatable = values.pop("is_repeatable", None)
        product = Product(
            source=self.source,
            external_id=given.external_id,
            source_updated_at=given.updated_at,
            is_repeatable_given=repeatable,
            price=prices["price"],
            category=paths[0],
            **values,
        )
        _set_values(product, _merge(product, prices, now=self.now), set())
        plan = ProductPlan(product, given, is_new=True, moves=True, paths=paths, has_changed=True)
        self._plan_variants(plan, prices)
        if given.variants:
            derived = derive_columns([row for row, _ in plan.new_variants])
            _set_values(product, derived, set())
        return plan

    def _plan_variants(self, plan: ProductPlan, values: dict[str, Any]) -> None:
        """Plan the variants; take the values out of `values` that hold for all variants."""
        product, given = plan.product, plan.given
        known = self.variants.get(product.pk, []) if product.pk else []
        prices = {name: values[name] for name in PRICE_FIELDS & values.keys()}
        if given.variants is None:
            if product.has_variants and prices and not plan.is_new:
                for name in prices:
                    del values[name]
                self._price_all_variants(plan, known, prices)
            return
        if given.variants and not plan.is_new:
            for name in prices:
                del values[name]
        rows = {_build_key(row.external_id, row.options): row for row in known}
        seen: set[str] = set()
        for position, variant in enumerate(given.variants):
            key = _build_key(variant.external_id, variant.given.get("options", {}))
            try:
                if key in seen:
                    raise RefusedError(say("The variant was named before."), "external_id")
                seen.add(key)
                outcome = self._plan_variant(plan, rows.pop(key, None), variant, prices, position)
                plan.results.append(VariantResult(variant.external_id, outcome))
            except RefusedError as refused:
                if not given.keeps_other_variants:
                    raise RefusedError(
                        say(
                            "Variant {external_id}: {refused}",
                            external_id=variant.external_id,
                            refused=get_sentence(refused),
                        ),
                        f"variants/{position}/{refused.field}" if refused.field else "",
                    ) from refused
                plan.results.append(
                    VariantResult(
                        variant.external_id, Outcome.REFUSED, get_sentence(refused), refused.field
                    )
                )
        if not given.keeps_other_variants:
            plan.gone_variants = [
                row
                for row in rows.values()
                if not is_older(given.updated_at, row.source_updated_at)
            ]
        plan.derives |= bool(plan.gone_variants)

    def _plan_variant(
        self,
        plan: ProductPlan,
        row: Variant | None,
        variant: VariantInput,
        prices: Mapping[str, Any],
        position: int,
    ) -> Outcome:
        """Plan one variant; `row` is the stored one, `prices` hold where it gives no price."""
        when = variant.updated_at or plan.given.updated_at
        if row is None:
            self._add_variant(plan, variant, prices, position, when)
            return Outcome.CREATED
        if is_older(when, row.source_updated_at):
            return Outcome.STALE
        return self._change_variant(plan, row, variant, prices, position, when)

    def _add_variant(
        self,
        plan: ProductPlan,
        variant: VariantInput,
        prices: Mapping[str, Any],
        position: int,
        when: datetime | None,
    ) -> None:
        if not self.creates:
            raise RefusedError(say("The product has no such variant."), "external_id")
        if plan.given.keeps_other_variants:
            position += 1 + max(
                (row.position for row in self.variants.get(plan.product.pk, [])), default=-1
            )
        values = {"position": position, **variant.initial, **variant.given}
        own = {name: values.pop(name) for name in PRICE_FIELDS & values.keys()}
        if "price" not in own:
            of_product = {} if plan.is_new else get_price_inputs(plan.product)
            own = {**of_product, **prices, **own}
        row = Variant(
            external_id=variant.external_id, source_updated_at=when, price=own["price"], **values
        )
        _set_values(row, _merge(row, own, now=self.now), set())
        plan.new_variants.append((row, variant))
        plan.derives = not plan.is_new

    def _change_variant(
        self,
        plan: ProductPlan,
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

    def _price_all_variants(
        self, plan: ProductPlan, known: Sequence[Variant], prices: Mapping[str, Any]
    ) -> None:
        if len({tuple(get_price_inputs(row).values()) for row in known}) > 1:
            raise RefusedError(
                say("The variants of the product differ in price: name them."), next(iter(prices))
            )
        when = plan.given.updated_at
        for row in known:
            if not is_older(when, row.source_updated_at):
                columns: set[str] = set()
                _set_values(row, _merge(row, prices, now=self.now), columns)
                plan.variant_columns |= columns
                plan.derives |= bool(columns)
                plan.changed_variants.append((row, VariantInput(row.external_id)))


def is_older(when: datetime | None, newest: datetime | None) -> bool:
    """Return whether a message is older than the newest one; one without a time never is."""
    return when is not None and newest is not None and when < newest


def _merge(row: Product | Variant, prices: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    try:
        return merge_prices(row, prices, now=now)
    except InvalidInputError as problem:
        raise RefusedError(get_sentence(problem), problem.field or "") from problem


def _set_values(row: Product | Variant, values: Mapping[str, Any], columns: set[str]) -> None:
    """Set the values that differ, and add their names to `columns`."""
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            columns.add(name)


def _set_time(row: Product | Variant, when: datetime | None, columns: set[str]) -> None:
    if when is not None:
        _set_values(row, {"source_updated_at": when}, columns)


def _build_key(external_id: str, options: Mapping[str, Any]) -> str:
    return external_id or json.dumps(options, sort_keys=True, default=str)


def _fold(paths: Sequence[str]) -> list[str]:
    """Return paths as they are compared: a category has one spelling in the shop."""
    return [path.casefold() for path in paths] or [UNCATEGORISED.casefold()]
