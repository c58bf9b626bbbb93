"""The demand for products: counted by the database, not by requests.

Requests read what was counted last. The worker counts the demand of the whole shop every minute. A
thread of the web process counts that of a category, or of the shop without a worker, once it is
stale. Until a category is counted, what the shop's demand has of it stands for it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connections
from django.db.models import Case, F, FloatField, Max, Q, Value, When

from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.models import ProductCategory, UserBehavior
from recommendations.services.infra.computed_values import get_or_ask, keep_fresh
from recommendations.services.infra.layered_cache import build_cache_key
from recommendations.services.infra.replica import get_lagging_alias, read_from_replica

POPULAR_HALF_LIFE_DAYS = 30.0
HALF_LIVES = 6
"""Interactions older than this many half-lives no longer count."""
STEPS_PER_HALF_LIFE = 2
"""Ages are rounded down to fractions of a half-life, so that the database needs no exponential."""
MAX_PRODUCTS = 300
TRENDING_SECONDS, POPULAR_SECONDS = 120, 600
"""For how long what was counted is fresh."""
STALE_SECONDS = 24 * 3600
"""For how long it answers after that while it is counted anew."""

Demand = list[tuple[int, float]]
"""Product ids with scores in [0, 1], best first; the best product has score 1."""


def get_trending_products(*, category: str | None = None) -> Demand:
    """Return the demand of the last days."""
    return _get_demand(_describe_trending(category))


def get_popular_products(*, category: str | None = None) -> Demand:
    """Return the demand of the last months."""
    return _get_demand(_describe_popular(category))


def keep_demand_fresh() -> None:
    """Count the demand of the whole shop if it is due; the worker calls this every minute."""
    for kind in (_describe_trending(None), _describe_popular(None)):
        keep_fresh(kind.key, kind.count, seconds=kind.seconds, stale_seconds=STALE_SECONDS)


def count_demand(*, half_life_days: float, category: str | None = None) -> Demand:
    """Sum the interactions of each product: weight of the type × 0.5^(age / half-life).

    Ages count from the newest interaction in the log. Of a subject's interactions of one type
    with a product, only the newest counts. Only products that are active and in stock are returned;
    ties go to the lower id.
    """
    interactions = UserBehavior.objects.filter(product__is_active=True, product__stock__gt=0)
    newest = UserBehavior.objects.aggregate(newest=Max("timestamp"))["newest"]
    if newest is None:
        return []
    if category is not None:
        interactions = interactions.filter(product__category_rows__category__path=category)
    interactions = interactions.filter(
        timestamp__gt=newest - timedelta(days=half_life_days * HALF_LIVES)
    )
    once_per_subject = (
        interactions.order_by()
        .annotate(
            visitor=Case(When(user_id__isnull=True, then=F("session_id")), default=Value("")),
            decay=_build_decay(newest, half_life_days),
            type_weight=_build_type_weight(),
        )
        .values("product_id", "user_id", "visitor", "interaction_type")
        .annotate(score=Max(F("decay") * F("type_weight")))
        .values_list("product_id", "score")
    )
    inner, parameters = once_per_subject.query.sql_with_params()
    with connections[get_lagging_alias()].cursor() as cursor:
        # The ORM cannot group a grouped query. All input is in the parameters of `inner`.
        cursor.execute(
            f"SELECT product_id, SUM(score) FROM ({inner}) AS once_per_subject"  # noqa: S608
            f" GROUP BY product_id ORDER BY 2 DESC, 1 LIMIT {MAX_PRODUCTS}",
            parameters,
        )
        rows = cursor.fetchall()
    highest = rows[0][1] if rows else 1.0
    return [(product_id, float(score / highest)) for product_id, score in rows]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of demand, of the shop or of a category."""

    name: str
    half_life_days: float
    seconds: int
    category: str | None

    @property
    def key(self) -> str:
        weights = sorted(configuration().interaction_weights.items())
        return build_cache_key(self.name, self.half_life_days, weights, self.category)

    def count(self) -> Demand:
        return read_from_replica(
            partial(count_demand, half_life_days=self.half_life_days, category=self.category)
        )


def _describe_trending(category: str | None) -> _Kind:
    half_life = configuration().trending_half_life_days
    return _Kind("trending", half_life, TRENDING_SECONDS, category)


def _describe_popular(category: str | None) -> _Kind:
    return _Kind("popular", POPULAR_HALF_LIFE_DAYS, POPULAR_SECONDS, category)


def _get_demand(kind: _Kind) -> Demand:
    stored = get_or_ask(
        kind.key,
        kind.count,
        is_valid=_is_demand,
        seconds=kind.seconds,
        stale_seconds=STALE_SECONDS,
    )
    if stored is None:
        return [] if kind.category is None else _take_from_shop(kind, kind.category)
    return [(product_id, score) for product_id, score in stored]


def _take_from_shop(kind: _Kind, category: str) -> Demand:
    """Return what the whole shop's demand has of a category, in one query."""
    of_shop = _get_demand(replace(kind, category=None))
    rows = ProductCategory.objects.filter(
        product_id__in=[product_id for product_id, _ in of_shop], category__path=category
    )
    among = set(rows.order_by().values_list("product_id", flat=True))
    kept = [(product_id, score) for product_id, score in of_shop if product_id in among]
    return [(product_id, score / kept[0][1]) for product_id, score in kept]


def _is_demand(stored: Any) -> bool:
    return isinstance(stored, list) and all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in stored
    )


def _build_type_weight() -> Case:
    weights = configuration().interaction_weights
    return Case(
        *(When(interaction_type=each.value, then=Value(weights[each])) for each in InteractionType),
        output_field=FloatField(),
    )


def _build_decay(newest: datetime, half_life_days: float) -> Case:
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
