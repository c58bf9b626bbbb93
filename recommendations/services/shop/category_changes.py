"""What staff change about categories: their name and place, and whether their products repeat."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from recommendations.category_paths import LEVEL_SEPARATOR, get_name, join_levels, split_path
from recommendations.errors import InvalidInputError
from recommendations.models import Category, Product, ProductCategory
from recommendations.models.product import LONGEST_CATEGORY
from recommendations.services.shop.categories import (
    is_repeatable,
    list_given_paths,
    set_categories,
)
from recommendations.services.shop.category_counts import clear_product_counts
from recommendations.services.shop.rule_versions import count_rules_about, rename_categories

PRODUCTS_PER_STEP = 1_000


@transaction.atomic
def set_repeatable(category_id: int, *, repeatable: bool | None) -> int:
    """Say whether a category's products are bought again; return how many products changed.

    None: nobody says, so the level above decides. Products and lower categories that say something
    themselves keep it.
    """
    path = Category.objects.get(pk=category_id).path
    # Products before categories: the order in which `set_categories` locks them.
    _lock_products(path)
    category = Category.objects.select_for_update().get(pk=category_id)
    category.is_repeatable = repeatable
    category.save(update_fields=["is_repeatable"])
    categories = {
        row.path: row
        for row in Category.objects.filter(
            Q(path__in=split_path(category.path)) | _is_below(category.path)
        )
    }
    changed = 0
    for below in categories:
        if below == category.path or below.startswith(category.path + LEVEL_SEPARATOR):
            answer = is_repeatable(below, categories)
            changed += (
                Product.objects.filter(category=below, is_repeatable_given=None)
                .exclude(is_repeatable=answer)
                .update(is_repeatable=answer)
            )
    return changed


@transaction.atomic
def move_category(category_id: int, *, name: str, parent_id: int | None) -> str:
    """Rename a category or put it below another one; return its path.

    All categories below move along, and so do their products and the rules that name them.

    Raises:
        InvalidInputError: The name is empty or too long, the place is taken, or it lies in the
            category itself.
    """
    old = Category.objects.get(pk=category_id).path
    _lock_products(old)
    rows = list(
        Category.objects.select_for_update()
        .filter(Q(pk=category_id) | _is_below(old))
        .order_by("pk")
    )
    if not any((row.pk, row.path) == (category_id, old) for row in rows):
        raise InvalidInputError(
            _("Somebody else has just moved this category. Open it again."), field="name"
        )
    moved, parent, renamed = _plan_move(rows, category_id, name=name, parent_id=parent_id)
    category = moved[category_id]
    product_ids = list(
        ProductCategory.objects.filter(category_id=category_id).values_list("product_id", flat=True)
    )
    changes_place = category.parent_id != parent_id
    category.name, category.parent = get_name(renamed[old]), parent
    for row in moved.values():
        before, row.path = row.path, renamed[row.path]
        Product.objects.filter(category=before).update(category=row.path)
    Category.objects.bulk_update(moved.values(), ["path", "name", "parent"], batch_size=500)
    for first in range(0, len(product_ids), PRODUCTS_PER_STEP):
        Product.objects.filter(pk__in=product_ids[first : first + PRODUCTS_PER_STEP]).touch()
    if changes_place:
        # The levels above are others now, and may say something else about repeatability.
        for first in range(0, len(product_ids), PRODUCTS_PER_STEP):
            set_categories(list_given_paths(product_ids[first : first + PRODUCTS_PER_STEP]))
    rename_categories(renamed)
    clear_product_counts()
    return renamed[old]


def check_move(category_id: int, *, name: str, parent_id: int | None) -> None:
    """Raise what `move_category` would raise at present; nothing is locked or changed."""
    path = Category.objects.get(pk=category_id).path
    rows = list(Category.objects.filter(Q(pk=category_id) | _is_below(path)))
    _plan_move(rows, category_id, name=name, parent_id=parent_id)


def count_affected(category_id: int) -> tuple[int, int, int]:
    """Return how many categories below, products and rules a move would change."""
    path = Category.objects.get(pk=category_id).path
    paths = [
        row
        for row in Category.objects.filter(_is_below(path)).values_list("path", flat=True)
        if path in split_path(row)
    ]
    return (
        len(paths),
        ProductCategory.objects.filter(category_id=category_id).count(),
        count_rules_about([path, *paths]),
    )


def _is_below(path: str) -> Q:
    return Q(path__startswith=path + LEVEL_SEPARATOR)


def _lock_products(path: str) -> None:
    rows = Product.objects.select_for_update().filter(category_rows__category__path=path)
    list(rows.order_by("pk").values_list("pk"))


def _plan_move(
    rows: Sequence[Category], category_id: int, *, name: str, parent_id: int | None
) -> tuple[dict[int, Category], Category | None, dict[str, str]]:
    """Return the categories that move, by id, the new parent, and new paths by old ones.

    `rows` are the category and those whose paths begin with its own.
    """
    old = next(row.path for row in rows if row.pk == category_id)
    # SQLite compares beginnings without regard to case.
    moved = {row.pk: row for row in rows if old in split_path(row.path)}
    parent = Category.objects.get(pk=parent_id) if parent_id is not None else None
    if parent is not None and parent.pk in moved:
        raise InvalidInputError(_("A category cannot lie in itself."), field="parent")
    cleaned = join_levels([name])
    if not cleaned:
        raise InvalidInputError(_("A category has a name."), field="name")
    new = f"{parent.path}{LEVEL_SEPARATOR}{cleaned}" if parent else cleaned
    sisters = Category.objects.filter(parent_id=parent_id).exclude(pk=category_id)
    if any(sister.name.casefold() == cleaned.casefold() for sister in sisters):
        told = _("There is a category “{}” already.").format(new)
        raise InvalidInputError(told, field="name")
    renamed = {row.path: new + row.path.removeprefix(old) for row in moved.values()}
    longest = max(renamed.values(), key=len)
    if len(longest) > LONGEST_CATEGORY:
        raise InvalidInputError(
            _("“{beginning}…” would have {length} characters; at most {most} are possible.").format(
                beginning=longest[:60], length=len(longest), most=LONGEST_CATEGORY
            ),
            field="name",
        )
    return moved, parent, renamed
