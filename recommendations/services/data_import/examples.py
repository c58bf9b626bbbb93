"""Show rows as they would be in the shop."""

from collections.abc import Mapping
from typing import Any

from recommendations.sentences import join, say, say_count
from recommendations.services.data_import.interactions import InteractionRow
from recommendations.services.shop.catalogue_inputs import PRICE_FIELDS, ProductInput
from recommendations.services.shop.prices import derive_prices

SHOWN_VARIANTS = 3


def describe_product(product: ProductInput, defaults: Mapping[str, Any]) -> str:
    """Return a product in one line."""
    values = {**defaults, **product.initial, **product.given}
    name = values.get("name", say("(as before)"))
    parts: list[str] = [say("product {id}: {name}", id=product.external_id, name=name)]
    if product.variants:
        count = len(product.variants)
        parts.append(say_count("{count} variant", "{count} variants", count))
        parts += [
            say(
                "  {name} at {price}, stock {stock}",
                name="/".join(variant.given["options"].values()) or variant.external_id,
                price=_describe_price({**variant.initial, **variant.given}),
                stock=variant.given.get("stock", defaults["stock"]),
            )
            for variant in product.variants[:SHOWN_VARIANTS]
        ]
    else:
        parts += [_describe_price(values), say("stock {stock}", stock=values.get("stock"))]
    parts.append(" | ".join(product.categories or [str(values["category"])]))
    if values.get("is_active") is False:
        parts.append(say("not on sale"))
    return join(parts, "; ")


def describe_interaction(row: InteractionRow) -> str:
    """Return the interaction of a row in one line."""
    who = (
        say("shopper {id}", id=row.user_id)
        if row.user_id
        else say("visitor {id}", id=row.session_id)
    )
    told = say(
        "{who}: {type} of {product} at {time} UTC",
        who=who,
        type=say("return") if row.takes_back else row.interaction_type,
        product=row.external_id,
        time=f"{row.timestamp:%Y-%m-%d %H:%M:%S}",
    )
    if row.rating is None:
        return told
    return join([told, say("rated {rating:g}", rating=row.rating)], ", ")


def _describe_price(values: Mapping[str, Any]) -> str:
    given: dict[str, Any] = {name: values.get(name) for name in PRICE_FIELDS}
    prices = derive_prices(**given)
    regular_price = prices["regular_price"]
    is_lowered = regular_price is not None and prices["price"] < regular_price
    if is_lowered:
        return say(
            "{price} instead of {regular_price}", price=prices["price"], regular_price=regular_price
        )
    return f"{prices['price']}"
