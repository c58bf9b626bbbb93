"""What a setting may be: how its text is read, and the sentence if it is wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

# Beyond these, dates before the year 1, queries and sums overflow.
LARGEST_COUNT = 1_000_000_000
LARGEST_TIME = 36_500
LARGEST_FACTOR = 1_000_000


@dataclass(frozen=True, slots=True)
class SettingType:
    """The values that a setting may have.

    `expected` describes them in error messages, `accepts` checks a value, and `parse` reads a value
    from the text of a variable; `parse` raises ValueError for a text that it cannot read. The
    message about a `secret` value does not show it.
    """

    expected: str
    accepts: Callable[[Any], bool]
    parse: Callable[[str], Any]
    secret: bool = False

    def read(self, variable: str, text: str) -> Any:
        """Return the value of a variable.

        Raises:
            ImproperlyConfigured: The value is wrong; the message says what would be right.
        """
        try:
            value = self.parse(text)
        except ValueError:
            raise ImproperlyConfigured(self.describe_problem(variable, text)) from None
        if not self.accepts(value):
            raise ImproperlyConfigured(self.describe_problem(variable, text))
        return value

    def describe_problem(self, variable: str, value: Any) -> str:
        """Return the sentence about a wrong value."""
        shown = "is wrong (its value is not shown)" if self.secret else f"is {value!r}"
        return f"{variable} {shown}; it must be {self.expected}."


def _parse_boolean(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError(text)


FOLDER = SettingType("a folder", lambda value: isinstance(value, Path), Path)
TEXT = SettingType(
    "a line of 1 to 100 characters", lambda text: 1 <= len(text) <= 100 and text.isprintable(), str
)
SWITCH = SettingType("1 or 0", lambda value: isinstance(value, bool), _parse_boolean)
COUNT = SettingType(
    f"a whole number above 0 and at most {LARGEST_COUNT}",
    lambda value: 0 < value <= LARGEST_COUNT,
    int,
)
POSITIVE = SettingType(
    f"a number above 0 and at most {LARGEST_TIME}", lambda value: 0 < value <= LARGEST_TIME, float
)
SHARE = SettingType("a number from 0 to 1", lambda value: 0 <= value <= 1, float)
NOT_NEGATIVE = SettingType(
    f"a number, 0 or more and at most {LARGEST_FACTOR}",
    lambda value: 0 <= value <= LARGEST_FACTOR,
    float,
)
