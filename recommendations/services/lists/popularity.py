"""What everybody wants: counted in the database, kept in the cache for a few minutes."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Case, F, FloatField, Max, Q, Value, When

from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.models import UserBehavior
from recommendations.services.infra.layered_cache import cache_key, get_or_compute

POPULAR_HALF_LIFE_DAYS = 30.0
HALF_LIVES = 6
"""Interactions older than this many half-lives no longer count."""
STEPS_PER_HALF_LIFE = 2
"""Ages are rounded down to such steps, so that the database needs no exponential."""
MOST_PRODUCTS = 300
TRENDING_SECONDS, POPULAR_SECONDS = 60, 600

Demand = list[tuple[int, float]]
"""Product ids with scores in [0, 1], best first; the best has 1."""


def trending_products(*, category: str | None = None) -> Demand:
    """Return what is in demand right now, at most a minute old."""
    half_life = configuration().trending_half_life_days
    return _remembered("trending", half_life, category, seconds=TRENDING_SECONDS)


def popular_products(*, category: str | None = None) -> Demand:
    """Return what has been in demand for weeks, at most ten minutes old."""
    return _remembered("popular", POPULAR_HALF_LIFE_DAYS, category, seconds=POPULAR_SECONDS)


def demand(*, half_life_days: float, category: str | None = None) -> Demand:
    """Count interactions by the weight of their type, halved every `half_life_days`.

    Ages count from the newest interaction in the log. One subject counts once for each product
    and type, at the newest time, however often it comes back. Only products that are active and
    in stock; equal scores in the order of their ids.
    """
    rows = UserBehavior.objects.filter(product__is_active=True, product__stock__gt=0)
    newest = UserBehavior.objects.aggregate(newest=Max("timestamp"))["newest"]
    if newest is None:
        return []
    if category is not None:
        rows = rows.filter(product__category=category)
    rows = rows.filter(timestamp__gt=newest - timedelta(days=half_life_days * HALF_LIVES))
    once_per_subject = (
        rows.order_by()
        .annotate(
            visitor=Case(When(user_id__isnull=True, then=F("session_id")), default=Value("")),
            ageing=_ageing(newest, half_life_days),
            signal=_signal(),
        )
        .values("product_id", "user_id", "visitor", "interaction_type")
        .annotate(score=Max(F("ageing") * F("signal")))
        .values_list("product_id", "score")
    )
    inner, parameters = once_per_subject.query.sql_with_params()
    with connection.cursor() as cursor:
        # The ORM cannot group what is grouped already; all that varies is a parameter in `inner`.
        cursor.execute(
            f"SELECT product_id, SUM(score) FROM ({inner}) AS once_per_subject"  # noqa: S608
            f" GROUP BY product_id ORDER BY 2 DESC, 1 LIMIT {MOST_PRODUCTS}",
            parameters,
        )
        counted = cursor.fetchall()
    most = counted[0][1] if counted else 1.0
    return [(product_id, float(score / most)) for product_id, score in counted]


def _remembered(kind: str, half_life_days: float, category: str | None, *, seconds: int) -> Demand:
    weights = sorted(configuration().interaction_weights.items())
    known = get_or_compute(
        cache_key(kind, half_life_days, weights, category),
        lambda: demand(half_life_days=half_life_days, category=category),
        valid=_is_demand,
        seconds=seconds,
    )
    return [(product_id, score) for product_id, score in known]


def _is_demand(stored: Any) -> bool:
    return isinstance(stored, list) and all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in stored
    )


def _signal() -> Case:
    weights = configuration().interaction_weights
    return Case(
        *(When(interaction_type=kind.value, then=Value(weights[kind])) for kind in InteractionType),
        output_field=FloatField(),
    )


def _ageing(newest: datetime, half_life_days: float) -> Case:
    step_days = half_life_days / STEPS_PER_HALF_LIFE
    steps = range(HALF_LIVES * STEPS_PER_HALF_LIFE)
    return Case(
        *(
            When(
                Q(timestamp__gt=newest - timedelta(days=step_days * (step + 1))),
                then=Value(0.5 ** (step / STEPS_PER_HALF_LIFE)),
            )
            for step in steps
        ),
        default=Value(0.0),
        output_field=FloatField(),
    )
