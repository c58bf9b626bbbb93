"""The exports of this shop: products with their variants, and interactions.

What the very shop exported that imports them is still there, so such rows add nothing: products and
variants without an id of their own, and interactions, are known by their numbers in the shop.
Every row names the sources of its ids, so that the ids of several are never mixed.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from recommendations.category_paths import LEVEL_SEPARATOR
from recommendations.models import Product, UserBehavior, Variant
from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.fields import ALREADY_HERE, SOURCE, Values
from recommendations.services.data_import.formats.format import Format, mark
from recommendations.services.data_import.plan import is_source
from recommendations.services.data_import.values import parse_text, quote

LOOKED_UP_AT_ONCE = 5_000
SOURCES = ("product_source", "user_source", "session_source")


def refine_product(row: Values) -> Values:
    """Make the row the product, or one variant of it."""
    row_type, number = row.pop("row_type", "product"), _parse_number(row.pop("number", None))
    if _is_already_here(row, row_type, number):
        return {ALREADY_HERE: True}
    _check_source(row, SOURCE)
    if row_type == "parent":
        row["is_parent"] = True
        for name in ("price", "regular_price", "sale_price", "sale_starts_at", "sale_ends_at"):
            row.pop(name, None)
        row.pop("stock", None)
    if row_type != "variant":
        row.pop("variant_id", None)
        row.pop("options", None)
    elif "options" in row:
        row["options"] = _parse_json(row["options"], "options")
    categories = _parse_json(row.pop("categories", "[]"), "categories")
    if categories:
        row["category"] = [str(path).split(LEVEL_SEPARATOR) for path in categories]
    return row


def prepare_interactions(_path: Path) -> Callable[[Values], Values]:
    """Return what marks the rows that this shop has already; it reads many of them at once."""
    known: dict[int, tuple[Any, ...]] = {}
    first, last = 1, 0.0

    def refine(row: Values) -> Values:
        nonlocal known, first, last
        number = _parse_number(row.pop("row_number", None))
        for name in SOURCES:
            _check_source(row, name)
        if number is None:
            return row
        if not first <= number <= last:
            rows = UserBehavior.objects.filter(pk__gte=number).order_by("pk")
            found = rows.values_list(
                *("pk", "product__source", "product__external_id", "interaction_type", "timestamp")
            )
            known = {pk: tuple(rest) for pk, *rest in found[:LOOKED_UP_AT_ONCE]}
            first = number
            last = max(known) if len(known) == LOOKED_UP_AT_ONCE else float("inf")
        stored = known.get(number)
        return {ALREADY_HERE: True} if stored is not None and _is_same(row, stored) else row

    return refine


def _is_same(row: Values, stored: tuple[Any, ...]) -> bool:
    source, product_id, interaction_type, timestamp = stored
    try:
        when = datetime.fromisoformat(str(row.get("timestamp")))
    except ValueError:
        return False
    named = parse_text(row.get("product_id", ""), "product_id")
    return (
        row.get("product_source", source) == source
        and (named == product_id or (not product_id and named.startswith("number-")))
        and row.get("interaction_type") == interaction_type
        and when == timestamp
    )


def _is_already_here(row: Values, row_type: Any, number: int | None) -> bool:
    if number is None:
        return False
    unnamed = f"number-{number}"
    if row_type == "variant":
        return row.get("variant_id") == unnamed and (
            Variant.objects.filter(
                pk=number, external_id="", product__name=row.get("name", "")
            ).exists()
        )
    return (
        row.get("id") == unnamed
        and Product.objects.filter(pk=number, external_id="", name=row.get("name", "")).exists()
    )


def _check_source(row: Values, name: str) -> None:
    """Refuse a row with a source that none can be."""
    if name not in row:
        return
    row[name] = parse_text(row[name], name)
    if not is_source(row[name]):
        raise RowError(
            say("{name} is none", name=name),
            say("{name} {value} is no name of a source", name=name, value=quote(row[name])),
        )


def _parse_number(value: Any) -> int | None:
    return int(value) if value is not None and str(value).isdecimal() else None


def _parse_json(value: Any, name: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise RowError(
            say("{name} are not JSON", name=name),
            say("{name} are not JSON: {error}", name=name, error=error),
        ) from error


OWN = (
    Format(
        "shop",
        say("an export of this shop's products"),
        "products",
        marks=(mark("row_type", "id", "variant_id", "number", "categories"),),
        columns={
            name: (name,)
            for name in (
                *("row_type", "number", "variant_id", "options", "categories", "attributes"),
                SOURCE,
            )
        },
        refine=refine_product,
        unusual=frozenset({"picture", "categories"}),
    ),
    Format(
        "shop",
        say("an export of this shop's interactions"),
        "interactions",
        marks=(mark("row_number", "event_id", "product_id", "interaction_type", "timestamp"),),
        columns={name: (name,) for name in ("row_number", "event_id", *SOURCES)},
        prepare=prepare_interactions,
    ),
)
