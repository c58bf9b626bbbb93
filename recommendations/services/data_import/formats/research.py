"""Data sets of research that shops are tried with: H&M, Instacart, MovieLens."""

from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recommendations.errors import DataImportError
from recommendations.record_files import RecordFile, RowError
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.format import Format, Refine, mark
from recommendations.services.data_import.values import parse_text

SUFFIXES = ("", ".gz", ".zip")
LINES_PER_ORDER = 1_000
"""The most products of one order that keep their places in the order of a shopper's events."""


def refine_article(row: Values) -> Values:
    """Make the articles of one product code its variants, told apart by their colour."""
    parent, colour = row.pop("parent", None), row.pop("colour", None)
    levels = [row.pop(f"level{number}", None) for number in (1, 2, 3)]
    path = [str(level) for level in levels if level]
    if path:
        row["category"] = path
    if parent:
        row["variant_id"], row["id"] = row["id"], parent
        row["options"] = {"Colour": str(colour)} if colour else {}
    return row


def prepare_films(path: Path) -> Refine:
    """Return what refines a film: its genres are categories, not a path."""

    def refine(row: Values) -> Values:
        genres = str(row.pop("genre_list", "") or "")
        if genres and genres != "(no genres listed)":
            row["category"] = [[genre] for genre in genres.split("|") if genre]
        return row

    return refine


def prepare_groceries(path: Path) -> Refine:
    """Return what refines a product: aisles and departments have names in files beside it."""
    aisles = _read_names(path, "aisles", "aisle_id", "aisle")
    departments = _read_names(path, "departments", "department_id", "department")

    def refine(row: Values) -> Values:
        aisle, department = str(row.pop("aisle", "")), str(row.pop("department", ""))
        levels = [departments.get(department, ""), aisles.get(aisle, "")]
        known = [level for level in levels if level]
        if known:
            row["category"] = known
        return row

    return refine


def prepare_baskets(path: Path) -> Refine:
    """Return what refines a line of an order: the shopper stands in the file of orders beside it.

    Raises:
        DataImportError: There is no such file.
    """
    orders = _find_beside(path, "orders")
    if orders is None:
        raise DataImportError(
            f"{path.name} names orders, not shoppers: orders.csv must lie beside it."
        )
    # By order number, because a dictionary of three million orders takes half a gigabyte.
    users, places = array("l"), array("l")
    with RecordFile(orders) as file:
        for _, record in file:
            if isinstance(record, RowError):
                continue
            number = int(record["order_id"])
            missing = number + 1 - len(users)
            if missing > 0:
                users.extend([-1] * max(missing, len(users) // 2))
                places.extend([0] * max(missing, len(places) // 2))
            users[number] = int(record["user_id"])
            places[number] = int(record["order_number"])

    def refine(row: Values) -> Values:
        number = int(row.pop("order"))
        place = int(row.pop("place", 1))
        if number < len(users) and users[number] >= 0:
            row["user_id"] = str(users[number])
            row["position"] = places[number] * LINES_PER_ORDER + min(place, LINES_PER_ORDER - 1)
        return row

    return refine


def _find_beside(path: Path, name: str) -> Path | None:
    folder = path.parent
    return next(
        (
            folder / f"{name}.csv{suffix}"
            for suffix in SUFFIXES
            if (folder / f"{name}.csv{suffix}").is_file()
        ),
        None,
    )


def _read_names(path: Path, name: str, key: str, value: str) -> Mapping[str, str]:
    beside = _find_beside(path, name)
    names: dict[str, str] = {}
    if beside is not None:
        with RecordFile(beside) as file:
            for _, record in file:
                if not isinstance(record, RowError):
                    names[parse_text(record.get(key, ""), key)] = parse_text(
                        record.get(value, ""), value
                    )
    return names


_RATE: Mapping[str, Any] = {"interaction_type": "rate"}
_PURCHASE: Mapping[str, Any] = {"interaction_type": "purchase"}

RESEARCH = (
    Format(
        "hm",
        "articles of H&M",
        "products",
        marks=(mark("article_id", "product_code", "prod_name"),),
        columns={
            "id": ("article_id",),
            "parent": ("product_code",),
            "name": ("prod_name",),
            "description": ("detail_desc",),
            "level1": ("index_group_name",),
            "level2": ("product_group_name",),
            "level3": ("product_type_name",),
            "colour": ("colour_group_name",),
        },
        refine=refine_article,
        lacks=frozenset({"price"}),
    ),
    Format(
        "hm",
        "purchases of H&M",
        "interactions",
        marks=(mark("t_dat", "customer_id", "article_id"),),
        columns={"timestamp": ("t_dat",)},
        defaults=_PURCHASE,
    ),
    Format(
        "instacart",
        "products of Instacart",
        "products",
        marks=(mark("product_id", "product_name", "aisle_id"),),
        columns={
            "aisle": ("aisle_id",),
            "department": ("department_id",),
            "category": (),
        },
        prepare=prepare_groceries,
        lacks=frozenset({"price"}),
        unusual=frozenset({"department_id"}),
    ),
    Format(
        "instacart",
        "orders of Instacart",
        "interactions",
        marks=(mark("order_id", "product_id", "add_to_cart_order"),),
        columns={"order": ("order_id",), "place": ("add_to_cart_order",)},
        defaults=_PURCHASE,
        prepare=prepare_baskets,
        lacks=frozenset({"user_id", "position"}),
    ),
    Format(
        "movielens",
        "films of MovieLens",
        "products",
        marks=(mark("movie_id", "title", "genres"),),
        columns={"id": ("movie_id",), "genre_list": ("genres",)},
        prepare=prepare_films,
        header=("movieId", "title", "genres"),
        unusual=frozenset({"genres"}),
        lacks=frozenset({"price"}),
    ),
    Format(
        "movielens",
        "ratings of MovieLens",
        "interactions",
        marks=(mark("movie_id", "user_id", "rating"),),
        columns={"product_id": ("movie_id",)},
        defaults=_RATE,
        header=("userId", "movieId", "rating", "timestamp"),
    ),
)
