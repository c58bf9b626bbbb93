"""Data sets of research that shops are tried with: H&M, Instacart, MovieLens."""

from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recommendations.errors import DataImportError
from recommendations.sentences import say
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.files_beside import find_beside, iter_records
from recommendations.services.data_import.formats.format import Format, Refine, mark
from recommendations.services.data_import.values import parse_text

LINES_PER_ORDER = 1_000
"""The most products of one order that keep their places in the order of a shopper's events."""

GENRES = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery"),
    *("Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
"""The last columns of u.item, in their order."""
NO_GENRES = frozenset({"unknown", "(no genres listed)"})


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


def refine_film(row: Values) -> Values:
    """Make the genres of a film its categories: they are no path."""
    genres = str(row.pop("genre_list", "") or "").split("|")
    flags = {genre: row.pop(f"genre.{genre}", "") for genre in GENRES}
    genres += [genre for genre, flag in flags.items() if str(flag) == "1"]
    known = [[genre] for genre in genres if genre and genre not in NO_GENRES]
    if known:
        row["category"] = known
    return row


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
    orders = find_beside(path, "orders")
    if not orders:
        raise DataImportError(
            say("{name} names orders, not shoppers: orders.csv must lie beside it.", name=path.name)
        )
    # By order number, because a dictionary of three million orders takes half a gigabyte.
    users, places = array("l"), array("l")
    for record in iter_records(orders[0]):
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


def _read_names(path: Path, name: str, key: str, value: str) -> Mapping[str, str]:
    return {
        parse_text(record.get(key, ""), key): parse_text(record.get(value, ""), value)
        for beside in find_beside(path, name)[:1]
        for record in iter_records(beside)
    }


_RATE: Mapping[str, Any] = {"interaction_type": "rate"}
_PURCHASE: Mapping[str, Any] = {"interaction_type": "purchase"}

RESEARCH = (
    Format(
        "hm",
        say("articles of H&M"),
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
        say("purchases of H&M"),
        "interactions",
        marks=(mark("t_dat", "customer_id", "article_id"),),
        columns={"timestamp": ("t_dat",)},
        defaults=_PURCHASE,
    ),
    Format(
        "instacart",
        say("products of Instacart"),
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
        say("orders of Instacart"),
        "interactions",
        marks=(mark("order_id", "product_id", "add_to_cart_order"),),
        columns={"order": ("order_id",), "place": ("add_to_cart_order",)},
        defaults=_PURCHASE,
        prepare=prepare_baskets,
        lacks=frozenset({"user_id", "position"}),
    ),
    Format(
        "movielens",
        say("films of MovieLens"),
        "products",
        marks=(mark("movie_id", "title", "genres"),),
        columns={"id": ("movie_id",), "genre_list": ("genres",)},
        refine=refine_film,
        header=("movieId", "title", "genres"),
        unusual=frozenset({"genres"}),
        lacks=frozenset({"price"}),
    ),
    Format(
        "movielens",
        say("films of MovieLens 100K"),
        "products",
        columns={
            "id": ("movie_id",),
            "name": ("title",),
            **{f"genre.{genre}": (genre,) for genre in GENRES},
        },
        refine=refine_film,
        header=("movieId", "title", "release_date", "video_release_date", "imdb_url", *GENRES),
        lacks=frozenset({"price"}),
    ),
    Format(
        "movielens",
        say("ratings of MovieLens"),
        "interactions",
        marks=(mark("movie_id", "user_id", "rating"),),
        columns={"product_id": ("movie_id",)},
        defaults=_RATE,
        header=("userId", "movieId", "rating", "timestamp"),
    ),
)
