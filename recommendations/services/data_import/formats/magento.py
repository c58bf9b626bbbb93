"""Magento and Adobe Commerce: the product export (CSV)."""

from pathlib import Path

from recommendations.sentences import say
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.files_beside import iter_records
from recommendations.services.data_import.formats.format import Format, Refine, mark

PARENTS = frozenset({"configurable"})
NOT_SOLD = frozenset({"grouped"})


def prepare(path: Path) -> Refine:
    """Return what refines a row; the export lists variants before the product that they are of."""
    parents: dict[str, tuple[str, dict[str, str]]] = {}
    for row in iter_records(path):
        variations = str(row.get("configurable_variations") or "")
        labels = _parse_pairs(str(row.get("configurable_variation_labels") or ""))
        for variation in variations.split("|"):
            options = _parse_pairs(variation)
            sku = options.pop("sku", "")
            if sku:
                parents[sku] = (
                    str(row.get("sku", "")).strip(),
                    {labels.get(name, name.capitalize()): v for name, v in options.items()},
                )
    return lambda row: refine_row(row, parents)


def refine_row(row: Values, parents: dict[str, tuple[str, dict[str, str]]]) -> Values | None:
    """Make a row a product, or a variant of the configurable product that names it."""
    kind = str(row.pop("kind", "simple")).strip().lower()
    if row.pop("store_view", None) or kind in NOT_SOLD:
        # Rows of a store view repeat a product in another language.
        return None
    attributes = _parse_pairs(str(row.pop("additional_attributes", "") or ""))
    cost = attributes.pop("cost", "")
    if cost:
        row.setdefault("cost", cost)
    brand = attributes.pop("manufacturer", "") or attributes.pop("brand", "")
    if brand:
        row.setdefault("brand", brand)
    if "description" not in row and "short_description" in row:
        row["description"] = row["short_description"]
    in_stock = str(row.pop("is_in_stock", "")).strip()
    is_counted = _pop_number(row, "manage_stock", 1) or _pop_number(row, "counts_by_default", 0)
    sells_on = _pop_number(row, "allow_backorders", 0)
    if in_stock.startswith("0"):
        row["stock"] = 0
    elif not is_counted or sells_on:
        row.pop("stock", None)
    sku = str(row.get("id", "")).strip()
    if sku in parents:
        parent, options = parents[sku]
        # Variants are hidden in lists of the shop; that says nothing of the product.
        row.pop("visibility", None)
        row["variant_id"], row["id"], row["options"] = sku, parent, options
        return row
    if kind in PARENTS:
        row["is_parent"] = True
        row.pop("stock", None)
    for name, value in attributes.items():
        row[f"attributes.{name}"] = value
    return row


def _pop_number(row: Values, name: str, default: int) -> int:
    written = str(row.pop(name, default)).partition(".")[0].strip()
    return int(written) if written.isdecimal() else default


def _parse_pairs(text: str) -> dict[str, str]:
    """Return the pairs of "color=Blue,size=XS"; a comma without an equals sign is of a value."""
    pairs: dict[str, str] = {}
    last = ""
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if equals:
            last = name.strip()
            pairs[last] = value.strip()
        elif last:
            pairs[last] += f",{part}"
    return pairs


MAGENTO = (
    Format(
        "magento",
        say("a product export of Magento"),
        "products",
        marks=(
            mark("sku", "attribute_set_code", "product_type"),
            mark("sku", "product_online", "visibility"),
            mark("sku", "store_view_code"),
        ),
        columns={
            "id": ("sku",),
            "sku": ("sku",),
            "kind": ("product_type",),
            "store_view": ("store_view_code",),
            "category": ("categories",),
            "price": ("price",),
            "sale_price": ("special_price",),
            "stock": ("qty",),
            "is_in_stock": ("is_in_stock",),
            "manage_stock": ("manage_stock",),
            "counts_by_default": ("use_config_manage_stock",),
            "allow_backorders": ("allow_backorders",),
            "published": ("product_online",),
            "image": ("base_image", "small_image"),
            "additional_attributes": ("additional_attributes",),
        },
        prepare=prepare,
        unusual=frozenset({"product_type", "manage_stock"}),
    ),
)
