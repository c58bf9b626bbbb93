"""The figures as tables: for spreadsheets, commands and documents."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from io import StringIO
from typing import NamedTuple

from recommendations.money import format_amount
from recommendations.services.insight.definitions import DAILY, FIGURES
from recommendations.services.insight.figures import Figure, Unit
from recommendations.services.insight.report import Dimension, Reading, Report


class Table(NamedTuple):
    """Texts in columns; numbers are written as programs read them, unknown ones are empty."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def build_shop_table(report: Report) -> Table:
    """Return the figures of the shop, one a row, with the window before."""
    columns = ("figure", "unit", "value", "low", "high", "before")
    return Table(columns, [_write_reading(each) for each in report.shop.values()])


def build_day_table(report: Report) -> Table:
    """Return the days of the window, one a row."""
    rows = [
        (str(day), *(_write(values[name].number, _UNITS[name]) for name in DAILY))
        for day, values in report.by_day.items()
    ]
    return Table(("day", *DAILY), rows)


def build_list_table(report: Report, dimension: Dimension) -> Table:
    """Return the placements, lists or sources, one a row; shares are followed by intervals."""
    figures = [figure for figure in FIGURES if figure.is_of_lists]
    columns = [name for figure in figures for name in _name_columns(figure)]
    rows = [
        (name, *(cell for figure in figures for cell in _write_value(figure, readings)))
        for name, readings in report.lists[dimension].items()
    ]
    return Table((dimension.value, *columns), rows)


def write_csv(table: Table) -> str:
    """Return the table as a CSV file with a line of headings."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return file.getvalue()


def write_definitions() -> str:
    """Return the definitions of all figures as a table in Markdown."""
    lines = [
        f"| {figure.title.en} | `{figure.name}` | {figure.unit} | {figure.sentence.en} |"
        for figure in FIGURES
    ]
    return "\n".join(["| figure | name | unit | what it is |", "|---|---|---|---|", *lines])


OF_LISTS = {"placement": Dimension.PLACEMENT, "list": Dimension.LIST, "source": Dimension.SOURCE}
TABLES: Mapping[str, Callable[[Report], Table]] = {
    "shop": build_shop_table,
    "day": build_day_table,
    **{name: partial(build_list_table, dimension=each) for name, each in OF_LISTS.items()},
}
"""The tables by what their rows are."""

_UNITS = {figure.name: figure.unit for figure in FIGURES}


def _write_reading(reading: Reading) -> Sequence[str]:
    figure, now = reading.figure, reading.now
    numbers = (now.number, now.low, now.high, reading.before.number)
    return (figure.name, figure.unit.value, *(_write(each, figure.unit) for each in numbers))


def _name_columns(figure: Figure) -> Iterable[str]:
    bounds = ("_low", "_high") if figure.is_proportion else ()
    return [f"{figure.name}{ending}" for ending in ("", *bounds)]


def _write_value(figure: Figure, readings: Mapping[str, Reading]) -> Iterable[str]:
    value = readings[figure.name].now
    numbers = value if figure.is_proportion else value[:1]
    return [_write(number, figure.unit) for number in numbers]


def _write(number: int | float | Decimal | None, unit: Unit) -> str:
    if number is None:
        return ""
    match unit:
        case Unit.MONEY:
            return format_amount(number)
        case Unit.SHARE:
            return f"{number:.4f}"
        case Unit.COUNT:
            return f"{number}"
