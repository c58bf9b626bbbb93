"""The names of events, in logs of shops and of programs that count visitors."""

from collections.abc import Iterable, Mapping

from recommendations.choices import InteractionType
from recommendations.errors import DataImportError
from recommendations.sentences import say
from recommendations.services.data_import.names import normalise

RATE = "rate"
"""A rating without an interaction type: a like of `LIKED_FROM` stars or more, else a view."""
RETURN = "return"
"""What takes a purchase back."""
TYPES = (*(each.value for each in InteractionType), RATE, RETURN)

_NAMES: Mapping[str, str] = {
    InteractionType.VIEW: """
        view views viewed view_item view_product product_view product_viewed item_view item_viewed
        product_detail_view product_details_viewed detail detail_view productview viewitem pv
        click clicks clicked product_click product_clicked select_item select_content_item read
        page_view_product viewed_product view_content viewcontent product_page_view look visit
        vp ansicht""",
    InteractionType.LIKE: """
        like likes liked star starred favorite favourite favorites favorited favourited fav heart
        wishlist wishlisted wish add_to_wishlist addtowishlist product_added_to_wishlist
        added_to_wishlist wishlist_add collect bookmark bookmarked save saved upvote thumbs_up
        merkzettel""",
    InteractionType.CART: """
        cart carts carted addtocart add_to_cart added_to_cart add_cart cart_add product_added
        product_added_to_cart basket add_to_basket addtobasket added_to_basket add_to_bag
        cart_addition item_added_to_cart warenkorb""",
    InteractionType.PURCHASE: """
        purchase purchases purchased transaction transactions buy buys bought order orders ordered
        order_completed completed_order order_placed place_order placed_order order_paid
        checkout_completed checkout_complete purchase_complete purchase_completed product_purchased
        item_purchased sale sold conversion ecommerce_purchase in_app_purchase pay paid payment
        kauf bestellung""",
    RATE: "rate rated rating ratings review reviews reviewed product_reviewed",
    RETURN: """
        return returns returned refund refunded refunds order_refunded order_returned
        product_returned item_returned order_cancelled order_canceled cancelled canceled cancel
        cancellation cancelled_order storno retoure""",
}
EVENT_TYPES: Mapping[str, str] = {
    name: str(interaction_type)
    for interaction_type, names in _NAMES.items()
    for name in names.split()
}
"""Types by normalised name."""


class EventNames:
    """Finds the type of an event by its name; `further` names come first."""

    def __init__(self, further: Mapping[str, str] | None = None) -> None:
        self._types = {**EVENT_TYPES, **(further or {})}
        self._known: dict[str, str | None] = {}

    def find(self, name: str) -> str | None:
        """Return the type that the name stands for; None if it stands for none."""
        try:
            return self._known[name]
        except KeyError:
            found = self._types.get(normalise(name))
            if len(self._known) < 10_000:
                self._known[name] = found
            return found


def parse_events(definitions: Iterable[str]) -> dict[str, str]:
    """Return types by normalised name, of definitions such as "Quick view=view".

    Raises:
        DataImportError: A definition is malformed or names no type.
    """
    types: dict[str, str] = {}
    for definition in definitions:
        name, equals, interaction_type = (part.strip() for part in definition.rpartition("="))
        if not (name and equals):
            raise DataImportError(
                say("--event {definition} is not of the form NAME=TYPE.", definition=definition)
            )
        if interaction_type not in TYPES:
            raise DataImportError(
                say(
                    "--event {definition}: {interaction_type} is none of {types}.",
                    definition=definition,
                    interaction_type=interaction_type,
                    types=", ".join(TYPES),
                )
            )
        types[normalise(name)] = interaction_type
    return types
