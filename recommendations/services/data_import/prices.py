"""Read prices as shops write them: with signs of currencies, and commas of either meaning."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from price_parser import Price

from recommendations.conf import configuration
from recommendations.currencies import DECIMALS
from recommendations.money import HIGHEST_AMOUNT, round_amount
from recommendations.record_files import RowError
from recommendations.services.data_import.values import is_number, quote

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
_COMMA_DECIMALS = re.compile(r"[0-9],[0-9]{1,2}(?![0-9])")
_POINT_DECIMALS = re.compile(r"[0-9]\.[0-9]{1,2}(?![0-9])")


def parse_price(value: Any, name: str = "price", *, has_decimal_comma: bool = False) -> Decimal:
    """Return a price, rounded half up to the decimals of the shop's currency.

    Raises:
        RowError: It is no price, is below 0 or too high, or is in another currency.
    """
    return round_amount(read_price(value, name, has_decimal_comma=has_decimal_comma))


def read_price(value: Any, name: str = "price", *, has_decimal_comma: bool = False) -> Decimal:
    """Return a price with all its decimals; "1,249.00", "1.249,00" and "$1249" are the same.

    A single comma or point with three digits behind it separates thousands if it is a comma, or
    if `has_decimal_comma`: other prices of the column have a comma before their decimals.
    """
    written = "" if isinstance(value, (bool, list, dict)) else str(value).strip().lstrip("'")
    amount: Decimal | None
    is_text = isinstance(value, str)
    if is_number(written) and not (is_text and has_decimal_comma and "." in written):
        amount = Decimal(written)
    else:
        if _GLUED.search(written) or len(written) > 60:
            raise _refuse(value, name)
        price = Price.fromstring(written, decimal_separator="," if has_decimal_comma else None)
        amount = price.amount
        if amount is not None and _NEGATIVE.match(written):
            amount = -amount
        check_currency(_find_code(written) or price.currency or "", value, name)
    if amount is None or not amount.is_finite():
        raise _refuse(value, name)
    if amount < 0:
        raise RowError(f"{name} below 0", f"{name} {quote(value)} is below 0")
    if amount > HIGHEST_AMOUNT:
        raise RowError(f"{name} too high", f"{name} {quote(value)} is above {HIGHEST_AMOUNT}")
    return amount


def check_currency(sign: str, value: Any, name: str = "price") -> None:
    """Raise a `RowError` if a code or sign of a currency stands for another than the shop's."""
    currency = configuration().currency
    if not sign or sign.upper() == currency or currency in SIGNS.get(sign.strip().lower(), ()):
        return
    if sign.upper() not in DECIMALS and sign.strip().lower() not in SIGNS:
        return
    raise RowError(
        f"{name} in another currency ({sign}, not {currency})",
        f"{name} {quote(value)} is in {sign}, and the shop's currency is {currency}: prices are "
        "not converted",
    )


def find_decimal_comma(values: Iterable[Any]) -> bool:
    """Return whether the prices of a column have a comma before their decimals."""
    written = [str(value) for value in values]
    return any(map(_COMMA_DECIMALS.search, written)) and not any(
        _POINT_DECIMALS.search(each) for each in written if "," not in each
    )


def _find_code(written: str) -> str:
    if _EURO.search(written):
        return "EUR"
    return next((code for code in _CODE.findall(written) if code in DECIMALS), "")


def _refuse(value: Any, name: str) -> RowError:
    return RowError(f"{name} is not a number", f"{name} {quote(value)} is not a number")
