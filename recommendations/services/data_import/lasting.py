"""Read whether a purchase lasted: from quantities, statuses, and times of cancellation."""

from collections import Counter
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from django.utils.translation import gettext_noop

from recommendations.choices import InteractionType
from recommendations.sentences import say
from recommendations.services.data_import.fields import Several, Values
from recommendations.services.data_import.order_statuses import OrderStatus, parse_order_status
from recommendations.services.data_import.report import count_by_word
from recommendations.services.data_import.words import parse_switch


class Purchase(Enum):
    """What a line of an order is."""

    LASTING = "lasting"
    NONE = "none"
    """Nothing was bought, and nothing is taken back."""
    TAKEN_BACK = "taken back"
    """It takes back the latest purchase before."""
    ORDER_TAKEN_BACK = "order taken back"
    """It takes back the purchase of the same order, if that was imported earlier."""


class PurchaseReader:
    """Reads what a line says of a purchase, or of pieces that are put into a cart.

    Args:
        warnings: Counts what is no purchase, and statuses that say nothing known, by word.
    """

    def __init__(self, warnings: Counter[str]) -> None:
        self._warnings = warnings

    def read(self, row: Values, type_name: str) -> Purchase:
        """Return what a line is."""
        quantity = _parse_number(row.get("quantity"))
        if quantity is not None and quantity < 0:
            is_purchase = type_name == InteractionType.PURCHASE
            return Purchase.TAKEN_BACK if is_purchase else Purchase.NONE
        if quantity == 0:
            self._warnings[say("quantity 0 is no {type_name}: a view", type_name=type_name)] += 1
            return Purchase.NONE
        if type_name != InteractionType.PURCHASE:
            return Purchase.LASTING
        statuses = self._read_statuses(row)
        back = _parse_number(row.get("quantity_back"))
        if OrderStatus.TAKEN_BACK in statuses or (quantity and back and back >= quantity):
            return Purchase.ORDER_TAKEN_BACK if "order" in row else Purchase.TAKEN_BACK
        return Purchase.NONE if OrderStatus.NOT_BOUGHT in statuses else Purchase.LASTING

    def _read_statuses(self, row: Values) -> list[OrderStatus | None]:
        """Return what the statuses of a line, and a time of its cancellation, say."""
        statuses = [self._read_status(status) for status in _list(row, "order_status")]
        # Whether something was sent says nothing of whether it was bought.
        sent = map(parse_order_status, _list(row, "sending_status"))
        statuses += [status for status in sent if status is OrderStatus.TAKEN_BACK]
        if "cancelled_at" in row and parse_switch(row["cancelled_at"]) is not False:
            statuses.append(OrderStatus.TAKEN_BACK)
        return statuses

    def _read_status(self, value: Any) -> OrderStatus | None:
        status = parse_order_status(value)
        if status is None:
            template = gettext_noop("order status {word} is no known word: a purchase")
        elif status is OrderStatus.PARTLY_BACK:
            template = gettext_noop(
                "order status {word} does not say what was paid back: a purchase"
            )
        elif status is OrderStatus.NOT_BOUGHT:
            template = gettext_noop("order status {word} is no purchase: a view")
        else:
            return status
        count_by_word(self._warnings, template, str(value).strip())
        return status


def _list(row: Values, name: str) -> list[Any]:
    value = row.get(name, [])
    return value if isinstance(value, Several) else [value] if name in row else []


def _parse_number(value: Any) -> Decimal | None:
    try:
        number = None if value is None else Decimal(str(value).strip().replace(",", "."))
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None
