"""Show rows as they would be in the shop."""

from collections.abc import Mapping
from typing import Any

from recommendations.services.data_import.interactions import InteractionRow
from recommendations.services.shop.catalogue_inputs import PRICE_FIELDS, ProductInput
from recommendations.services.shop.prices import derive_prices

SHOWN_VARIANTS = 3


def describe_product(product: ProductInput, defaults: Mapping[str, Any]) -> str:
    """Return a product in one line."""
    values = {**defaults, **product.initial, **product.given}
    parts = [f"product {product.external_id}: {values.get('name', '(as before)')}"]
    if product.variants:
        parts.append(f"{len(product.variants)} variants")
        parts += [
            f"  {'/'.join(variant.given['options'].values()) or variant.external_id} at "
            f"{_describe_price({**variant.initial, **variant.given})}, "
            f"stock {variant.given.get('stock', defaults['stock'])}"
            for variant in product.variants[:SHOWN_VARIANTS]
        ]
    else:
        parts += [_describe_price(values), f"stock {values.get('stock')}"]
    parts.append(" | ".join(product.categories or [str(values["category"])]))
    if values.get("is_active") is False:
        parts.append("not on sale")
    return "; ".join(parts)


def describe_interaction(row: InteractionRow) -> str:
    """Return the interaction of a row in one line."""
    who = f"shopper {row.user_id}" if row.user_id else f"visitor {row.session_id}"
    what = "return" if row.takes_back else row.interaction_type
    rating = f", rated {row.rating:g}" if row.rating is not None else ""
    return f"{who}: {what} of {row.external_id} at {row.timestamp:%Y-%m-%d %H:%M:%S} UTC{rating}"


def _describe_price(values: Mapping[str, Any]) -> str:
    given: dict[str, Any] = {name: values.get(name) for name in PRICE_FIELDS}
    prices = derive_prices(**given)
    regular_price = prices["regular_price"]
    is_lowered = regular_price is not None and prices["price"] < regular_price
    return f"{prices['price']}" + (f" instead of {regular_price}" if is_lowered else "")
