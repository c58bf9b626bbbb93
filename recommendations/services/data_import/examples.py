"""Show rows as they would be in the shop."""

from collections.abc import Mapping
from typing import Any

from recommendations.services.data_import.interactions import InteractionRow
from recommendations.services.data_import.products import ProductRow


def describe_product(row: ProductRow, defaults: Mapping[str, Any]) -> str:
    """Return the product of a row in one line."""
    values = {**defaults, **row.initial, **row.given}
    parts = [f"product {row.external_id}: {values.get('name', '(as before)')}"]
    if row.variants:
        parts.append(f"{len(row.variants)} variants")
        parts += [
            f"  {'/'.join(variant.given['options'].values()) or variant.external_id} at "
            f"{variant.given['price']}, stock {variant.given.get('stock', defaults['stock'])}"
            for variant in row.variants[:3]
        ]
    else:
        price = values.get("price")
        regular = values.get("regular_price")
        parts.append(f"{price}" + (f" instead of {regular}" if regular else ""))
        parts.append(f"stock {values.get('stock')}")
    parts.append(" | ".join(row.categories or [str(values["category"])]))
    if values.get("is_active") is False:
        parts.append("not on sale")
    return "; ".join(parts)


def describe_interaction(row: InteractionRow) -> str:
    """Return the interaction of a row in one line."""
    who = f"shopper {row.user_id}" if row.user_id else f"visitor {row.session_id}"
    what = "return" if row.takes_back else row.interaction_type
    rating = f", rated {row.rating:g}" if row.rating is not None else ""
    return f"{who}: {what} of {row.external_id} at {row.timestamp:%Y-%m-%d %H:%M:%S} UTC{rating}"
