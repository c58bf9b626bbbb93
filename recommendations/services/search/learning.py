"""What is learnt from searches: which products shoppers choose after a query.

The worker counts all choices of the log anew, so choices that were erased, or whose search was
pruned, are forgotten. A subject counts once for a query and a product, however often it chooses.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.models import LearnedMatch, LoggedSearch, UserBehavior
from recommendations.retrieval.learned_matches import Choices, compute_strengths
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.infra.locks import hold
from recommendations.services.search.search_log import fold_query

LEASE = "learning from searches"
HALF_LIFE_DAYS = 30.0
"""After so long, a choice counts half."""
CLICKED, BOUGHT = 1.0, 3.0
"""How much a choice counts."""
BOUGHT_WITHIN = timedelta(days=1)
WRITE_BATCH_SIZE = 1_000

Subject = int | str
Match = tuple[str, int]
"""A query and a product."""


def learn() -> int:
    """Replace what was learnt; return how many matches of a query and a product are known.

    Raises:
        TrainingUnderWayError: Another process is learning.
    """
    with hold(LEASE):
        now = timezone.now()
        since = now - timedelta(days=configuration().search_log_keep_days)
        chosen = _read_clicks(since)
        bought = _read_purchases(chosen, since)
        by_query: defaultdict[str, dict[int, Choices]] = defaultdict(dict)
        for (query, product_id), clicks in chosen.items():
            weights = [
                _weigh(now - at, bought.get((subject, product_id)), at)
                for subject, at in clicks.items()
            ]
            by_query[query][product_id] = Choices(len(weights), sum(weights))
        rows = [
            LearnedMatch(query=query, product_id=product_id, strength=strength)
            for query, choices in by_query.items()
            for product_id, strength in compute_strengths(choices).items()
        ]
        with transaction.atomic():
            LearnedMatch.objects.all().delete()
            LearnedMatch.objects.bulk_create(rows, batch_size=WRITE_BATCH_SIZE)
    return len(rows)


def read_strengths(text: str) -> dict[int, float]:
    """Return the strengths of products for a query; none if the shop learns nothing."""
    strengths: dict[int, float] = {}
    if configuration().search_learns:
        with ignore_database_errors("what was learnt from searches"):
            rows = LearnedMatch.objects.filter(query=fold_query(text))
            strengths = dict(rows.values_list("product_id", "strength"))
    return strengths


def _weigh(age: timedelta, bought_at: datetime | None, clicked_at: datetime) -> float:
    is_bought = bought_at is not None and clicked_at <= bought_at <= clicked_at + BOUGHT_WITHIN
    half_lives: float = age / timedelta(days=HALF_LIFE_DAYS)
    weight = BOUGHT if is_bought else CLICKED
    return weight * math.exp2(-half_lives)


def _read_clicks(since: datetime) -> Mapping[Match, dict[Subject, datetime]]:
    """Return when each subject last chose a product after a query."""
    searches = LoggedSearch.objects.filter(pk=OuterRef("list_id"), is_redirected=False)
    rows = (
        UserBehavior.objects.filter(list_id__isnull=False, timestamp__gte=since)
        .annotate(query=Subquery(searches.values("query")[:1]))
        .filter(query__isnull=False)
        .order_by("timestamp")
        .values_list("query", "product_id", "user_id", "session_id", "timestamp")
    )
    chosen: defaultdict[Match, dict[Subject, datetime]] = defaultdict(dict)
    for query, product_id, user_id, session_id, at in rows.iterator():
        chosen[query, product_id][user_id or session_id or ""] = at
    return chosen


def _read_purchases(
    chosen: Mapping[Match, Mapping[Subject, datetime]], since: datetime
) -> dict[tuple[Subject, int], datetime]:
    """Return when subjects last bought a product that they had chosen."""
    pairs = {(subject, product_id) for (_, product_id), by in chosen.items() for subject in by}
    rows = UserBehavior.objects.filter(
        interaction_type=InteractionType.PURCHASE.value, timestamp__gte=since
    ).order_by("timestamp")
    columns = rows.values_list("user_id", "session_id", "product_id", "timestamp")
    return {
        (user_id or session_id or "", product_id): at
        for user_id, session_id, product_id, at in columns.iterator()
        if (user_id or session_id or "", product_id) in pairs
    }
