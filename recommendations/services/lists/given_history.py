"""A list for a history that the caller hands over; nothing of it is stored."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from recommendations.choices import InteractionType, Placement
from recommendations.conf import configuration
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.history import Entry, ShopperHistory
from recommendations.services.lists.personal import build_personal_list
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.wish import ListWish
from recommendations.services.shop.product_rows import NamedProduct


class GivenEvent(NamedTuple):
    """One interaction of a history that the caller hands over."""

    product_id: int
    interaction_type: InteractionType
    rating: float | None
    timestamp: datetime


def recommend_for_events(
    events: Sequence[GivenEvent],
    *,
    placement: Placement = Placement.HOME,
    count: int = 10,
    wish: ListWish | None = None,
) -> tuple[RecommendationList, set[int]]:
    """Return the list that a shopper with exactly these interactions would get.

    The list is made anew each time; neither the events nor the list is stored or logged.

    Returns:
        The list, and the products of the events that the shop does not know: these are left out.
    """
    context = ListContext(subject=None, wish=wish)
    give_history(context, events)
    unknown = {event.product_id for event in events} - context.products.keys()
    return build_personal_list(context, placement, count), unknown


def give_history(
    context: ListContext, events: Sequence[GivenEvent], *, in_cart: Collection[int] = ()
) -> None:
    """Let a context without a subject make its lists for these events and this cart."""
    context.read_products(event.product_id for event in events)
    entries = []
    # Events of the same time stay in the order in which they came.
    for event in sorted(events, key=lambda event: event.timestamp):
        product = context.products.get(event.product_id)
        if product is not None:
            named = (product.name, product.category, product.is_active, product.external_id)
            entries.append(Entry(*event, *named))
    purchases = [
        entry.product_id
        for entry in reversed(entries)
        if entry.interaction_type is InteractionType.PURCHASE
    ]
    latest = entries[-configuration().history_length :]
    context.given_history = ShopperHistory(
        entries=tuple(latest),
        purchases=tuple(dict.fromkeys(purchases)),
        purchased=frozenset(purchases),
        in_cart=frozenset(in_cart),
        bought_from=frozenset(context.products[pk].category for pk in purchases),
        names={
            entry.product_id: NamedProduct(entry.product_name, entry.product_external_id)
            for entry in latest
        },
    )
