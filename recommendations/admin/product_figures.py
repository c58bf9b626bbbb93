"""What became of a product in the last days, on its page."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from recommendations.admin.charts import Line, build_chart
from recommendations.admin.formats import Format
from recommendations.services.insight.days import DAY, Span, get_day
from recommendations.services.insight.product_counts import ProductMeasure, read_product

DAYS = 30
TITLES = {
    ProductMeasure.VIEWS: _("Views"),
    ProductMeasure.CARTS: _("Put into carts"),
    ProductMeasure.SOLD: _("Pieces sold"),
    ProductMeasure.LISTS: _("Lists with it"),
}


def build_product_figures(product_id: int) -> dict[str, Any]:
    """Return the sums of the last `DAYS` days, those of the days before, and a chart."""
    texts = Format((get_language() or "en")[:2])
    today = get_day(timezone.now())
    days = [today - timedelta(days=number) for number in reversed(range(DAYS))]
    counts = read_product(product_id, Span(days[0] - DAYS * DAY, today))
    lines, sums = [], []
    for measure, title in TITLES.items():
        numbers = [counts[measure].get(day, 0) for day in days]
        before = sum(counts[measure].values()) - sum(numbers)
        lines.append(Line(str(title), numbers, [texts.count(number) for number in numbers]))
        sums.append((title, texts.count(sum(numbers)), texts.count(before)))
    chart = build_chart(
        str(_("Day by day")), str(_("Day")), [texts.short_day(day) for day in days], lines
    )
    return {"sums": sums, "chart": chart, "words": {"as_table": _("As a table")}, "days": DAYS}
