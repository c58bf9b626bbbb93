"""What each figure of a what-if is called and means, for the page, the command and the docs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _


class Figure(StrEnum):
    """A figure of a result."""

    CHANGED = "changed"
    OVERLAP = "overlap"
    CLICKS = "clicks"
    CLICKED_MARGIN = "clicked_margin"
    MARGIN = "margin"
    WITH_COST = "with_cost"
    AS_SERVED = "as_served"
    EXPOSURE = "exposure"
    EXAMINATION = "examination"
    SLOT = "slot"


@dataclass(frozen=True, slots=True)
class Definition:
    """The title of a figure, and a sentence that says what it is."""

    title: Any
    sentence: Any


DEFINITIONS = {
    Figure.CHANGED: Definition(
        _("Lists that change"),
        _("Share of the replayed lists in which a product or a place differs."),
    ),
    Figure.OVERLAP: Definition(
        _("Overlap"),
        _("Mean share of the first ten products that a list has both before and after."),
    ),
    Figure.CLICKS: Definition(
        _("Expected clicks"),
        _(
            "Clicks in 1,000 lists, by the click model: how much each place is looked at times how "
            "much its product attracts. The interval is of 95 %."
        ),
    ),
    Figure.CLICKED_MARGIN: Definition(
        _("Expected margin"),
        _(
            "Price less cost of what would be clicked in 1,000 lists, as if each click became one "
            "sale; products without a cost count as nothing. The interval is of 95 %."
        ),
    ),
    Figure.MARGIN: Definition(
        _("Margin of what is seen"),
        _("Mean of price less cost over products with a cost, weighted by exposure."),
    ),
    Figure.WITH_COST: Definition(
        _("Known costs"),
        _("Share of the exposure, before, that goes to products whose cost is known."),
    ),
    Figure.AS_SERVED: Definition(
        _("Made as served"),
        _(
            "Share of the lists that are made today, without the change, exactly as they were "
            "served. Others differ because products, demand or the model changed since."
        ),
    ),
    Figure.EXPOSURE: Definition(
        _("Exposure"),
        _("How much the places of a product are looked at, as a share of all of it."),
    ),
    Figure.EXAMINATION: Definition(
        _("How much each place is looked at"),
        _("Relative to the place with the most clicks, estimated from the clicks in the log."),
    ),
    Figure.SLOT: Definition(
        _("Clicks in the slot that is filled at random"),
        _(
            "Clicks in 1,000 draws if the slot held the candidate that is ranked first: without "
            "the change, with it, and the difference. The intervals are of 95 %."
        ),
    ),
}
