"""Charts of the theme's own chart library, each with its numbers as a table."""

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

COLOURS = ("var(--color-primary-600)", "var(--color-green-500)", "var(--color-orange-500)",
           "var(--color-blue-400)")  # fmt: skip
MOST_LABELS = 8
"""How many labels of the x axis are shown, so that they fit a phone."""


class Line(NamedTuple):
    """A line of a chart: its numbers, and the same as texts."""

    label: str
    numbers: Sequence[int | float | Decimal | None]
    texts: Sequence[str]


class Chart(NamedTuple):
    """What the template draws: data for the library, a legend and a table."""

    title: str
    heading: str
    data: str
    legend: Sequence[tuple[str, str]]
    rows: Sequence[tuple[str, Sequence[str]]]


def build_chart(
    title: str,
    heading: str,
    labels: Sequence[str],
    lines: Sequence[Line],
    *,
    has_points: bool = False,
) -> Chart:
    """Return a chart of lines over the labels; `heading` says what the labels are."""
    points: dict[str, Any] = {"pointStyle": "circle", "pointRadius": 3} if has_points else {}
    datasets = [
        {
            "label": line.label,
            "data": [None if number is None else float(number) for number in line.numbers],
            "borderColor": colour,
            "backgroundColor": colour,
            "displayYAxis": True,
            "maxTicksXLimit": MOST_LABELS,
            **points,
        }
        for line, colour in zip(lines, COLOURS, strict=False)
    ]
    return Chart(
        title=title,
        heading=heading,
        data=json.dumps({"labels": labels, "datasets": datasets}),
        legend=[(line.label, colour) for line, colour in zip(lines, COLOURS, strict=False)],
        rows=[
            (label, [line.texts[number] for line in lines]) for number, label in enumerate(labels)
        ],
    )
