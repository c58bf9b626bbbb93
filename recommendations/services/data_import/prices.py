"""Read prices as shops write them: with signs of currencies, and commas of either meaning."""

import re
from decimal import Decimal
from typing import Any

from price_parser import Price

from recommendations.conf import configuration
from recommendations.currencies import DECIMALS
from recommendations.money import HIGHEST_AMOUNT, round_amount
from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.number_styles import COMMA, POINT, NumberStyle
from recommendations.services.data_import.values import is_number, quote

AS_PROGRAMS = NumberStyle(POINT)
"""How programs write numbers."""

_DOLLARS = frozenset(
    [
        "USD",
        "AUD",
        "BBD",
        "BMD",
        "BND",
        "BSD",
        "BZD",
        "CAD",
        "FJD",
        "GYD",
        "HKD",
        "JMD",
        "KYD",
        "LRD",
        "NAD",
        "NZD",
        "SBD",
        "SGD",
        "SRD",
        "TTD",
        "TWD",
        "XCD",
        "MXN",
        "ARS",
        "CLP",
        "COP",
        "UYU",
        "DOP",
        "CVE",
    ]
)
_KRONES = frozenset({"SEK", "NOK", "DKK", "ISK"})
_RUPEES = frozenset({"INR", "PKR", "LKR", "NPR", "MUR", "SCR"})
SIGNS = {
    "$": _DOLLARS,
    **{sign: frozenset({"USD"}) for sign in ("us$", "us $")},
    **{sign: frozenset({"CAD"}) for sign in ("c$", "ca$", "can$")},
    **{sign: frozenset({"AUD"}) for sign in ("a$", "au$")},
    **{"nz$": frozenset({"NZD"}), "hk$": frozenset({"HKD"}), "s$": frozenset({"SGD"})},
    **{"nt$": frozenset({"TWD"}), "mx$": frozenset({"MXN"}), "r$": frozenset({"BRL"})},
    "€": frozenset({"EUR"}),
    "euro": frozenset({"EUR"}),
    "£": frozenset({"GBP", "EGP", "FKP", "GIP", "SHP", "SDG", "SYP", "LBP"}),
    "¥": frozenset({"JPY", "CNY"}),
    "円": frozenset({"JPY"}),
    "元": frozenset({"CNY"}),
    **dict.fromkeys(("kr", "kr."), _KRONES),
    "kč": frozenset({"CZK"}),
    "zł": frozenset({"PLN"}),
    "ft": frozenset({"HUF"}),
    "lei": frozenset({"RON", "MDL"}),
    "лв": frozenset({"BGN"}),
    **dict.fromkeys(("rs", "rs.", "₨"), _RUPEES),
    "₹": frozenset({"INR"}),
    **{sign: frozenset({"CHF"}) for sign in ("fr", "fr.", "sfr", "sfr.")},
    **{sign: frozenset({"RUB"}) for sign in ("₽", "руб", "руб.", "р.")},
    "₩": frozenset({"KRW"}),
    **{sign: frozenset({"TRY"}) for sign in ("₺", "tl")},
    "₴": frozenset({"UAH"}),
    "฿": frozenset({"THB"}),
    "₫": frozenset({"VND"}),
    "₪": frozenset({"ILS"}),
    "₱": frozenset({"PHP"}),
    "rm": frozenset({"MYR"}),
    "rp": frozenset({"IDR"}),
    "r": frozenset({"ZAR"}),
    "₦": frozenset({"NGN"}),
}
"""The currencies that a sign may stand for, by the sign in small letters."""

_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_EURO = re.compile(r"(?<![a-z])euros?(?![a-z])", re.IGNORECASE)
_GLUED = re.compile(r"[0-9][A-Za-z_]+[0-9]")
_NEGATIVE = re.compile(r"[^0-9]*[-−][^0-9]*[0-9]")


