"""The log of searches, without personal data; no search waits for its writes.

Records gather in this process, and a background thread writes them in batches. A process that is
killed loses the records of the last `served_log_flush_seconds`. While the database does not
answer, only the latest `MAX_PENDING` records are kept.
"""

import re
import threading
from collections import deque
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import Error as DatabaseFailure
from django.utils import timezone

from recommendations.conf import configuration
from recommendations.models import LoggedSearch, QueryDay
from recommendations.models.search_rules import LONGEST_QUERY
from recommendations.retrieval.tokens import fold_accents, split_words
from recommendations.services.infra.background_flusher import BackgroundFlusher
from recommendations.services.infra.counters import SEARCHES
from recommendations.services.search.query import AnsweredBy, Found

MAX_PENDING = 20_000
WRITE_BATCH_SIZE = 500
PRUNE_BATCH_SIZE = 5_000
FEWEST_PERSONAL_DIGITS = 7
"""A number of so many digits may be that of a phone, a card or an order."""

_MAIL_ADDRESS = re.compile(r"\S@\S")
_LONG_NUMBER = re.compile(rf"\d(?:[\s().,+/_-]*\d){{{FEWEST_PERSONAL_DIGITS - 1}}}")

_pending: deque[LoggedSearch] = deque(maxlen=MAX_PENDING)
_write_lock = threading.Lock()


def log_search(*, text: str, found: Found, is_redirected: bool, is_first: bool) -> UUID:
    """Record a search; return its id, which the interactions that it leads to carry as `list_id`.

    A query that may hold personal data is counted for the metrics, but not recorded.
    `is_redirected` says whether staff lead it to a page. `is_first` is False for a further page and
    for results that were narrowed down.
    """
    search_id = uuid4()
    if is_first:
        SEARCHES.labels(
            answered_by=found.answered_by.value, found="yes" if found.product_ids else "no"
        ).inc()
    query = fold_query(text)
    if query and not may_be_personal(text):
        _pending.append(
            LoggedSearch(
                id=search_id,
                query=query,
                found=len(found.product_ids),
                is_corrected=found.correction is not None,
                answered_by=found.answered_by.value,
                is_redirected=is_redirected,
                is_first=is_first,
                searched_at=timezone.now().replace(minute=0, second=0, microsecond=0),
            )
        )
        _flusher.ensure_running()
    return search_id


def fold_query(text: str) -> str:
    """Return the words of a query in lower case and without accents; their endings stay."""
    return " ".join(map(fold_accents, split_words(text)))[:LONGEST_QUERY]


def may_be_personal(text: str) -> bool:
    """Return whether a query looks like a mail address or holds a long number."""
    return bool(_MAIL_ADDRESS.search(text) or _LONG_NUMBER.search(text))


def flush() -> None:
    """Write all pending records now; after a database error, the unwritten ones stay pending."""
    with _write_lock:
        while batch := [_pending.popleft() for _ in range(min(WRITE_BATCH_SIZE, len(_pending)))]:
            try:
                LoggedSearch.objects.bulk_create(batch)
            except DatabaseFailure:
                _pending.extendleft(reversed(batch))
                raise


def count_pending() -> dict[str, int]:
    """Return how many searches this process has not written yet."""
    return {"searches": len(_pending)}


def discard_pending() -> None:
    """Drop all records that are not written yet."""
    _pending.clear()


def prune() -> int:
    """Delete searches older than `search_log_keep_days` and their counts; return how many."""
    oldest = timezone.now() - timedelta(days=configuration().search_log_keep_days)
    QueryDay.objects.filter(day__lt=oldest.date()).delete()
    deleted = 0
    while True:
        rows = LoggedSearch.objects.filter(searched_at__lt=oldest).order_by("searched_at")
        ids = list(rows.values_list("pk", flat=True)[:PRUNE_BATCH_SIZE])
        if not ids:
            return deleted
        deleted += LoggedSearch.objects.filter(pk__in=ids).delete()[0]


_flusher = BackgroundFlusher(name="searches", flush=flush, count_pending=count_pending)

# A rate from nothing to one is seen only if the nothing was there before.
for _answer in AnsweredBy:
    for _found in ("yes", "no"):
        SEARCHES.labels(answered_by=_answer.value, found=_found)
