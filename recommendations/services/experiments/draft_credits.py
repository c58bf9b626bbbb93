"""Which model of an interleaving drafted what a subject clicked, put into the cart and bought."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.services.insight.attribution import (
    Click,
    Clicks,
    Shopper,
    get_shopper,
    get_window,
    read_clicks,
)
from recommendations.services.insight.days import Span
from recommendations.trials.interleaving import Drafter

CREDITED_TYPES = {
    InteractionType.CART.value: "carts",
    InteractionType.PURCHASE.value: "purchases",
}
CREDITED = ("clicks", *CREDITED_TYPES.values())
"""What models get credit for."""
SIDES = (Drafter.FIRST.value, Drafter.SECOND.value)


class Credit(NamedTuple):
    """Something that a subject did with a product that one model drafted."""

    at: datetime
    measure: str
    side: int
    """0 for the first model, 1 for the second."""


Credits = Mapping[tuple[int, Shopper], Collection[Credit]]
"""By the id of the experiment and the subject."""


def read_credits(span: Span) -> Credits:
    """Return the credits of a span.

    A cart or a purchase counts for the model that drafted the product in the list in which the
    subject clicked it last, as long as lists take credit.
    """
    credit: dict[tuple[int, Shopper], list[Credit]] = defaultdict(list)
    clicks = read_clicks(span.start - get_window(), span.end)
    for click in clicks:
        if click.at >= span.start:
            _add(credit, click, "clicks", click.at)
    by_shopper = Clicks(clicks)
    done = UserBehavior.objects.filter(
        timestamp__gte=span.start, timestamp__lt=span.end, interaction_type__in=CREDITED_TYPES
    )
    columns = ("user_id", "session_id", "product_id", "timestamp", "interaction_type")
    for user_id, session_id, product_id, at, kind in done.order_by().values_list(*columns):
        led = by_shopper.find_direct(get_shopper(user_id, session_id), product_id, at)
        if led is not None:
            _add(credit, led, CREDITED_TYPES[kind], at)
    return credit


def sum_credits(credit: Collection[Credit], *, since: datetime) -> dict[str, list[int]]:
    """Return the credits of both models for each measure, from an exposure on."""
    sums = {name: [0, 0] for name in CREDITED}
    for each in credit:
        if each.at >= since:
            sums[each.measure][each.side] += 1
    return sums


def _add(
    credit: dict[tuple[int, Shopper], list[Credit]], click: Click, measure: str, at: datetime
) -> None:
    drafted = click.drafted
    if drafted is not None and drafted.drafter in SIDES:
        side = SIDES.index(drafted.drafter)
        credit[drafted.experiment_id, click.shopper].append(Credit(at, measure, side))
