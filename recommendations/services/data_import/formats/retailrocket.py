"""Retailrocket: events, and a catalogue in the properties of items.

A line of `item_properties_part1.csv` says one property of an item since a time; the latest line of
a property counts. Two properties have names: the category, whose levels stand in
`category_tree.csv`, and whether the item is available. All others are hashed.
"""

from collections.abc import Iterable
from pathlib import Path

from recommendations.record_files import Record
from recommendations.sentences import say
from recommendations.services.data_import.formats.files_beside import find_beside, iter_records
from recommendations.services.data_import.formats.format import Expand, Format, mark

CATEGORY, AVAILABLE = "categoryid", "available"
COLUMNS = ("itemid", "property", "value", "timestamp")
DEEPEST = 20
"""Levels of a category at most: parents that name each other would have no end."""


def prepare_items(path: Path) -> Expand:
    """Return what makes the items of a file products, each at the last line that counts."""
    latest: dict[tuple[str, str], tuple[int, str]] = {}
    last_lines: dict[str, tuple[str, str, str, str]] = {}
    for beside in dict.fromkeys((*find_beside(path, "item_properties*"), path)):
        for record in iter_records(beside):
            line = _read_line(record)
            item, name, value, time = line
            if name not in (CATEGORY, AVAILABLE) or not time.isdigit():
                continue
            if int(time) >= latest.get((item, name), (0, ""))[0]:
                latest[item, name] = int(time), value
            if beside == path:
                last_lines[item] = line
    parents = {
        str(record.get("categoryid")): str(record.get("parentid") or "")
        for tree in find_beside(path, "category_tree")[:1]
        for record in iter_records(tree)
    }

    def expand(record: Record) -> Iterable[Record]:
        line = _read_line(record)
        item = line[0]
        if last_lines.get(item) != line:
            return
        category = latest.get((item, CATEGORY), (0, ""))[1]
        yield {
            "itemid": item,
            "category": [f"Category {level}" for level in _list_levels(category, parents)],
            "availability": latest.get((item, AVAILABLE), (0, ""))[1],
        }

    return expand


def _read_line(record: Record) -> tuple[str, str, str, str]:
    item, name, value, time = (str(record.get(column, "")).strip() for column in COLUMNS)
    return item, name, value, time


def _list_levels(category: str, parents: dict[str, str]) -> list[str]:
    """Return a category with all levels above, the highest first."""
    levels: list[str] = []
    while category and category not in levels and len(levels) < DEEPEST:
        levels.insert(0, category)
        category = parents.get(category, "")
    return levels


RETAILROCKET = (
    Format(
        "retailrocket",
        say("items of Retailrocket"),
        "products",
        marks=(mark("timestamp", "itemid", "property", "value"),),
        columns={"id": ("itemid",)},
        defaults={"name": ""},
        prepare_expand=prepare_items,
        lacks=frozenset({"id", "name", "price"}),
    ),
    Format(
        "retailrocket",
        say("events of Retailrocket"),
        "interactions",
        marks=(mark("visitorid", "event", "itemid"), mark("visitor_id", "event", "item_id")),
        columns={"user_id": ("visitorid", "visitor_id"), "product_id": ("itemid", "item_id")},
    ),
)
