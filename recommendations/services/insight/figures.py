"""What a figure is: its name, its words, and the measures that it is computed from."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from recommendations.services.insight.measures import Measure


class Words(NamedTuple):
    """A text in the languages of the shop."""

    en: str
    de: str


class Unit(StrEnum):
    """What a figure is counted in."""

    COUNT = "count"
    MONEY = "money"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: the sum of `counted` over the days of a window, or its share of `among`.

    `is_proportion` says that each thing counted is one of those among which it is counted, so the
    share has a 95 % Wilson interval. `is_of_lists` says that the figure is also told for each
    placement, list and source; `is_of_shop`, that it is told for the whole shop.
    """

    name: str
    unit: Unit
    title: Words
    sentence: Words
    counted: tuple[Measure, ...]
    among: tuple[Measure, ...] = ()
    is_proportion: bool = False
    is_of_lists: bool = False
    is_of_shop: bool = True
