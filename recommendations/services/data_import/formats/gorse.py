"""Gorse: its items and its feedback, as its dashboard and its API write them."""

from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.format import Format, mark


def refine_item(row: Values) -> Values:
    """Name an item by its comment; several categories are several, not a path."""
    categories = row.pop("all_categories", None)
    if isinstance(categories, list):
        row["category"] = [[str(each)] for each in categories]
    elif categories:
        row["category"] = str(categories).strip("[]").replace('"', "").replace(",", "|")
    labels = row.pop("labels", None)
    if labels:
        row["attributes.labels"] = labels
    return row


GORSE = (
    Format(
        "gorse",
        "items of Gorse",
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
        "feedback of Gorse",
        "interactions",
        marks=(mark("feedback_type", "user_id", "item_id"),),
        columns={"interaction_type": ("feedback_type",), "timestamp": ("timestamp", "time_stamp")},
    ),
)
