"""What subjects did before they were exposed: it explains a part of what they do afterwards."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from recommendations.models import Experiment, Exposure, UserBehavior
from recommendations.services.experiments.subject_days import COUNTED_TYPES
from recommendations.services.experiments.trial_data import MEASURES_BEFORE
from recommendations.services.insight.attribution import Shopper, get_shopper
from recommendations.services.insight.counts import EARNING

TIME_BEFORE = timedelta(days=28)
EXPOSURES_PER_QUERY = 500

_Sums = dict[str, float]


def count_before(experiment: Experiment) -> None:
    """Store for each new exposure what its subject did in the four weeks before it."""
    new = Exposure.objects.filter(experiment=experiment, before__isnull=True).order_by("pk")
    while exposures := list(new[:EXPOSURES_PER_QUERY]):
        _count(exposures)


def _count(exposures: Sequence[Exposure]) -> None:
    exposed_at = {get_shopper(one.user_id, one.session_id): one.exposed_at for one in exposures}
    sums: dict[Shopper, _Sums] = defaultdict(lambda: dict.fromkeys(MEASURES_BEFORE, 0.0))
    for shopper, at, measure, amount in _iter_events(exposed_at):
        if exposed_at[shopper] - TIME_BEFORE <= at < exposed_at[shopper]:
            known = sums[shopper]
            if measure is not None:
                known[measure] += amount
    for one in exposures:
        one.before = sums.get(get_shopper(one.user_id, one.session_id), {})
    Exposure.objects.bulk_update(exposures, ["before"])


def _iter_events(
    exposed_at: dict[Shopper, datetime],
) -> Iterator[tuple[Shopper, datetime, str | None, float]]:
    """Yield what these shoppers and visitors did; a measure of None tells only that they came."""
    users = [user_id for user_id, _ in exposed_at if user_id is not None]
    visitors = [session_id for _, session_id in exposed_at if session_id is not None]
    first, last = min(exposed_at.values()) - TIME_BEFORE, max(exposed_at.values())
    whose = Q(user_id__in=users) | Q(user__isnull=True, session_id__in=visitors)
    done = UserBehavior.objects.filter(whose, timestamp__gte=first, timestamp__lt=last).order_by()
    columns = ("user_id", "session_id", "timestamp", "interaction_type")
    for user_id, session_id, at, kind in done.values_list(*columns).iterator():
        yield get_shopper(user_id, session_id), at, COUNTED_TYPES.get(kind), 1.0
    of_orders = Q(order__user_id__in=users) | Q(
        order__user__isnull=True, order__session_id__in=visitors
    )
    lines = EARNING.filter(
        of_orders, order__created_at__gte=first, order__created_at__lt=last
    ).order_by()
    columns = ("order__user_id", "order__session_id", "order__created_at", "price")
    for user_id, session_id, at, price, quantity in lines.values_list(*columns, "quantity"):
        yield get_shopper(user_id, session_id), at, "revenue", float(price * quantity)
