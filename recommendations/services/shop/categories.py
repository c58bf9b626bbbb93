"""Categories: paths of levels, and the products that lie at every level of them."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction

from recommendations.models import Category, Product, ProductCategory
from recommendations.models.category import LEVEL_SEPARATOR
from recommendations.services.infra.row_updates import update_rows

ROWS_PER_STATEMENT = 2_000


def split_path(path: str) -> list[str]:
    """Return the paths of all levels, the highest first.

    “Clothing > Hoodies” gives “Clothing” and “Clothing > Hoodies”.
    """
    levels = path.split(LEVEL_SEPARATOR)
    return [LEVEL_SEPARATOR.join(levels[:depth]) for depth in range(1, len(levels) + 1)]


@transaction.atomic
def set_categories(paths: Mapping[int, Sequence[str]]) -> None:
    """Put products, by id, into categories; the first path of each is its main one.

    Missing categories are made, at all levels. The products leave the categories that are not
    named, and their repeatability follows the main category unless it was given.
    """
    categories = ensure_categories(
        level for given in paths.values() for path in given for level in split_path(path)
    )
    wanted = {
        (product_id, categories[level].pk): level in given
        for product_id, given in paths.items()
        for path in given
        for level in split_path(path)
    }
    stored = {
        (row.product_id, row.category_id): row
        for row in ProductCategory.objects.filter(product_id__in=list(paths)).order_by()
    }
    gone = [row.pk for key, row in stored.items() if wanted.get(key) != row.is_given]
    ProductCategory.objects.filter(pk__in=gone).delete()
    ProductCategory.objects.bulk_create(
        (
            ProductCategory(product_id=product_id, category_id=category_id, is_given=is_given)
            for (product_id, category_id), is_given in wanted.items()
            if (product_id, category_id) not in stored
            or stored[product_id, category_id].is_given != is_given
        ),
        batch_size=ROWS_PER_STATEMENT,
        ignore_conflicts=True,
    )
    products = list(Product.objects.filter(pk__in=list(paths)).order_by("pk"))
    changed = []
    for product in products:
        main = paths[product.pk][0] if paths[product.pk] else ""
        repeatable = product.is_repeatable_given
        if repeatable is None:
            repeatable = is_repeatable(main, categories)
        if (product.category, product.is_repeatable) != (main, repeatable):
            product.category, product.is_repeatable = main, repeatable
            changed.append(product)
    update_rows(changed, ["category", "is_repeatable"])


def is_repeatable(path: str, categories: Mapping[str, Category]) -> bool:
    """Return what the category says, or the nearest level above that says anything; else False."""
    said = (categories[level].is_repeatable for level in reversed(split_path(path)) if path)
    return next((answer for answer in said if answer is not None), False)


def ensure_categories(paths: Iterable[str]) -> dict[str, Category]:
    """Return the categories of these paths by path; add missing ones, ancestors included.

    `paths` have the ancestors, too. Who writes a large batch calls this before its transaction:
    another writer of a new category would wait for the end of the whole batch.
    """
    # Sorted, so that two writers of the same categories wait for each other in one order.
    wanted = sorted(set(paths), key=lambda path: (path.count(LEVEL_SEPARATOR), path))
    found = {row.path: row for row in Category.objects.filter(path__in=wanted)}
    for path in wanted:
        if path not in found:
            above, _, name = path.rpartition(LEVEL_SEPARATOR)
            found[path], _ = Category.objects.get_or_create(
                path=path, defaults={"name": name, "parent": found.get(above)}
            )
    return found
