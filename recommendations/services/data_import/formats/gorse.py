"""Gorse: its items and its feedback, as its dashboard and its API write them."""

import re
from typing import Any

from recommendations.sentences import say
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.format import Format, mark
from recommendations.services.data_import.values import parse_cell


def refine_item(row: Values) -> Values:
    """Several categories are several, not a path; labels are one attribute."""
    categories = _split(row.pop("all_categories", None))
    if categories:
        row["category"] = [[str(each)] for each in categories]
    labels = parse_cell(row.pop("labels", None))
    if labels:
        row["attributes.labels"] = labels if isinstance(labels, dict) else _split(labels)
    return row


def _split(value: Any) -> list[Any]:
    """Return the values of a list, of JSON text, or of a text with bars or commas between them."""
    value = parse_cell(value)
    if isinstance(value, list):
        return value
    return [part for each in re.split(r"[|,]", str(value or "")) if (part := each.strip())]


GORSE = (
    Format(
        "gorse",
        say("items of Gorse"),
        "products",
        marks=(
            mark("item_id", "is_hidden"),
            mark("item_id", "categories", "labels"),
        ),
        columns={
            "id": ("item_id",),
            "name": ("comment",),
            "hidden": ("is_hidden",),
            "all_categories": ("categories",),
            "labels": ("labels",),
            "created_at": ("timestamp", "time_stamp"),
        },
        unusual=frozenset({"categories"}),
        refine=refine_item,
        defaults={"name": ""},
        lacks=frozenset({"price", "name"}),
    ),
    Format(
        "gorse",
        say("feedback of Gorse"),
        "interactions",
        marks=(mark("feedback_type", "user_id", "item_id"),),
        columns={"interaction_type": ("feedback_type",), "timestamp": ("timestamp", "time_stamp")},
    ),
)
