"""Read a whole file once before its import, for what no single row can tell."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext_noop

from recommendations.conf import configuration
from recommendations.errors import DataImportError
from recommendations.record_files import RowError
from recommendations.sentences import Sentence, say
from recommendations.services.data_import.field_reading import FieldReader
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.moments import find_day_first, is_day_unclear
from recommendations.services.data_import.number_styles import (
    COMMA,
    POINT,
    NumberStyle,
    StyleFinder,
)
from recommendations.services.data_import.plan import ImportPlan

PRICES = (*("price", "sale_price", "regular_price", "price_impact", "discount_amount", "cost"),)
DATES = (
    *("created_at", "available_from", "available_until", "sale_starts_at", "sale_ends_at"),
    *("sale_dates", "timestamp", "cancelled_at"),
)

DECIMALS_ARE = {
    COMMA: gettext_noop("{what} have a decimal comma: {reason}"),
    POINT: gettext_noop("{what} have a decimal point: {reason}"),
}


@dataclass(frozen=True, slots=True)
class Survey:
    """What is so in a whole file.

    Attributes:
        prices: How its prices are written.
        stock: How its numbers of pieces are written.
        day_first: Whether 03/04/2022 is the third of April.
        notes: What was taken from where, in words.
    """

    prices: NumberStyle = field(default_factory=NumberStyle)
    stock: NumberStyle = field(default_factory=NumberStyle)
    day_first: bool = False
    notes: list[str] = field(default_factory=list)


def survey_products(fields: FieldReader, plan: ImportPlan) -> Survey:
    """Return what all rows of a file of products tell."""
    prices, stock, dates = StyleFinder(), StyleFinder(), _Dates()
    for row in _iter_rows(fields):
        for name in PRICES:
            if name in row:
                prices.add(row[name])
        if "stock" in row:
            stock.add(row["stock"])
        dates.add(row)
    price_style = prices.choose(told=plan.decimal, decimals=configuration().currency_decimals)
    stock_style = stock.choose(told=plan.decimal, otherwise=prices)
    first, notes = dates.choose(plan)
    return Survey(
        price_style,
        stock_style,
        first,
        [
            *_describe(say("prices"), price_style, prices),
            *_describe(say("numbers of pieces"), stock_style, stock),
            *notes,
        ],
    )


def survey_interactions(fields: FieldReader, plan: ImportPlan) -> Survey:
    """Return what the rows of a log tell; all are read only if the first ones leave it open."""
    dates = _Dates()
    for row in fields.sample:
        dates.add(row)
    if plan.day_first is None and dates.are_unclear():
        for row in _iter_rows(fields):
            dates.add(row)
            if not dates.are_unclear():
                break
    first, notes = dates.choose(plan)
    return Survey(day_first=first, notes=notes)


class _Dates:
    """Collects what dates with slashes tell of their order."""

    def __init__(self) -> None:
        self._first: bool | None = None
        self._unclear = ""
        self._telling = ""

    def are_unclear(self) -> bool:
        return bool(self._unclear) and self._first is None

    def add(self, row: Values) -> None:
        if self._first is not None:
            return
        for name in DATES:
            value = row.get(name)
            if value is None or ("/" not in str(value) and "-" not in str(value)):
                continue
            for each in value if isinstance(value, list) else (value,):
                found = find_day_first([each])
                if found is not None:
                    self._first, self._telling = found, str(each).strip()
                elif not self._unclear and is_day_unclear(each):
                    self._unclear = str(each).strip()

    def choose(self, plan: ImportPlan) -> tuple[bool, list[str]]:
        if plan.day_first is not None:
            return plan.day_first, []
        if not self._unclear and self._first is None:
            return False, []
        if self._first is None:
            note = say(
                "dates are read as month/day, {date} does not tell; --day-first reads them as "
                "day/month",
                date=self._unclear,
            )
        elif self._first:
            note = say("dates are read as day/month, as {date} says", date=self._telling)
        else:
            note = say("dates are read as month/day, as {date} says", date=self._telling)
        return bool(self._first), [note]


def _describe(what: str, style: NumberStyle, found: StyleFinder) -> Iterable[str]:
    if not style.reason or not (found.first or found.unclear):
        return
    if style.decimal is not None:
        if style.decimal == COMMA or found.unclear:
            yield Sentence(DECIMALS_ARE[style.decimal], what=what, reason=style.reason)
    elif style.takes_commas_for_thousands and "," in found.unclear:
        yield say(
            "{what} have commas between thousands: {reason}; --decimal says otherwise",
            what=what,
            reason=style.reason,
        )
    else:
        yield say(
            "{what} such as {number} could be two numbers ({reason}) and are not taken: "
            "--decimal comma or --decimal point says which",
            what=what,
            number=found.unclear,
            reason=style.reason,
        )


def _iter_rows(fields: FieldReader) -> Iterator[Values]:
    """Yield the values of all good rows; a damaged file ends, and its import says so."""
    try:
        with fields.file.reopen() as file:
            for _, raw in file:
                if not isinstance(raw, RowError):
                    for record in fields.expand_record(raw):
                        yield fields.take(record)
    except DataImportError:
        return
