"""Amazon's reviews and their products, as published for research in 2014 and 2023."""

from typing import Any

from recommendations.sentences import say
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.format import Format, mark


def refine_2014(row: Values) -> Values:
    """Unpack the category, of which the first path is the main one."""
    description = row.get("description")
    if isinstance(description, list):
        row["description"] = "\n\n".join(map(str, description))
    return row


def refine_2023(row: Values) -> Values:
    """Join the paragraphs of a product; its largest pictures come first."""
    parts = [str(part) for part in _to_list(row.pop("paragraphs", None)) if part]
    features = [str(part) for part in _to_list(row.pop("features", None)) if part]
    text = "\n\n".join((*parts, *features))
    if text:
        row["description"] = text
    path = [level for level in _to_list(row.get("category")) if level]
    main = row.pop("main_category", None)
    if path:
        row["category"] = [str(level) for level in path]
    elif main:
        row["category"] = str(main)
    details = row.pop("details", None)
    if isinstance(details, dict):
        for name in ("Brand", "Color", "Material", "Size"):
            if details.get(name):
                row[f"attributes.{name}"] = str(details[name])
        row.setdefault("brand", details.get("Brand") or row.pop("store", None) or "")
    elif "store" in row:
        row.setdefault("brand", row["store"])
    row.pop("store", None)
    images = [
        image.get("hi_res") or image.get("large") or image.get("thumb")
        for image in _to_list(row.pop("pictures", None))
        if isinstance(image, dict)
    ]
    images = [image for image in images if image]
    if images:
        row["image"] = images
    return row


def _to_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


REVIEW = {"interaction_type": "rate"}

AMAZON = (
    Format(
        "amazon2023",
        say("Amazon's products of 2023"),
        "products",
        marks=(mark("parent_asin", "main_category"), mark("parent_asin", "title", "features")),
        columns={
            "id": ("parent_asin",),
            "parent": (),
            "name": ("title",),
            "paragraphs": ("description",),
            "features": ("features",),
            "category": ("categories",),
            "main_category": ("main_category",),
            "store": ("store",),
            "details": ("details",),
            "pictures": ("images",),
        },
        refine=refine_2023,
        unusual=frozenset({"description", "details", "images", "type"}),
        lacks=frozenset({"price"}),
    ),
    Format(
        "amazon2023",
        say("Amazon's reviews of 2023"),
        "interactions",
        marks=(mark("parent_asin", "user_id", "rating"),),
        columns={"product_id": ("parent_asin",)},
        defaults=REVIEW,
    ),
    Format(
        "amazon2014",
        say("Amazon's products of 2014"),
        "products",
        marks=(mark("asin", "categories"), mark("asin", "sales_rank"), mark("asin", "im_url")),
        columns={
            "id": ("asin",),
            "category": ("categories", "category"),
            "image": ("im_url",),
        },
        refine=refine_2014,
        defaults={"name": ""},
        lacks=frozenset({"price", "name"}),
    ),
    Format(
        "amazon2014",
        say("Amazon's reviews of 2014"),
        "interactions",
        marks=(mark("reviewer_id", "asin", "overall"),),
        columns={
            "user_id": ("reviewer_id",),
            "product_id": ("asin",),
            "rating": ("overall",),
            "timestamp": ("unix_review_time", "review_time"),
        },
        defaults=REVIEW,
        header=("reviewer_id", "asin", "overall", "unix_review_time"),
    ),
)
