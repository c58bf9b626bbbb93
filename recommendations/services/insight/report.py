"""The figures of a window of days, and of the window before it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import NamedTuple

from django.utils import timezone

from recommendations.conf import configuration
from recommendations.models import DailyFigure, InsightMark, Product, ShownProducts
from recommendations.money import round_amount
from recommendations.services.infra.replica import read_from_replica
from recommendations.services.insight.days import DAY, Span, get_day
from recommendations.services.insight.definitions import BY_NAME, DAILY, FIGURES, pick
from recommendations.services.insight.figures import Figure, Unit
from recommendations.services.insight.product_bits import count_common

WINDOWS = (1, 7, 30, 90)
"""Lengths of windows, in days."""
CONFIDENCE = 0.95
ZERO = Decimal(0)


class Dimension(StrEnum):
    """What figures of lists are told apart by; the values are columns of `DailyFigure`."""

    PLACEMENT = "placement"
    LIST = "list_name"
    SOURCE = "source"


class Value(NamedTuple):
    """A number, None where it cannot be known, with the ends of its interval if it has one."""

    number: int | float | Decimal | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure in the window and in the window before."""

    figure: Figure
    now: Value
    before: Value

    @property
    def change(self) -> float | None:
        """Growth against the window before: 0.1 is a tenth more; None where that was nothing."""
        if self.now.number is None or not self.before.number:
            return None
        return float(self.now.number) / float(self.before.number) - 1


@dataclass(frozen=True, slots=True)
class Report:
    """What happened in a window that ends today.

    `lists` has the figures of each placement, list and source that was served, most lists first.
    `by_day` has the figures that `DAILY` names for each day of the window, oldest first.
    `counted_at` is None if nothing was ever counted.
    """

    window: Span
    time_zone: str
    currency: str
    attribution_days: int
    counted_at: datetime | None
    shop: Mapping[str, Reading]
    lists: Mapping[Dimension, Mapping[str, Mapping[str, Reading]]]
    by_day: Mapping[date, Mapping[str, Value]]

    @property
    def days(self) -> int:
        """How many days the window has."""
        return (self.window.last - self.window.first).days + 1

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened, neither in the window nor in the one before."""
        return not any(each.now.number or each.before.number for each in self.shop.values())


def read_report(days: int) -> Report:
    """Read the daily figures of a window that ends today, and of the window before it."""
    return read_from_replica(partial(_read_report, days))


def _read_report(days: int) -> Report:
    today = get_day(timezone.now())
    window = Span(today - (days - 1) * DAY, today)
    earlier = Span(window.first - days * DAY, window.first - DAY)
    totals = _Totals()
    columns = ("day", "measure", *Dimension, "value")
    rows = DailyFigure.objects.filter(day__range=(earlier.first, window.last)).order_by()
    for day, measure, *names, value in rows.values_list(*columns):
        totals.add(day, day in window, measure, names, value)
    shop = {
        figure.name: totals.read(figure)
        for figure in FIGURES
        if figure.counted and figure.is_of_shop
    }
    shop["coverage"] = _read_coverage(window, earlier)
    newest = InsightMark.objects.order_by("-at").first()
    settings = configuration()
    return Report(
        window=window,
        time_zone=settings.time_zone,
        currency=settings.currency,
        attribution_days=settings.attribution_days,
        counted_at=newest.at if newest else None,
        shop=shop,
        lists={dimension: totals.read_lists(dimension) for dimension in Dimension},
        by_day={
            window.first + number * DAY: totals.read_day(window.first + number * DAY)
            for number in range(days)
        },
    )


Sums = Mapping[str, Decimal]
_Part = tuple[Dimension | None, str]
_SHOP: _Part = (None, "")


class _Totals:
    """Sums of the measures over both windows: of the whole shop and of its parts."""

    def __init__(self) -> None:
        self._now: dict[_Part, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self._before: dict[_Part, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        self._days: dict[date, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))

    def add(
        self, day: date, is_now: bool, measure: str, names: Iterable[str], value: Decimal
    ) -> None:
        window = self._now if is_now else self._before
        window[_SHOP][measure] += value
        for part in zip(Dimension, names, strict=True):
            if part[1]:
                window[part][measure] += value
        if is_now:
            self._days[day][measure] += value

    def read(self, figure: Figure, part: _Part = _SHOP) -> Reading:
        now, before = (
            compute(figure, window[part], window[part if figure.is_of_shop else _SHOP])
            for window in (self._now, self._before)
        )
        return Reading(figure, now, before)

    def read_lists(self, dimension: Dimension) -> dict[str, dict[str, Reading]]:
        found = {
            part[1]: {each.name: self.read(each, part) for each in FIGURES if each.is_of_lists}
            for part in [*self._now]
            if part[0] is dimension
        }
        return dict(sorted(found.items(), key=lambda one: _rank(one[0], one[1]["lists"])))

    def read_day(self, day: date) -> dict[str, Value]:
        sums = self._days[day]
        return {figure.name: compute(figure, sums, sums) for figure in pick(DAILY)}


def compute(figure: Figure, counted: Sums, among: Sums) -> Value:
    """Return the figure of these sums of measures; `among` has those that it is a share of."""
    total = sum((counted.get(measure, ZERO) for measure in figure.counted), ZERO)
    if not figure.among:
        return Value(round_amount(total) if figure.unit is Unit.MONEY else int(total))
    whole = sum((among.get(measure, ZERO) for measure in figure.among), ZERO)
    if not whole:
        return Value(None)
    if figure.unit is Unit.MONEY:
        return Value(round_amount(total / whole))
    if not figure.is_proportion:
        return Value(float(total / whole))
    return compute_share(int(total), int(whole))


def compute_share(count: int, among: int) -> Value:
    """Return a proportion with its Wilson interval."""
    # Imported here: the admin imports this module in every process, and this takes half a second.
    from scipy.stats import binomtest  # noqa: PLC0415

    interval = binomtest(count, among).proportion_ci(CONFIDENCE, method="wilson")
    return Value(count / among, float(interval.low), float(interval.high))


def _read_coverage(window: Span, earlier: Span) -> Reading:
    on_sale = list(Product.objects.filter(is_active=True).order_by().values_list("pk", flat=True))
    days = dict(
        ShownProducts.objects.filter(day__range=(earlier.first, window.last))
        .order_by()
        .values_list("day", "bits")
    )
    now, before = (
        _compute_coverage([bits for day, bits in days.items() if day in span], on_sale)
        for span in (window, earlier)
    )
    return Reading(BY_NAME["coverage"], now, before)


def _compute_coverage(days: Sequence[bytes | memoryview], on_sale: Collection[int]) -> Value:
    if not days or not on_sale:
        return Value(None)
    return Value(count_common(days, on_sale) / len(on_sale))


def _rank(name: str, lists: Reading) -> tuple[float, str]:
    return -float(lists.now.number or 0), name
