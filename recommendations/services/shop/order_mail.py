"""The mail that confirms an order, in the languages of the storefront."""

from decimal import Decimal

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from recommendations.conf import configuration
from recommendations.models import Order

SUBJECTS = {"en": "Your order {number} at {shop}", "de": "Ihre Bestellung {number} bei {shop}"}
TEXTS = {
    "en": """Thank you for your order {number} of {date} at {shop}.

{lines}

Total: {total}
{delivery}
If you did not place this order, somebody entered your address by mistake: please tell us by
answering this mail.
""",
    "de": """Danke für Ihre Bestellung {number} vom {date} bei {shop}.

{lines}

Summe: {total}
{delivery}
Haben Sie das nicht bestellt, so hat jemand versehentlich Ihre Adresse eingegeben: Antworten Sie
dann bitte auf diese Mail.
""",
}
DELIVERIES = {
    "en": {
        "home": "To your door, by {date}:",
        "pickup": "To a pick-up point near this address, by {date}:",
    },
    "de": {
        "home": "An Ihre Haustür, bis {date}:",
        "pickup": "An eine Abholstelle nahe dieser Adresse, bis {date}:",
    },
}


def build_order_mail(order: Order) -> tuple[str, str]:
    """Return the subject and the text of the mail, in the language of the order."""
    code = order.language if order.language in TEXTS else configuration().language
    shop = configuration().shop_name
    text = TEXTS[code].format(
        number=order.pk,
        date=format_date(order.created_at, "long", locale=code),
        shop=shop,
        lines="\n".join(
            f"{line.quantity} × {line.name}: {_format_money(line.price * line.quantity, code)}"
            for line in order.lines.all()
        ),
        total=_format_money(order.total, code),
        delivery=_describe_delivery(order, code),
    )
    return SUBJECTS[code].format(number=order.pk, shop=shop), text


def _format_money(amount: Decimal, code: str) -> str:
    decimals = configuration().currency_decimals
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return f"{format_decimal(amount, pattern, locale=code)} {configuration().currency}"


def _describe_delivery(order: Order, code: str) -> str:
    """Return the way, the day and the address of the delivery; nothing without an address."""
    if not order.has_address:
        return ""
    day = format_date(order.arrives_on, "full", locale=code)
    country = Locale(code).territories.get(order.country, order.country)
    return f"""
{DELIVERIES[code][order.delivery_method].format(date=day)}
{order.name}
{order.street}
{order.postcode} {order.city}
{country}
"""
