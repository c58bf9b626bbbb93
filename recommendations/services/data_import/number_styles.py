"""Find out whether a file's numbers have a point or a comma before their decimals.

Most numbers tell by themselves: 19,90 and 1.249,50 have a comma, 19.90 and 1,249.50 a point. What
does not tell is one separator before three digits: 1.249 is either 1249 or a little more than 1.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from recommendations.sentences import say

Separator = Literal[".", ","]

POINT: Separator = "."
COMMA: Separator = ","
WORDS: dict[Separator, str] = {POINT: "point", COMMA: "comma"}

_NUMBER = re.compile(r"[0-9][0-9.,'’ \u00a0\u202f]*")
_DASH = re.compile(r"[0-9]([.,])[-–—]")
"""A dash in place of decimals that are zero: "12,-"."""
_GROUPS = re.compile(r"['’ \u00a0\u202f](?=[0-9])")


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How the numbers of a column are written.

    Attributes:
        decimal: What stands before decimals where a number does not tell by itself; None: nobody
            knows.
        thousands: Whether a comma before three digits is taken to separate thousands, and a point
            not at all, although no number tells.
        reason: Why, in words; empty if no number needs it.
    """

    decimal: Separator | None = None
    takes_commas_for_thousands: bool = False
    reason: str = ""

    def find_decimal(self, written: str) -> Separator | None:
        """Return what stands before the decimals of a number, or would; None if it has no sign.

        Raises:
            ValueError: It could be either.
        """
        found = classify(written)
        if found != AMBIGUOUS:
            return found
        if self.decimal is not None:
            return self.decimal
        if self.takes_commas_for_thousands and "," in written:
            return POINT
        raise ValueError(written)


Ambiguous = Literal["?"]
AMBIGUOUS: Ambiguous = "?"


def classify(written: str) -> Separator | Ambiguous | None:
    """Return what stands before the decimals of a number; None if nothing tells or matters."""
    if "." not in written and "," not in written:
        return None
    dash = _DASH.search(written)
    if dash:
        return COMMA if dash[1] == "," else POINT
    match = _NUMBER.search(written)
    number = _GROUPS.sub("", match[0]).rstrip(" .,'’\u00a0\u202f") if match else ""
    points, commas = number.count("."), number.count(",")
    if points and commas:
        return POINT if number.rfind(".") > number.rfind(",") else COMMA
    if points + commas > 1:
        return COMMA if points else POINT
    return _classify_single(number, POINT if points else COMMA) if points + commas else None


def _classify_single(number: str, mark: Separator) -> Separator | Ambiguous:
    """Return what one separator is, or whether it could also separate thousands."""
    before, _, behind = number.partition(mark)
    could_be_thousands = len(behind) == 3 and len(before) <= 3 and not before.startswith("0")
    return AMBIGUOUS if could_be_thousands else mark


@dataclass
class StyleFinder:
    """Collects what the numbers of a column tell."""

    first: dict[Separator, str] = field(default_factory=dict)
    """The first number that tells, by what it tells."""
    unclear: str = ""
    """The first number that does not tell."""

    def add(self, value: Any) -> None:
        """Regard a value; numbers of JSON are not texts, and need nobody to tell."""
        if not isinstance(value, str):
            return
        found = classify(value)
        if found is None:
            return
        if found == AMBIGUOUS:
            self.unclear = self.unclear or value.strip()
        else:
            self.first.setdefault(found, value.strip())

    def choose(
        self,
        *,
        told: Separator | None = None,
        decimals: int = 2,
        otherwise: "StyleFinder | None" = None,
    ) -> NumberStyle:
        """Return the style.

        Args:
            told: What the caller says.
            decimals: How many the currency has.
            otherwise: Another column, which is asked if this one does not tell.
        """
        if told is not None:
            return NumberStyle(
                told, reason=say("{example} says so", example=f"--decimal {WORDS[told]}")
            )
        if len(self.first) == 1:
            ((mark, example),) = self.first.items()
            return NumberStyle(mark, reason=say("{example} says so", example=example))
        if len(self.first) > 1:
            one, other = self.first.values()
            reason = say("{one} and {other} say different things", one=one, other=other)
            return NumberStyle(reason=reason if self.unclear else "")
        if otherwise is not None and len(otherwise.first) == 1:
            return otherwise.choose()
        if not self.unclear:
            return NumberStyle()
        return _guess(self.unclear, decimals)


def find_style(values: Iterable[Any], **known: Any) -> NumberStyle:
    """Return the style of these numbers; `known` as in `StyleFinder.choose`."""
    finder = StyleFinder()
    for value in values:
        finder.add(value)
    return finder.choose(**known)


def _guess(unclear: str, decimals: int) -> NumberStyle:
    """Return the style of a column in which no number tells."""
    mark = POINT if "." in unclear else COMMA
    if not decimals:
        other = COMMA if mark == POINT else POINT
        reason = say("the currency has no decimals, and {number} has three", number=unclear)
        return NumberStyle(other, reason=reason)
    if decimals == 3 and mark == POINT:
        reason = say("the currency has three decimals, as {number} has", number=unclear)
        return NumberStyle(mark, reason=reason)
    if decimals == 3:
        return NumberStyle(reason=say("{number} could be either", number=unclear))
    return NumberStyle(takes_commas_for_thousands=True, reason=say("no other number tells"))
