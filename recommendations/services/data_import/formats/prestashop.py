"""PrestaShop: the sample file of its product import, and what its list of products exports."""

from decimal import Decimal, InvalidOperation

from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.formats.format import Format, mark

HOME = frozenset({"home", "accueil", "startseite", "inicio", "root"})
"""The category above all others, in which products lie that the front page shows."""


def refine_row(row: Values) -> Values:
    """Take discounts off the price; features become attributes."""
    discount = _to_number(row.pop("discount_amount", None))
    percent = _to_number(row.pop("discount_percent", None))
    price = _to_number(row.get("price"))
    if price and (discount or percent):
        row["sale_price"] = price - discount - price * percent / 100
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


def _to_number(value: object) -> Decimal:
    try:
        return Decimal(str(value or 0).replace(",", "."))
    except InvalidOperation:
        return Decimal(0)


PRESTASHOP = (
    Format(
        "prestashop",
        "a product file of PrestaShop",
        "products",
        marks=(
            mark("product_id", "active_0_1"),
            mark("id", "active_0_1", "name"),
            mark("product_id", "price_tax_excl", "status"),
            mark("id_product", "name"),
            mark("product_id", "reference", "price_tax_incl"),
        ),
        columns={
            "id": ("product_id", "id_product", "id"),
            "category": ("categories_x_y_z", "category"),
            "price": (
                *("price_tax_included", "price_tax_incl", "price_tax_excluded", "price_tax_excl"),
                "price",
            ),
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
    ),
)
