"""The one way by which the outside writes products: the API, imported files and feeds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from recommendations.category_paths import split_path
from recommendations.models import Product, ProductCategory, Variant
from recommendations.sentences import say
from recommendations.services.infra.row_writes import insert_rows, update_rows
from recommendations.services.shop.attributes import derive_attributes
from recommendations.services.shop.catalogue_inputs import Outcome, ProductInput, ProductResult
from recommendations.services.shop.catalogue_plans import (
    Planner,
    ProductPlan,
    RefusedError,
    is_older,
)
from recommendations.services.shop.categories import (
    ensure_categories,
    set_categories,
    set_categories_of_new,
)
from recommendations.services.shop.picture_addresses import (
    set_product_addresses,
    set_variant_addresses,
)
from recommendations.services.shop.variants import derive_products

TRIES = 5
"""How often a batch is tried whose products others add at the same time."""


def write_products(
    inputs: Iterable[ProductInput], *, source: str, creates: bool = True, dry_run: bool = False
) -> list[ProductResult]:
    """Add and change the products of a source, in one transaction; return a result for each input.

    A product is known by (source, external_id), a variant by its product and its external_id. What
    an input does not give stays as it is. Without `creates`, an unknown product or variant is
    refused. An input older than the newest one about the product, or the variant, changes nothing;
    the same input again changes nothing either. Price, stock and flags of a product with variants
    are derived from them. An input that is refused costs no other input anything; of two inputs for
    one product, the second is refused. With `dry_run`, nothing is written, and the results are
    those that writing would have.
    """
    batch = list(inputs)
    if not source:
        raise ValueError("Products from outside need the name of their source.")
    if not dry_run:
        given = {path for each in batch for path in each.categories or ()}
        ensure_categories(level for path in given for level in split_path(path))
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                return _write(batch, source=source, creates=creates, dry_run=dry_run)
        except IntegrityError:
            # Another writer has added one of the products since this one looked for them.
            if attempt == TRIES - 1:
                raise
    raise AssertionError


def _write(
    batch: Sequence[ProductInput], *, source: str, creates: bool, dry_run: bool
) -> list[ProductResult]:
    """Try once to write a batch."""
    stored = _read(batch, source, locks=not dry_run)
    planner = Planner(source, creates, stored.variants, stored.paths)
    plans: dict[str, ProductPlan] = {}
    results: dict[int, ProductResult] = {}
    seen: set[str] = set()
    for index, given in enumerate(batch):
        key = given.external_id
        product = stored.products.get(key)
        product_id = product.pk if product else None
        try:
            if key in seen:
                raise RefusedError(
                    say("The product was named before in the same batch."), "external_id"
                )
            seen.add(key)
            if product and is_older(given.updated_at, product.source_updated_at):
                results[index] = ProductResult(key, Outcome.STALE, product_id)
            else:
                plans[key] = planner.plan(given, product)
        except RefusedError as refused:
            results[index] = ProductResult(
                key, Outcome.REFUSED, product_id, str(refused), refused.field
            )
    if not dry_run:
        _save(list(plans.values()))
    return [
        results.get(index) or plans[given.external_id].describe()
        for index, given in enumerate(batch)
    ]


@dataclass
class _Stored:
    """What the shop has of a batch.

    Attributes:
        products: By outside id.
        variants: The variants by product.
        paths: The categories by product, the main one first.
    """

    products: dict[str, Product]
    variants: dict[int, list[Variant]] = field(default_factory=dict)
    paths: dict[int, list[str]] = field(default_factory=dict)


def _read(batch: Sequence[ProductInput], source: str, *, locks: bool) -> _Stored:
    """Read the products of the batch that the shop has, locked in the order of their ids.

    Locked, because every changed column is written for every changed product: a purchase between
    reading and writing would be undone.
    """
    inputs = {given.external_id: given for given in batch}
    found = Product.objects.filter(source=source, external_id__in=list(inputs)).order_by("pk")
    if locks:
        found = found.select_for_update(no_key=True)
    stored = _Stored({product.external_id: product for product in found})
    with_variants = [
        product.pk
        for key, product in stored.products.items()
        if product.has_variants or inputs[key].variants is not None
    ]
    if with_variants:
        rows = Variant.objects.filter(product_id__in=with_variants).order_by("pk")
        for variant in rows.select_for_update(no_key=True) if locks else rows:
            stored.variants.setdefault(variant.product_id, []).append(variant)
    main = {
        product.pk: product.category
        for key, product in stored.products.items()
        if inputs[key].categories is not None or "is_repeatable" in inputs[key].given
    }
    if main:
        rows_of_paths = (
            ProductCategory.objects.filter(product_id__in=main, is_given=True)
            .order_by("pk")
            .values_list("product_id", "category__path")
        )
        for product_id, path in rows_of_paths:
            stored.paths.setdefault(product_id, []).append(path)
        for product_id, paths in stored.paths.items():
            paths.sort(key=lambda path: path != main[product_id])
    return stored


def _save(plans: Sequence[ProductPlan]) -> None:
    """Write the plans: products, then variants, categories and pictures."""
    new = sorted((plan.product for plan in plans if plan.is_new), key=lambda row: row.external_id)
    insert_rows(new)
    columns = set().union(*(plan.columns for plan in plans))
    update_rows([plan.product for plan in plans if plan.columns], columns)
    _save_variants(plans)
    described = [plan.product.pk for plan in plans if plan.changes_attributes]
    if described:
        derive_attributes(described)
    paths = {plan.product.pk: plan.paths for plan in plans if plan.is_new}
    if paths:
        set_categories_of_new(new, paths)
    moved = {plan.product.pk: plan.paths for plan in plans if plan.moves and not plan.is_new}
    if moved:
        set_categories(moved)
    _save_pictures(plans)


def _save_variants(plans: Sequence[ProductPlan]) -> None:
    gone = [row.pk for plan in plans for row in plan.gone_variants]
    if gone:
        Variant.objects.filter(pk__in=gone).delete()
    columns = set().union(*(plan.variant_columns for plan in plans))
    update_rows(
        [row for plan in plans if plan.variant_columns for row, _ in plan.changed_variants], columns
    )
    new = []
    for plan in plans:
        for row, _ in plan.new_variants:
            row.product_id = plan.product.pk
            new.append(row)
    insert_rows(new)
    derived = [plan.product.pk for plan in plans if plan.derives]
    if derived:
        derive_products(derived)
    touched = [
        plan.product.pk
        for plan in plans
        if not plan.is_new and (plan.derives or plan.variant_columns)
    ]
    if touched:
        Product.objects.filter(pk__in=touched).touch()


def _save_pictures(plans: Sequence[ProductPlan]) -> None:
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
