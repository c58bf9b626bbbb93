"""Numbers, amounts and times as a language writes them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from babel import dates, numbers
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language

from recommendations.conf import configuration
from recommendations.services.insight.figures import Unit
from recommendations.services.insight.report import Value

UNKNOWN = "–"
LEAST_P_VALUE = 0.001

Number = int | float | Decimal | None


def write_number(number: Number, decimals: int = 0) -> str:
    """Return a number as the language of the page writes it."""
    if number is None:
        return UNKNOWN
    # Django cuts decimals off rather than rounding them.
    rounded = round(float(number), decimals)
    return number_format(rounded, decimals, use_l10n=True, force_grouping=True)


def write_p_value(p_value: float | None) -> str:
    """Return a p-value with three decimals; one that would read as zero is said to be below."""
    if p_value is not None and p_value < LEAST_P_VALUE:
        return f"< {write_number(LEAST_P_VALUE, 3)}"
    return write_number(p_value, 3)


def write_amount(amount: Decimal | float) -> str:
    """Return an amount with the shop's currency, as the language of the page writes it."""
    language = (get_language() or "en").replace("-", "_")
    return numbers.format_currency(amount, configuration().currency, locale=language)


@dataclass(frozen=True, slots=True)
class Format:
    """Writes values for people who read `language`."""

    language: str

    def value(self, number: Number, unit: Unit) -> str:
        """Return the value of a figure: "1,234", "$12.50" or "3.1%"; a dash if nobody knows it."""
        if number is None:
            return UNKNOWN
        match unit:
            case Unit.MONEY:
                return numbers.format_currency(
                    number, configuration().currency, locale=self.language
                )
            case Unit.SHARE:
                return self.share(float(number))
            case Unit.COUNT:
                return self.count(int(number))

    def count(self, number: int) -> str:
        """Return a whole number with separators."""
        return numbers.format_decimal(number, locale=self.language)

    def share(self, number: float) -> str:
        """Return a share in percent, with one decimal."""
        return numbers.format_percent(number, "#,##0.0 %" if self.language == "de" else "#,##0.0%",
                                      locale=self.language)  # fmt: skip

    def score(self, number: float | None) -> str:
        """Return a metric with four decimals."""
        if number is None:
            return UNKNOWN
        return numbers.format_decimal(number, "0.0000", locale=self.language)

    def change(self, number: float | None) -> str:
        """Return the growth against the window before, with its sign."""
        if number is None:
            return UNKNOWN
        sign = "+" if number > 0 else "−" if number < 0 else "±"
        return f"{sign}{self.share(abs(number))}"

    def interval(self, value: Value) -> str:
        """Return the interval of a share, empty if there is none."""
        if value.low is None or value.high is None:
            return ""
        return f"{self.share(value.low)} – {self.share(value.high)}"

    def day(self, day: date) -> str:
        """Return a day."""
        return dates.format_date(day, "medium", locale=self.language)

    def short_day(self, day: date) -> str:
        """Return a day and month, for the axis of a chart."""
        return dates.format_skeleton("MMMd", day, locale=self.language)

    def moment(self, moment: datetime) -> str:
        """Return a day and time in the time zone of the shop."""
        return dates.format_datetime(
            timezone.localtime(moment), "medium", locale=self.language, tzinfo=None
        )

    def ago(self, moment: datetime) -> str:
        """Return how long ago a moment is, such as "3 minutes ago"."""
        return dates.format_timedelta(
            moment - timezone.now(), add_direction=True, locale=self.language
        )