def parse_price(value: Any, name: str = "price", *, style: NumberStyle = AS_PROGRAMS) -> Decimal:
    """Return a price, rounded half up to the decimals of the shop's currency.

    Raises:
        RowError: It is no price, is below 0 or too high, or is in another currency.
    """
    return round_amount(read_price(value, name, style=style))


def read_price(value: Any, name: str = "price", *, style: NumberStyle = AS_PROGRAMS) -> Decimal:
    """Return a price with all its decimals; "1,249.00", "1.249,00" and "$1249" are the same."""
    amount = read_amount(value, name, style=style)
    if amount < 0:
        raise RowError(
            say("{name} below 0", name=name),
            say("{name} {value} is below 0", name=name, value=quote(value)),
        )
    if amount > HIGHEST_AMOUNT:
        raise RowError(
            say("{name} too high", name=name),
            say(
                "{name} {value} is above {highest_amount}",
                name=name,
                value=quote(value),
                highest_amount=HIGHEST_AMOUNT,
            ),
        )
    return amount


def read_amount(value: Any, name: str, *, style: NumberStyle = AS_PROGRAMS) -> Decimal:
    """Return an amount of money, which may be below 0.

    A number that could be two things is the one that `style` says.
    """
    if isinstance(value, dict):
        value = _unfold(value, name)
    written = "" if isinstance(value, (bool, list, dict)) else str(value).strip().lstrip("'")
    amount: Decimal | None
    try:
        decimal = style.find_decimal(written) if isinstance(value, str) else POINT
    except ValueError:
        raise _refuse_unclear(value, written, name) from None
    if is_number(written) and decimal != COMMA:
        amount = Decimal(written)
    else:
        if _GLUED.search(written) or len(written) > 60:
            raise _refuse(value, name)
        price = Price.fromstring(written, decimal_separator=decimal)
        amount = price.amount
        if amount is not None and _NEGATIVE.match(written):
            amount = -amount
        check_currency(_find_code(written) or price.currency or "", value, name)
    if amount is None or not amount.is_finite():
        raise _refuse(value, name)
    return amount


def check_currency(sign: str, value: Any, name: str = "price") -> None:
    """Raise a `RowError` if a code or sign of a currency stands for another than the shop's."""
    currency = configuration().currency
    if not sign or sign.upper() == currency or currency in SIGNS.get(sign.strip().lower(), ()):
        return
    if sign.upper() not in DECIMALS and sign.strip().lower() not in SIGNS:
        return
    raise RowError(
        say(
            "{name} in another currency ({sign}, not {currency})",
            name=name,
            sign=sign,
            currency=currency,
        ),
        say(
            "{name} {value} is in {sign}, and the shop's currency is {currency}: "
            "prices are not converted",
            name=name,
            value=quote(value),
            sign=sign,
            currency=currency,
        ),
    )


def _find_code(written: str) -> str:
    if _EURO.search(written):
        return "EUR"
    return next((code for code in _CODE.findall(written) if code in DECIMALS), "")


def _refuse(value: Any, name: str) -> RowError:
    return RowError(
        say("{name} is not a number", name=name),
        say("{name} {value} is not a number", name=name, value=quote(value)),
    )


def _refuse_unclear(value: Any, written: str, name: str) -> RowError:
    thousands = re.sub(r"[.,]", "", written)
    return RowError(
        say(
            "{name} could be two numbers: --decimal comma or --decimal point says which", name=name
        ),
        say(
            "{name} {value} could be {thousands} or {written}: say --decimal "
            "comma, or --decimal point",
            name=name,
            value=quote(value),
            thousands=thousands,
            written=written.replace(",", "."),
        ),
    )


def _unfold(value: dict[str, Any], name: str) -> Any:
    """Return the amount of an object such as {"amount": "9.90", "currency": "EUR"}."""
    for key in ("currency", "currency_code", "currencyCode", "currency_id"):
        if isinstance(value.get(key), str):
            check_currency(value[key].strip(), value[key], name)
    own = configuration().currency
    keys = (own, own.lower(), "amount", "value", "price", "#text")
    return next((value[key] for key in keys if value.get(key) not in (None, "")), value)
