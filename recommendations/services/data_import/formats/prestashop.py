"""PrestaShop: files of its import and what its list of products exports.

Combinations have a file of their own. What it says of prices is the difference to the product's
price, so it is read with the products, beside whose file it lies.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from recommendations.errors import DataImportError
from recommendations.record_files import Record
from recommendations.sentences import say
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.files_beside import find_beside, iter_records
from recommendations.services.data_import.formats.format import Expand, Format, Refine, mark
from recommendations.services.data_import.names import normalise

HOME = frozenset({"home", "accueil", "startseite", "inicio", "root"})
"""The category above all others, in which products lie that the front page shows."""
IDS = ("product_id", "id_product", "id")
COMBINATIONS = "*combinations*"


def prepare_combinations(path: Path) -> Expand:
    """Return what makes a product with combinations a parent with variants."""
    combinations: dict[str, list[Record]] = defaultdict(list)
    for beside in find_beside(path, COMBINATIONS):
        for record in iter_records(beside):
            combinations[str(record.get("product_id", "")).strip()].append(record)

    def expand(record: Record) -> Iterable[Record]:
        columns = {normalise(column): column for column in record}
        column = next((columns[name] for name in IDS if name in columns), "")
        found = combinations.get(str(record.get(column, "")).strip(), [])
        if not found:
            return [record]
        references = Counter(str(each.get("reference", "")).strip() for each in found)
        variants = [_build_variant(record, each, references) for each in found]
        return [record | {"is_parent": True}, *variants]

    return expand


def refuse_combinations(path: Path) -> Refine:
    """Raise a DataImportError: combinations alone say neither names nor prices."""
    raise DataImportError(
        say(
            "{name} holds combinations of products: import the file of the "
            "products, beside which this one must lie.",
            name=path.name,
        )
    )


def _build_variant(product: Record, combination: Record, references: Counter[str]) -> Record:
    names = _split_parts(combination.get("attribute_name_type_position"))
    values = _split_parts(combination.get("value_value_position"))
    reference = str(combination.get("reference", "")).strip()
    is_own = references[reference] == 1
    return product | {
        "options": dict(zip(names, values, strict=False)),
        "variant_id": reference if reference and is_own else None,
        "variant_sku": reference,
        "impact_on_price": combination.get("impact_on_price"),
        "variant_quantity": combination.get("quantity"),
        "variant_image": combination.get("image_urls_x_y_z"),
    }


def _split_parts(value: object) -> list[str]:
    """Return the names in "Size:select:0, Colour:color:1"."""
    return [part.partition(":")[0].strip() for part in str(value or "").split(",")]


def refine_row(row: Values) -> Values:
    """Give a combination what it has of its own; features become attributes."""
    if "options" in row:
        for name in ("stock", "sku"):
            row[name] = row.pop(f"variant_{name}", "")
        if "variant_id" not in row:
            row["variant_id"] = "/".join((str(row["id"]).strip(), *row["options"].values()))
    elif row.get("is_parent"):
        row.pop("stock", None)
    for feature in str(row.pop("features", "") or "").split(","):
        name, colon, rest = feature.partition(":")
        if colon and rest:
            row[f"attributes.{name.strip()}"] = rest.partition(":")[0].strip()
    categories = str(row.get("category", "")).split(",")
    if len(categories) > 1 and categories[0].strip().lower() in HOME:
        row["category"] = ",".join(categories[1:])
    if "description" not in row and "short_description" in row:
        row["description"] = row["short_description"]
    return row


PRESTASHOP = (
    Format(
        "prestashop",
        say("a product file of PrestaShop"),
        "products",
        marks=(
            mark("product_id", "active_0_1"),
            mark("id", "active_0_1", "name"),
            mark("product_id", "price_tax_excl", "status"),
            mark("id_product", "name"),
            mark("product_id", "reference", "price_tax_incl"),
        ),
        columns={
            "id": IDS,
            "is_parent": ("is_parent",),
            "options": ("options",),
            "variant_id": ("variant_id",),
            "variant_sku": ("variant_sku",),
            "variant_stock": ("variant_quantity",),
            "variant_image": ("variant_image",),
            "price_impact": ("impact_on_price",),
            "category": ("categories_x_y_z", "category"),
            "price": (
                *("price_tax_included", "price_tax_incl", "price_tax_excluded", "price_tax_excl"),
                "price",
            ),
            "cost": ("wholesale_price", "cost_price"),
            "stock": ("quantity",),
            "sku": ("reference",),
            "brand": ("manufacturer", "brand"),
            "published": ("active_0_1", "active"),
            "discount_amount": ("discount_amount",),
            "discount_percent": ("discount_percent",),
            "sale_starts_at": ("discount_from_yyyy_mm_dd", "discount_from"),
            "sale_ends_at": ("discount_to_yyyy_mm_dd", "discount_to"),
            "image": ("image_urls_x_y_z", "image"),
            "features": ("feature_name_value_position_customized", "feature_name_value_position"),
            "created_at": ("product_creation_date",),
        },
        unusual=frozenset({"on_sale_0_1", "available_for_order_0_no_1_yes"}),
        refine=refine_row,
        prepare_expand=prepare_combinations,
    ),
    Format(
        "prestashop",
        say("combinations of PrestaShop"),
        "products",
        marks=(mark("product_id", "attribute_name_type_position", "value_value_position"),),
        prepare=refuse_combinations,
    ),
)
