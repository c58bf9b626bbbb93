"""What lists are told apart by, in the language of the page."""

from collections.abc import Mapping
from typing import Any

from recommendations.models.merchandising import PLACEMENT_LABELS
from recommendations.services.insight.report import Dimension
from recommendations.services.insight.why_words import LIST_NAMES, SOURCE_NAMES

_NAMES: dict[Dimension, Mapping[Any, Any]] = {
    Dimension.PLACEMENT: PLACEMENT_LABELS,
    Dimension.LIST: LIST_NAMES,
    Dimension.SOURCE: SOURCE_NAMES,
}


def name_value(dimension: Dimension, value: str) -> str:
    """Return the name of a placement, list or source; the value itself if it has none."""
    return str(_NAMES[dimension].get(value, value))
