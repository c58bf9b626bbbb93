"""Feeds for Google Merchant Center, and for those that read the same: TSV, CSV and XML."""

from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.format import Format, mark

OPTIONS = {"color": "Colour", "size": "Size", "material": "Material", "pattern": "Pattern"}
OPTION_COLUMNS = {
    "option_color": ("color", "colour", "farbe", "color_name", "colour_name"),
    "option_size": ("size", "größe", "groesse", "shoe_size"),
    "option_material": ("material",),
    "option_pattern": ("pattern",),
}
KEPT = ("condition", "gender", "age_group", "gtin", "mpn")


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


FEEDS = (
    Format(
        "google",
        "a feed for Google Merchant Center",
        "products",
        marks=(
            mark("id", "title", "link", "image_link", "price"),
            mark("id", "title", "availability", "image_link"),
            mark("id", "title", "link", "price", "availability"),
            mark("id", "item_group_id", "title", "price"),
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
        refine=refine_row,
        unusual=frozenset({"mpn"}),
    ),
)
