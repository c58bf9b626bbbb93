"""What a subject saw in lists and passed over, read from the log of served lists."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import chain

from django.utils import timezone

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate
from recommendations.engine.fatigue import Rest, compute_rest_factors
from recommendations.models import ServedList
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.filtering import keep_matching

MOST_LISTS = 200
"""So many of the subject's latest lists are read."""


def find_rest_factors(
    candidates: Sequence[Candidate], rest: Rest, context: ListContext
) -> dict[int, float]:
    """Return what the scores of candidates that the subject passed over are multiplied with.

    What the subject viewed, liked, put in the cart or bought was not passed over. Pinned products
    stand where staff put them.
    """
    times = count_passed_over(rest, context)
    seen = [one for one in candidates if times.get(one.product_id) and not _is_pinned(one)]
    matching = keep_matching(seen, rest.condition, context)
    passed_over = {one.product_id: times[one.product_id] for one in matching}
    if context.trace is not None:
        context.trace.passed_over = passed_over
    return compute_rest_factors(passed_over, rest)


def count_passed_over(rest: Rest, context: ListContext) -> Mapping[int, int]:
    """Return in how many lists the subject saw each product; one query for each context.

    Nothing if the log cannot be read, or if the subject has switched personalization off.
    """
    subject, history = context.subject, context.history
    if subject is None or not history.personalization_enabled:
        return {}
    if rest.within_days not in context.passed_over:
        until = context.as_of or timezone.now()
        rows: list[list[int]] = []
        with ignore_database_errors("impressions"):
            rows = list(
                ServedList.objects.filter(
                    subject.match_rows(),
                    created_at__gte=until - timedelta(days=rest.within_days),
                    created_at__lt=until,
                )
                .order_by("-created_at")
                .values_list("seen_product_ids", flat=True)[:MOST_LISTS]
            )
        touched = history.names.keys() | history.purchased | history.in_cart
        seen = Counter(chain.from_iterable(rows))
        context.passed_over[rest.within_days] = {
            product_id: count for product_id, count in seen.items() if product_id not in touched
        }
    return context.passed_over[rest.within_days]


def _is_pinned(candidate: Candidate) -> bool:
    return candidate.source is Source.PINNED
