"""The log of served lists and impressions; no request waits for its writes.

Records gather in this process, and a background thread writes them in batches. A process that is
killed loses the records of the last `served_log_flush_seconds`. While the database does not
answer, only the latest `MAX_PENDING` records are kept. Such losses affect statistics, no page.
"""

import threading
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import Error as DatabaseFailure
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations.choices import Placement, Source
from recommendations.conf import configuration
from recommendations.models import ServedList
from recommendations.services.infra.background_flusher import BackgroundFlusher
from recommendations.services.lists.list_request import ListRequest
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject

MAX_PENDING = 20_000
WRITE_BATCH_SIZE = 500
PRUNE_BATCH_SIZE = 5_000
IMPRESSION_TRIES = 5
"""An impression waits this many writes for its list: another process may still have to write it."""

Record = TypeVar("Record")


@dataclass(frozen=True, slots=True)
class _Impression:
    list_id: UUID
    subject: Subject | None
    product_ids: tuple[int, ...]
    tries_left: int = IMPRESSION_TRIES


_served: deque[ServedList] = deque(maxlen=MAX_PENDING)
_impressions: deque[_Impression] = deque(maxlen=MAX_PENDING)
_write_lock = threading.Lock()


def log_served_list(
    *,
    subject: Subject | None,
    placement: Placement,
    name: str,
    found: RecommendationList,
    request: ListRequest,
) -> UUID:
    """Record a served list; return its id, which the interactions that it leads to carry."""
    served = ServedList(
        id=uuid4(),
        user_id=subject.user_id if subject else None,
        session_id=subject.session_id if subject else None,
        placement=placement.value,
        name=name,
        source=found.source.value,
        model_version=found.model_version or "",
        product_ids=[entry.product_id for entry in found.entries],
        explored_product_ids=[
            entry.product_id for entry in found.entries if entry.source is Source.EXPLORED
        ]
        or None,
        request=request.write(),
        draft=None if found.draft is None else found.draft.write(),
        slot=None if found.slot is None else found.slot.write(),
        created_at=timezone.now(),
    )
    _served.append(served)
    _flusher.ensure_running()
    return served.id


def log_impressions(
    *, subject: Subject | None, list_id: UUID, product_ids: Collection[int]
) -> None:
    """Record which products of a list came into view.

    Products that are not in the list, and lists of other subjects, are ignored without an error,
    so that no caller learns which list ids exist.
    """
    _impressions.append(_Impression(list_id, subject, tuple(product_ids)))
    _flusher.ensure_running()


def flush() -> None:
    """Write all pending records now; after a database error, the unwritten ones stay pending."""
    with _write_lock:
        while served := _pop(_served, WRITE_BATCH_SIZE):
            try:
                _write(served)
            except DatabaseFailure:
                _served.extendleft(reversed(served))
                raise
        seen = _pop(_impressions, MAX_PENDING)
        try:
            retries = _mark_seen(seen)
        except DatabaseFailure:
            _impressions.extendleft(reversed(seen))
            raise
        _impressions.extend(retries)


def count_pending() -> dict[str, int]:
    """Return how many served lists and impressions this process has not written yet."""
    return {"lists": len(_served), "impressions": len(_impressions)}


def discard_pending() -> None:
    """Drop all records that are not written yet."""
    _served.clear()
    _impressions.clear()


def prune() -> int:
    """Delete lists older than `served_log_keep_days` in batches; return how many there were."""
    oldest = timezone.now() - timedelta(days=configuration().served_log_keep_days)
    deleted = 0
    while True:
        ids = list(
            ServedList.objects.filter(created_at__lt=oldest)
            .order_by("created_at")
            .values_list("id", flat=True)[:PRUNE_BATCH_SIZE]
        )
        if not ids:
            return deleted
        deleted += ServedList.objects.filter(id__in=ids).delete()[0]


def _pop(pending: deque[Record], limit: int) -> list[Record]:
    return [pending.popleft() for _ in range(min(limit, len(pending)))]


def _write(served: Sequence[ServedList]) -> None:
    for one in served:
        one.written_at = timezone.now()
    try:
        with transaction.atomic():
            ServedList.objects.bulk_create(served)
    except IntegrityError:
        # An account was deleted meanwhile; the lists of the other subjects are kept.
        for one in served:
            try:
                with transaction.atomic():
                    one.save(force_insert=True)
            except IntegrityError:
                continue


def _mark_seen(impressions: Sequence[_Impression]) -> list[_Impression]:
    """Add impressions to their lists; return those to try again because their list is missing."""
    if not impressions:
        return []
    retries = []
    with transaction.atomic():
        ids = {impression.list_id for impression in impressions}
        lists = {
            served.pk: served
            for served in ServedList.objects.select_for_update().filter(pk__in=ids).order_by("pk")
        }
        for impression in impressions:
            served = lists.get(impression.list_id)
            if served is None:
                if impression.tries_left > 1:
                    left = impression.tries_left - 1
                    retries.append(
                        _Impression(
                            impression.list_id, impression.subject, impression.product_ids, left
                        )
                    )
            elif get_subject(served) == impression.subject:
                shown = set(served.product_ids)
                seen = [*served.seen_product_ids, *impression.product_ids]
                served.seen_product_ids = [one for one in dict.fromkeys(seen) if one in shown]
                served.written_at = timezone.now()
        columns = ["seen_product_ids", "written_at"]
        ServedList.objects.bulk_update(lists.values(), columns, batch_size=100)
    return retries


def get_subject(served: ServedList) -> Subject | None:
    """Return whose list it was; None for somebody whom the log does not name."""
    # A list from before signing in keeps the visitor's id; it belongs to the user alone.
    if served.user_id is not None:
        return Subject(user_id=served.user_id)
    return Subject(session_id=served.session_id) if served.session_id else None


_flusher = BackgroundFlusher(name="served lists", flush=flush, count_pending=count_pending)
