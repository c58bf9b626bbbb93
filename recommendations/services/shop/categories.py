"""Categories: paths of levels, and the products that lie at every level of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db import connection, transaction
from django.db.models import Q

from recommendations.category_paths import LEVEL_SEPARATOR, clean_path, get_name, split_path
from recommendations.errors import InvalidInputError
from recommendations.models import Category, Product, ProductCategory
from recommendations.models.product import LONGEST_CATEGORY
from recommendations.services.infra.raw_sql import fetch_rows, list_names, name_parameters
from recommendations.services.infra.row_writes import insert_new_rows, update_rows
from recommendations.services.shop.category_counts import clear_product_counts

ROWS_PER_STATEMENT = 2_000
_MEMBERS = (
    "SELECT {columns} FROM product_category JOIN category ON category.id = category_id"
    " WHERE product_category.product_id {among_ids}"
)


@transaction.atomic
def set_categories(paths: Mapping[int, Sequence[str]]) -> None:
    """Put products, by id, into categories; the first path of each is its main one.

    Missing categories are made, at all levels. A category that differs from a stored one only in
    upper and lower case is the stored one. The products leave the categories that are not named,
    and their repeatability follows the main category unless it was given.

    Raises:
        InvalidInputError: A path is too long.
    """
    # Products are locked before categories, as those do who change a category.
    products = list(
        Product.objects.select_for_update()
        .filter(pk__in=list(paths))
        .only("category", "is_repeatable", "is_repeatable_given")
        .order_by("pk")
    )
    _replace_rows(_place(products, paths), [product.pk for product in products])
    clear_product_counts()


@transaction.atomic
def change_main_category(product_ids: Collection[int], path: str) -> int:
    """Make a category the main one of these products; return how many products those are.

    The former main category is left; further ones stay.

    Raises:
        InvalidInputError: The path is too long.
    """
    given = list_given_paths(product_ids)
    mains = dict(Product.objects.filter(pk__in=product_ids).values_list("pk", "category"))
    set_categories({pk: [path, *(each for each in given[pk] if each != mains[pk])] for pk in mains})
    return len(mains)


@transaction.atomic
def say_repeatable(product_ids: Collection[int], *, repeatable: bool | None) -> int:
    """Say whether products are bought again; return how many changed what they say.

    None: they say nothing, so their main category decides.
    """
    rows = Product.objects.filter(pk__in=product_ids).values_list("pk", "is_repeatable_given")
    ids = [pk for pk, said in rows if said is not repeatable]
    Product.objects.filter(pk__in=ids).update(is_repeatable_given=repeatable)
    set_categories(list_given_paths(ids))
    return len(ids)


def set_categories_of_new(products: Sequence[Product], paths: Mapping[int, Sequence[str]]) -> None:
    """Put products that this transaction has added into categories; see `set_categories`."""
    wanted = _place(products, paths)
    _insert_rows([(*key, is_given) for key, is_given in wanted.items()])
    clear_product_counts()


def _place(
    products: Sequence[Product], paths: Mapping[int, Sequence[str]]
) -> dict[tuple[int, int], bool]:
    """Write what products say of their main category; return the rows that they are to have.

    The rows are (product id, category id), with whether the product was put there.
    """
    cleaned = {
        product.pk: [path for path in map(clean_path, paths[product.pk]) if path]
        for product in products
    }
    categories = ensure_categories({path for given in cleaned.values() for path in given})
    by_path = {row.path: row for row in categories.values()}
    wanted: dict[tuple[int, int], bool] = {}
    changed = []
    for product in products:
        given = cleaned[product.pk]
        for path in given:
            *above, last = split_path(path)
            for level in above:
                wanted.setdefault((product.pk, categories[level].pk), False)
            wanted[product.pk, categories[last].pk] = True
        main = categories[given[0]].path if given else ""
        repeatable = product.is_repeatable_given
        if repeatable is None:
            repeatable = is_repeatable(main, by_path)
        if (product.category, product.is_repeatable) != (main, repeatable):
            product.category, product.is_repeatable = main, repeatable
            changed.append(product)
    update_rows(changed, ["category", "is_repeatable"])
    return wanted


def is_repeatable(path: str, categories: Mapping[str, Category]) -> bool:
    """Return what the category says, or the nearest level above that says anything.

    If nobody says anything, the nearest level of which the log says anything decides; else False.
    """
    levels = [categories[level] for level in reversed(split_path(path))]
    answers = [*(level.is_repeatable for level in levels), *(one.repeats_learnt for one in levels)]
    return next((answer for answer in answers if answer is not None), False)


def list_given_paths(product_ids: Collection[int]) -> dict[int, list[str]]:
    """Return the paths that products were put into, the main one first, then by name."""
    rows = ProductCategory.objects.filter(product_id__in=product_ids, is_given=True).values_list(
        "product_id", "category__path", "product__category"
    )
    paths: dict[int, list[str]] = {product_id: [] for product_id in product_ids}
    for product_id, path, _main in sorted(rows, key=lambda row: (row[1] != row[2], row[1])):
        paths[product_id].append(path)
    return paths


def find_members(product_ids: Collection[int], paths: Collection[str]) -> dict[int, set[str]]:
    """Return which of these categories, at any level, each of the products lies in."""
    if not paths:
        return {}
    named = name_parameters(paths)
    query = f"{_MEMBERS} AND category.path IN {list_names(named)}"
    columns = ["product_category.product_id", "category.path"]
    members: dict[int, set[str]] = {}
    for product_id, path in fetch_rows(query, columns, named, ids=product_ids):
        members.setdefault(product_id, set()).add(path)
    return members


def _replace_rows(wanted: Mapping[tuple[int, int], bool], product_ids: Collection[int]) -> None:
    """Make the rows of these products the wanted ones, which say whether they were given."""
    stored = {
        (row.product_id, row.category_id): row
        for row in ProductCategory.objects.filter(product_id__in=list(product_ids)).order_by()
    }
    gone = {key: row.pk for key, row in stored.items() if wanted.get(key) != row.is_given}
    if gone:
        ProductCategory.objects.filter(pk__in=gone.values()).delete()
    new = [
        (*key, is_given)
        for key, is_given in wanted.items()
        if key not in stored or stored[key].is_given != is_given
    ]
    _insert_rows(new)
    Product.objects.filter(pk__in={row[0] for row in (*gone, *new)}).touch()


def _insert_rows(rows: Sequence[tuple[int, int, bool]]) -> None:
    insert_new_rows(ProductCategory, ("product", "category", "is_given"), rows)


def ensure_categories(paths: Iterable[str]) -> dict[str, Category]:
    """Return the categories of these paths and of all levels above, by the path as it was given.

    Missing ones are added. Who writes a large batch calls this before its transaction: another
    writer of a new category would wait for the end of the whole batch.
    """
    paths = {path for path in map(clean_path, paths) if path}
    for path in paths:
        if len(path) > LONGEST_CATEGORY:
            raise InvalidInputError(
                f"The category “{path[:60]}…” has {len(path)} characters; at most "
                f"{LONGEST_CATEGORY} are possible.",
                field="category",
            )
    wanted = {level for path in paths for level in split_path(path)}
    found = {row.path: row for row in _read_shared(wanted)}
    levels: dict[int, list[str]] = {}
    for path in wanted - found.keys():
        levels.setdefault(path.count(LEVEL_SEPARATOR), []).append(path)
    for depth in sorted(levels):
        # Sorted, so that two writers of the same categories wait for each other in one order.
        _add_level(sorted(levels[depth]), found)
    return found


def _add_level(paths: Sequence[str], found: dict[str, Category]) -> None:
    """Add to `found` the categories of paths of one level, whose parents it has."""
    parents = {path: found.get(path.rpartition(LEVEL_SEPARATOR)[0]) for path in paths}
    stored = {
        (row.parent_id, row.name.casefold()): row
        for row in _read_children({parent.pk if parent else None for parent in parents.values()})
    }
    new: dict[tuple[int | None, str], Category] = {}
    keys: dict[str, tuple[int | None, str]] = {}
    for path, parent in parents.items():
        name = get_name(path)
        key = keys[path] = (parent.pk if parent else None, name.casefold())
        if key not in stored and key not in new:
            full = f"{parent.path}{LEVEL_SEPARATOR}{name}" if parent else name
            new[key] = Category(path=full, name=name, parent=parent)
    if new:
        Category.objects.bulk_create(
            new.values(), batch_size=ROWS_PER_STATEMENT, ignore_conflicts=True
        )
        # Another writer may have made some of them meanwhile: the stored rows have the ids.
        made = {row.path: row for row in _read_shared([row.path for row in new.values()])}
        for key, row in new.items():
            stored[key] = made.get(row.path) or _get_or_create(row)
    for path, key in keys.items():
        found[path] = stored[key]


def _get_or_create(wanted: Category) -> Category:
    """Return the category of a path that another writer made and took away again meanwhile."""
    category, _ = Category.objects.get_or_create(
        path=wanted.path, defaults={"name": wanted.name, "parent": wanted.parent}
    )
    return category


def _read_children(parent_ids: Collection[int | None]) -> list[Category]:
    """Return the categories directly below these, or the highest ones below None."""
    below = Q(parent_id__in=[parent_id for parent_id in parent_ids if parent_id is not None])
    if None in parent_ids:
        below |= Q(parent_id=None)
    return list(Category.objects.filter(below))


def _read_shared(paths: Collection[str]) -> list[Category]:
    """Return the categories that exist; nobody changes them before this transaction ends."""
    rows = Category.objects.filter(path__in=paths).order_by("pk")
    if not paths or connection.vendor != "postgresql":
        return list(rows)
    sql, parameters = rows.query.sql_with_params()
    return list(Category.objects.raw(f"{sql} FOR SHARE", parameters))
