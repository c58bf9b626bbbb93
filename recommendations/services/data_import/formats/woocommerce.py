"""WooCommerce: the product export (CSV), whose columns are named in the language of its admin."""

from pathlib import Path

from recommendations.record_files import Record, RowError
from recommendations.sentences import say
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.files_beside import iter_records
from recommendations.services.data_import.formats.format import Format, Refine, mark
from recommendations.services.data_import.values import parse_id

ATTRIBUTES = 12
"""How many attributes of a product are read."""
NOT_SOLD = frozenset({"grouped"})
"""A grouped product is a page of others, with no price of its own."""
VARIATIONS = frozenset({"variation", "product_variation", "variante"})
STOCK_OF_PARENT = "parent"
"""What stands for the stock of a variation that shares the pieces of its product."""


def prepare(path: Path) -> Refine:
    """Return what refines a row; variations name their parent by its SKU, and share its stock."""
    ids_by_sku: dict[str, str] = {}
    stocks: dict[str, str] = {}
    for row in iter_records(path):
        if "variable" in _read_first(row, "type", "typ"):
            product_id = _read_first(row, "id")
            ids_by_sku[_read_first(row, "sku", "artikelnummer")] = product_id
            stocks[product_id] = _read_first(row, "stock", "lager", "bestand")
    return lambda row: refine_row(row, ids_by_sku, stocks)


def refine_row(row: Values, ids_by_sku: dict[str, str], stocks: dict[str, str]) -> Values | None:
    """Make a row a product, or a variant of its parent."""
    kinds = {kind.strip().lower() for kind in str(row.pop("kind", "")).split(",")}
    parent = str(row.pop("parent", "")).strip()
    chosen = _pop_attributes(row)
    if kinds & NOT_SOLD:
        return None
    for name in ("description", "short_description"):
        if isinstance(row.get(name), str):
            row[name] = row[name].replace("\\r\\n", "\n").replace("\\n", "\n")
    if "description" not in row and "short_description" in row:
        row["description"] = row["short_description"]
    if str(row.get("availability", "")).strip().lower() == "backorder":
        row.pop("stock", None)
    if kinds & VARIATIONS and not parent:
        raise RowError(
            say("variation without its product"),
            say("is a variation and does not name its product"),
        )
    if kinds & VARIATIONS:
        row["variant_id"] = row["id"]
        row["id"] = (
            parse_id(parent[3:], "parent")
            if parent.startswith("id:")
            else ids_by_sku.get(parent, parent)
        )
        row["options"] = chosen
        if str(row.get("stock", "")).strip().lower() == STOCK_OF_PARENT:
            row.pop("stock")
            if stocks.get(row["id"]):
                row["stock"] = stocks[row["id"]]
        return row
    if "variable" in kinds:
        row["is_parent"] = True
        row.pop("stock", None)
    for name, value in chosen.items():
        row[f"attributes.{name}"] = value
    tags = row.pop("tags", None)
    if tags:
        row["attributes.tags"] = [tag.strip() for tag in str(tags).split(",") if tag.strip()]
    return row


def _read_first(row: Record, *columns: str) -> str:
    return next((str(row[column]).strip() for column in columns if column in row), "")


def _pop_attributes(row: Values) -> dict[str, str]:
    found: dict[str, str] = {}
    for number in range(1, ATTRIBUTES + 1):
        name = row.pop(f"attribute_{number}_name", None)
        value = row.pop(f"attribute_{number}_value", None)
        if name and value:
            found[str(name).strip()] = str(value).strip()
    return found


WOOCOMMERCE = (
    Format(
        "woocommerce",
        say("a product export of WooCommerce"),
        "products",
        marks=(
            mark("id", "type", "regular_price", "sale_price"),
            mark("id", "type", "sku", "visibility_in_catalog"),
            mark("id", "typ", "regulärer_preis", "angebotspreis"),
        ),
        columns={
            "kind": ("type", "typ"),
            "category": ("categories",),
            "tags": ("tags", "schlagwörter"),
            "published": ("published", "veröffentlicht"),
            "visibility": ("visibility_in_catalog", "sichtbarkeit_im_katalog"),
            "availability": ("in_stock", "vorrätig"),
            "regular_price": ("regular_price", "regulärer_preis"),
            "cost": ("cost_of_goods", "selbstkosten", "meta_wc_cog_cost"),
            "sale_starts_at": ("date_sale_price_starts", "datum_an_dem_angebotspreis_beginnt"),
            "sale_ends_at": ("date_sale_price_ends", "datum_an_dem_angebotspreis_endet"),
            "image": ("images", "bilder"),
            "parent": ("parent", "übergeordnetes_produkt", "übergeordnet", "eltern"),
            "brand": ("brands", "brand"),
            **{
                f"attribute_{number}_{part}": (
                    f"attribute_{number}_{column}",
                    f"attribut_{number}_{german_column}",
                )
                for number in range(1, ATTRIBUTES + 1)
                for part, column, german_column in (
                    ("name", "name", "name"),
                    ("value", "value_s", "wert_e"),
                )
            },
        },
        prepare=prepare,
        unusual=frozenset({"type", "typ"}),
    ),
)
