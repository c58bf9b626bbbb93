"""Presets to import research data sets into a shop: their files and the meaning of the columns.

    manage.py import_data --preset amazon_beauty path/to/amazon_beauty

The name of a set is its source. `docs/data-import.md` lists what fills in for missing values.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from recommendations.errors import DataImportError
from recommendations.services.data_import.fields import Layout, Values
from recommendations.services.data_import.plan import ImportPlan

DEFAULT_PRICE = Decimal("10.00")


@dataclass(frozen=True, slots=True)
class Preset:
    """The files of a data set and their layouts."""

    about: str
    products: str | None = None
    interactions: str | None = None
    product_layout: Layout = field(default_factory=Layout)
    interaction_layout: Layout = field(default_factory=Layout)
    invents_products: bool = False


def plan_import(
    name: str, folder: Path, *, source: str | None = None, defaults: Mapping[str, Any] | None = None
) -> ImportPlan:
    """Return the plan that imports a data set from its folder.

    `defaults` replace those of the preset, such as the price of products without one.

    Raises:
        DataImportError: There is no such preset, or the folder lacks one of its files.
    """
    if name not in PRESETS:
        raise DataImportError(f"There is no preset {name}. There are {', '.join(sorted(PRESETS))}.")
    preset = PRESETS[name]
    if not folder.is_dir():
        raise DataImportError(f"{folder} is not a folder; {name} is imported from its folder.")
    files = [folder / file for file in (preset.products, preset.interactions) if file]
    missing = [path.name for path in files if not path.is_file()]
    if missing:
        raise DataImportError(f"{folder} has no {' and no '.join(missing)}; {name} needs it.")
    layout = preset.product_layout
    return ImportPlan(
        source=source or name,
        products=folder / preset.products if preset.products else None,
        interactions=folder / preset.interactions if preset.interactions else None,
        product_layout=replace(layout, defaults={**layout.defaults, **(defaults or {})}),
        interaction_layout=preset.interaction_layout,
        format="plain",
        invents_products=preset.invents_products,
    )


def _find_main_path(row: Values) -> list[str]:
    """Return the first category path of a row, top level first."""
    paths = row.get("category") or [[]]
    return list(paths[0] if isinstance(paths[0], list) else paths)


def _set_category(row: Values, levels: slice) -> Values:
    """Return the row with these levels of its path as category, the whole path as attribute."""
    path = _find_main_path(row)
    return row | {"category": path[levels] or path, "attributes.category_path": path}


def _refine_beauty(row: Values) -> Values:
    # All paths begin with "Beauty". The second level has only six categories; leaves are too many.
    return _set_category(row, slice(1, 3))


def _refine_luma(row: Values) -> Values:
    row = _set_category(row, slice(0, 2))
    # The file has trade marks as HTML entities.
    row["name"] = html.unescape(row["name"])
    row["attributes"] = {name: html.unescape(value) for name, value in row["attributes"].items()}
    return row


def _refine_flipkart(row: Values) -> Values:
    return _set_category(row, slice(0, 1))


def _refine_film(row: Values) -> Values:
    genres = row.get("category") or ["unknown"]
    year = row.get("attributes.year")
    return row | {
        "name": f"{row['name']} ({year})" if year else row["name"],
        "category": genres[0],
        "attributes.genres": genres,
    }


def _refine_tianchi(row: Values) -> Values:
    row["category"] = f"Category {row['category']}"
    brand = row.pop("brand", "0")
    return row if brand == "0" else row | {"brand": f"Brand {brand}"}


# An empty name becomes "Product" and the id.
WITHOUT_NAME: Mapping[str, Any] = {"name": ""}
WITHOUT_PRICE: Mapping[str, Any] = {"price": DEFAULT_PRICE}

PRESETS: Mapping[str, Preset] = {
    "amazon_beauty": Preset(
        about="12,101 beauty products and who bought them in which order",
        products="items.jsonl.gz",
        interactions="interactions.csv.gz",
        product_layout=Layout(
            columns={"categories": "category", "asin": "attributes.asin"},
            defaults={**WITHOUT_NAME, **WITHOUT_PRICE},
            refine=_refine_beauty,
        ),
    ),
    "flipkart_1050": Preset(
        about="1,050 products of an Indian shop, without interactions; prices in rupees",
        products="products.jsonl.gz",
        product_layout=Layout(
            columns={
                "categories": "category",
                "specifications": "attributes",
                "list_price": "attributes.list_price",
            },
            refine=_refine_flipkart,
        ),
    ),
    "home_depot": Preset(
        about="30,722 product titles of a hardware shop, without interactions",
        products="products.csv.gz",
        product_layout=Layout(defaults={**WITHOUT_PRICE, "category": "Home improvement"}),
    ),
    "magento_luma": Preset(
        about="191 pieces of sportswear with pictures, and their reviews as ratings",
        products="products.jsonl.gz",
        interactions="reviews.csv",
        product_layout=Layout(
            columns={
                "categories": "category",
                "sizes": "attributes.sizes",
                "colors": "attributes.colors",
            },
            refine=_refine_luma,
        ),
        interaction_layout=Layout(
            columns={"reviewer": "user_id", "rating_value": "rating"},
            defaults={"interaction_type": "rate"},
            ordered=True,
        ),
    ),
    "ml100k": Preset(
        about="1,682 films and 100,000 ratings with times",
        products="items.jsonl.gz",
        interactions="interactions.csv.gz",
        product_layout=Layout(
            columns={"genres": "category", "year": "attributes.year"},
            defaults=WITHOUT_PRICE,
            refine=_refine_film,
        ),
    ),
    "retailrocket_multi": Preset(
        about="97,381 views, carts and purchases with times, of products known by id only",
        interactions="interactions_train.csv.gz",
        product_layout=Layout(defaults=WITHOUT_PRICE),
        invents_products=True,
    ),
    "tianchi_ecomm": Preset(
        about="36,224 products known by ids and price, and 85,213 interactions of all four types",
        products="items.csv.gz",
        interactions="interactions.csv.gz",
        product_layout=Layout(
            columns={"category_id": "category", "brand_id": "brand"},
            defaults=WITHOUT_NAME,
            refine=_refine_tianchi,
        ),
    ),
    "uci_online_retail": Preset(
        about="3,607 gifts of a British wholesaler and 308,063 purchases with times; prices in £",
        products="items.csv.gz",
        interactions="interactions.csv.gz",
        product_layout=Layout(
            columns={"median_price_gbp": "price", "first_sold": "created_at"},
            defaults={**WITHOUT_NAME, "category": "Gifts"},
        ),
        interaction_layout=Layout(columns={"invoice": "session_id"}),
    ),
}
