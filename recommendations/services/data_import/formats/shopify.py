"""Shopify: the product export (CSV, of both templates) and the answers of its API (JSON)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from recommendations.record_files import Record
from recommendations.sentences import say
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.files_beside import iter_records
from recommendations.services.data_import.formats.format import Format, Refine, mark

DEFAULT_OPTION = "Default Title"
"""The option of a product without variants."""
SHOPIFY_TRACKER = "shopify"
"""Who counts pieces, if nobody else does."""

SAID_ONCE = ("user_id", "timestamp", "order_status", "cancelled_at")
"""What the first line of an order says of all its lines."""
_OPTIONS = {
    f"option{number}_{part}": (f"option{number}_{part}",)
    for number in (1, 2, 3)
    for part in ("name", "value")
}


def refine_row(row: Values) -> Values:
    """Make the row of a handle its product and one variant."""
    names = [row.pop(f"option{number}_name", None) for number in (1, 2, 3)]
    chosen = [row.pop(f"option{number}_value", None) for number in (1, 2, 3)]
    # Only the first row of a product names its options; `group` hands the names down.
    if chosen[0] and chosen[0] != DEFAULT_OPTION:
        row["options"] = {
            str(name or f"Option {number}"): str(value)
            for number, (name, value) in enumerate(zip(names, chosen, strict=True), start=1)
            if value
        }
        row["option_names"] = [name for name in names if name]
    policy = str(row.pop("inventory_policy", "")).strip().lower()
    is_counted = row.pop("inventory_tracker", None) or str(row.get("stock", "")).strip() != "0"
    if policy == "continue" or not is_counted:
        # What goes on selling at 0, or is not counted, has no number of pieces.
        row.pop("stock", None)
    tags = row.pop("tags", None)
    if tags:
        row["attributes.tags"] = (
            tags if isinstance(tags, list) else [tag.strip() for tag in str(tags).split(",")]
        )
    variant_image = row.pop("variant_image", None)
    if variant_image:
        row["variant_image"] = variant_image
    return row


def prepare_csv(path: Path) -> Refine:
    """Return what refines a row; a file without the column of trackers counts all pieces."""
    columns = next(iter_records(path), {})
    if not any(column in columns for column in _COLUMNS["inventory_tracker"]):
        return lambda row: refine_row({**row, "inventory_tracker": SHOPIFY_TRACKER})
    return refine_row


def expand_product(record: Record) -> Iterable[Record]:
    """Return a record for each variant of a product of the API."""
    product: Record = {key: value for key, value in record.items() if key != "variants"}
    if "published_at" in record:
        # Without this time, or before it, a product is not in the online store.
        product["published"] = record["published_at"] or False
    options = record.get("options") or []
    for number, option in enumerate(options[:3], start=1):
        name = option.get("name") if isinstance(option, dict) else option
        product[f"Option{number} Name"] = name
    images = [_get_source(image) for image in record.get("images") or []]
    product["images"] = [image for image in images if image]
    variants = record.get("variants") or []
    for variant in variants:
        yield product | {
            "Option1 Value": variant.get("option1") or variant.get("title"),
            "Option2 Value": variant.get("option2"),
            "Option3 Value": variant.get("option3"),
            "Variant ID": variant.get("id"),
            "Variant SKU": variant.get("sku"),
            "Variant Price": variant.get("price"),
            "Variant Compare At Price": variant.get("compare_at_price"),
            "Variant Inventory Qty": variant.get("inventory_quantity"),
            "available": variant.get("available"),
            "Variant Inventory Policy": variant.get("inventory_policy"),
            "Variant Inventory Tracker": variant.get("inventory_management", SHOPIFY_TRACKER),
        }
    if not variants:
        yield product


def prepare_orders(_path: Path) -> Refine:
    """Return what refines a line of an order; only the first line says what became of it."""
    order = ""
    of_order: Values = {}

    def refine(row: Values) -> Values:
        nonlocal order, of_order
        if str(row.get("order", "")) != order:
            order = str(row.get("order", ""))
            of_order = {name: row[name] for name in SAID_ONCE if name in row}
        return {**row, **of_order}

    return refine


def _get_source(image: Any) -> Any:
    return image.get("src") if isinstance(image, dict) else image


_COLUMNS = {
    **_OPTIONS,
    "name": ("title",),
    "description": ("body_html", "description", "body"),
    "brand": ("vendor",),
    "category": ("product_category", "type", "product_type"),
    "price": ("variant_price", "price"),
    "regular_price": ("variant_compare_at_price", "compare_at_price"),
    "stock": ("variant_inventory_qty", "inventory_quantity", "variant_inventory_quantity"),
    "sku": ("variant_sku", "sku"),
    "published": ("published", "published_on_online_store"),
    "inventory_policy": ("variant_inventory_policy", "continue_selling_when_out_of_stock"),
    "inventory_tracker": ("variant_inventory_tracker", "inventory_tracker"),
    "image": ("image_src", "product_image_url", "images"),
    "variant_image": ("variant_image", "variant_image_url"),
    "tags": ("tags",),
}

SHOPIFY = (
    Format(
        "shopify",
        say("a product export of Shopify"),
        "products",
        marks=(
            mark("handle", "variant_price"),
            mark("handle", "option1_name"),
            mark("url_handle", "title", "price"),
        ),
        columns={**_COLUMNS, "id": ("handle", "url_handle")},
        prepare=prepare_csv,
    ),
    Format(
        "shopify",
        say("products of Shopify's API"),
        "products",
        marks=(mark("handle", "variants", "body_html"), mark("handle", "variants", "vendor")),
        columns={**_COLUMNS, "id": ("id",), "variant_id": ("variant_id",)},
        expand=expand_product,
        refine=refine_row,
        unusual=frozenset({"published_at"}),
    ),
    Format(
        "shopify",
        say("an order export of Shopify"),
        "interactions",
        marks=(mark("lineitem_sku", "lineitem_quantity", "email"),),
        columns={
            "product_id": ("lineitem_sku",),
            "user_id": ("email",),
            "timestamp": ("created_at",),
            "order": ("name",),
            "order_status": ("financial_status",),
            "quantity": ("lineitem_quantity",),
        },
        defaults={"interaction_type": "purchase"},
        prepare=prepare_orders,
    ),
)
