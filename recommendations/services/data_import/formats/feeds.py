"""Feeds for Google Merchant Center, and for those that read the same: TSV, CSV and XML."""

from collections.abc import Iterable
from typing import Any

from recommendations.record_files import Record
from recommendations.sentences import say
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.format import Format, mark
from recommendations.services.data_import.names import PRODUCT_COLUMNS
from recommendations.services.data_import.values import parse_cell

OPTIONS = {"color": "Colour", "size": "Size", "material": "Material", "pattern": "Pattern"}
_OPTION_NAMES = {
    "color": ("color", "colour", "farbe", "color_name", "colour_name"),
    "size": ("size", "größe", "groesse", "shoe_size"),
    "material": ("material",),
    "pattern": ("pattern",),
}
_OF_OPTIONS = ("", "attribute_", "attribute_pa_", "pa_", "option_", "variant_", "attr_")
OPTION_COLUMNS = {
    f"option_{option}": tuple(before + name for before in _OF_OPTIONS for name in names)
    for option, names in _OPTION_NAMES.items()
}
IMAGES = ("image", "images")
OF_PRODUCT = frozenset({"id", "variant_id", "name", "title", "product_id"})
"""What a variant in a list says of itself, and not of its product."""
VARIANT_IDS = ("id", "variant_id", "sku")
KEPT = ("condition", "gender", "age_group", "gtin", "mpn")


def expand_variants(record: Record) -> Iterable[Record]:
    """Return a record for each of the variants that a record lists, as APIs write them."""
    variants = parse_cell(record.get("variants"))
    name = next((name for name in PRODUCT_COLUMNS["id"] if record.get(name)), "")
    if not isinstance(variants, list) or not name or not any(map(_is_object, variants)):
        return (record,)
    product = {key: value for key, value in record.items() if key not in {"variants", *IMAGES}}
    found = [_build_variant(product, name, each) for each in variants if _is_object(each)]
    images = [record[key] for key in IMAGES if record.get(key)]
    # Pictures of the product, which are not those of its first variant.
    return [found[0] | {"further_images": images}, *found[1:]]


def _build_variant(product: Record, id_column: str, variant: Record) -> Record:
    own = {key: value for key, value in variant.items() if key not in OF_PRODUCT}
    options = own.pop("options", None)
    named = next((variant[name] for name in VARIANT_IDS if variant.get(name)), None)
    return {
        **product,
        **own,
        **(options if isinstance(options, dict) else {}),
        "item_group_id": product[id_column],
        id_column: named,
    }


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def refine_row(row: Values) -> Values:
    """Make the rows of an item group its variants, told apart by colour, size and the like."""
    options = {
        label: str(row.pop(f"option_{name}"))
        for name, label in OPTIONS.items()
        if f"option_{name}" in row
    }
    parent = row.pop("parent", None)
    if parent:
        row["variant_id"], row["id"] = row["id"], parent
        row["options"] = options
    else:
        for label, value in options.items():
            row[f"attributes.{label}"] = value
    for name in KEPT:
        if f"kept_{name}" in row:
            row[f"attributes.{name}"] = row.pop(f"kept_{name}")
    starts, slash, ends = str(row.pop("sale_dates", "")).partition("/")
    if slash:
        row["sale_starts_at"], row["sale_ends_at"] = starts.strip(), ends.strip()
    return row


def refine_item(row: Values) -> Values:
    """Do without the number of a category of Google's, which is no name."""
    if str(row.get("category", "")).strip().isdecimal():
        del row["category"]
    return refine_row(row)


FEEDS = (
    Format(
        "google",
        say("a feed for Google Merchant Center"),
        "products",
        marks=(
            mark("id", "title", "link", "image_link", "price"),
            mark("id", "title", "availability", "image_link"),
            mark("id", "title", "link", "price", "availability"),
            mark("id", "item_group_id", "title", "price"),
            mark("id", "title", "google_product_category"),
        ),
        columns={
            "category": ("product_type", "google_product_category"),
            "image": ("image_link",),
            "further_images": ("additional_image_link",),
            "stock": ("quantity_to_sell_on_facebook", "quantity", "inventory", "stock"),
            "parent": ("item_group_id",),
            **OPTION_COLUMNS,
            **{f"kept_{name}": (name,) for name in KEPT},
        },
        refine=refine_item,
        unusual=frozenset({"mpn"}),
    ),
)
