"""What the shop counted, as the arrays that `trials` analyses."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
from django.db.models import Count, F, Q, QuerySet, Sum
from django.utils import timezone

from recommendations.choices import Audience, ExperimentKind, InteractionType
from recommendations.models import (
    DailyFigure,
    Experiment,
    Exposure,
    ServedList,
    SubjectDay,
    UserBehavior,
)
from recommendations.services.experiments.draft_credits import CREDITED
from recommendations.services.insight.attribution import Shopper, get_shopper
from recommendations.services.insight.counts import EARNING
from recommendations.services.insight.days import get_day
from recommendations.services.insight.measures import Measure
from recommendations.trials.preferences import FIRST, SECOND
from recommendations.trials.subject_days import FloatArray, SubjectDays

MEASURES_BEFORE = ("carts", "purchases", "revenue")
"""What is known of the time before the exposure."""
MEASURES = ("lists", "clicks", "carts", "purchases", "revenue", "margin")
BASELINE_WINDOWS = (28, 14, 7, 1)
MOST_BASELINE_LISTS = 500_000
"""A baseline reads the longest window with at most this many lists: a page waits for it."""


def read_subject_days(experiment: Experiment, arm_ids: list[int]) -> tuple[SubjectDays, date]:
    """Return what the subjects of an experiment did, and the day on which it began.

    `arm_ids` has the control first. Days before the exposure are not among the rows.
    """
    assert experiment.started_at is not None  # noqa: S101 - a draft has nothing to read
    began = get_day(experiment.started_at)
    numbers = {arm_id: number for number, arm_id in enumerate(arm_ids)}
    exposures = list(
        Exposure.objects.filter(experiment=experiment, arm_id__in=arm_ids)
        .order_by("pk")
        .values_list("pk", "arm_id", "exposed_at", "before")
    )
    places = {pk: place for place, (pk, *_) in enumerate(exposures)}
    first_day = np.array(
        [max((get_day(at) - began).days, 0) for _, _, at, _ in exposures], dtype=np.int64
    )
    rows = list(
        SubjectDay.objects.filter(exposure__experiment=experiment)
        .order_by("pk")
        .values_list("exposure_id", "day", *MEASURES, "credits")
    )
    rows = [row for row in rows if row[0] in places]
    subject = np.array([places[row[0]] for row in rows], dtype=np.int64)
    day = np.array([(row[1] - began).days for row in rows], dtype=np.int64)
    return SubjectDays(
        arm=np.array([numbers[arm_id] for _, arm_id, *_ in exposures], dtype=np.int64),
        first_day=first_day,
        subject=subject,
        day=np.maximum(day, first_day[subject]) if rows else day,
        measures={
            name: np.array([row[2 + number] for row in rows], dtype=np.float64)
            for number, name in enumerate(MEASURES)
        }
        | _read_credits(experiment, [row[-1] for row in rows]),
        before={
            name: np.array([(before or {}).get(name, np.nan) for *_, before in exposures])
            for name in MEASURES_BEFORE
            if exposures
        },
    ), began


def _read_credits(
    experiment: Experiment, rows: Sequence[Mapping[str, Sequence[int]] | None]
) -> dict[str, FloatArray]:
    """Return what both models of an interleaving got credit for; nothing of other experiments."""
    if experiment.kind != ExperimentKind.INTERLEAVING.value:
        return {}
    return {
        side + name: np.array(
            [0 if row is None else row[name][number] for row in rows], dtype=np.float64
        )
        for number, side in enumerate((FIRST, SECOND))
        for name in CREDITED
    }


def choose_baseline_days() -> int:
    """Return how many days the baseline is read from, by the daily figures."""
    lists = DailyFigure.objects.filter(measure=Measure.LISTS.value).order_by()
    today = get_day(timezone.now())
    for days in BASELINE_WINDOWS:
        served = lists.filter(day__gt=today - timedelta(days=days)).aggregate(n=Sum("value"))["n"]
        if (served or 0) <= MOST_BASELINE_LISTS:
            return days
    return BASELINE_WINDOWS[-1]


def read_baseline(audience: Audience, *, days: int) -> SubjectDays:
    """Return what everybody who was served a list in the last days did, as one arm.

    The database adds up each subject's days, so there is one row for each subject.
    """
    since = timezone.now() - timedelta(days=days)
    sums: dict[Shopper, dict[str, float]] = {}
    served = _choose(ServedList.objects.filter(created_at__gte=since), audience)
    for user_id, session_id, lists in _group(served).annotate(n=Count("id")):
        row = sums.setdefault(get_shopper(user_id, session_id), {})
        row["lists"] = row.get("lists", 0.0) + lists
    sums.pop((None, None), None)
    done = _choose(UserBehavior.objects.filter(timestamp__gte=since), audience)
    kinds = {"carts": InteractionType.CART, "purchases": InteractionType.PURCHASE}
    counts = {
        name: Count("id", filter=Q(interaction_type=kind.value)) for name, kind in kinds.items()
    }
    # A click is a product of a list.
    clicks = Count("id", filter=Q(list_id__isnull=False, interaction_type="view"))
    _add(sums, ("clicks", *kinds), _group(done).annotate(clicks=clicks, **counts))
    lines = EARNING.filter(order__created_at__gte=since)
    margin = Sum((F("price") - F("product__cost")) * F("quantity"))
    by_buyer = (
        lines.order_by()
        .values_list("order__user_id", "order__session_id")
        .annotate(revenue=Sum(F("price") * F("quantity")), margin=margin)
    )
    _add(sums, ("revenue", "margin"), by_buyer)
    return SubjectDays(
        arm=np.zeros(len(sums), dtype=np.int64),
        first_day=np.zeros(len(sums), dtype=np.int64),
        subject=np.arange(len(sums), dtype=np.int64),
        day=np.zeros(len(sums), dtype=np.int64),
        measures={
            name: np.array([row.get(name, 0.0) for row in sums.values()], dtype=np.float64)
            for name in MEASURES
        },
    )


def _choose(rows: QuerySet, audience: Audience) -> QuerySet:  # type: ignore[type-arg]
    match audience:
        case Audience.EVERYONE:
            return rows
        case Audience.SHOPPERS:
            return rows.filter(user__isnull=False)
        case Audience.VISITORS:
            return rows.filter(user__isnull=True)


def _group(rows: QuerySet) -> QuerySet:  # type: ignore[type-arg]
    return rows.order_by().values_list("user_id", "session_id")


def _add(
    sums: dict[Shopper, dict[str, float]],
    names: tuple[str, ...],
    rows: QuerySet,  # type: ignore[type-arg]
) -> None:
    """Add the sums of those who were served a list; a shopper may have several rows."""
    for user_id, session_id, *values in rows:
        row = sums.get(get_shopper(user_id, session_id))
        if row is not None:
            for name, value in zip(names, values, strict=True):
                row[name] = row.get(name, 0.0) + float(value or 0)
