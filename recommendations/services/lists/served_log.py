"""Keeping what was shown, without a request waiting for it.

Notes gather in this process and are written together by a thread of their own. A process that is
killed loses the notes of its last moments; a database that is away loses the oldest of more than
`MOST_WAITING`. Both cost statistics, never a shopper.
"""

import atexit
import logging
import threading
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID, uuid4

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from recommendations.choices import Placement
from recommendations.conf import configuration
from recommendations.models import ServedList
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject

logger = logging.getLogger(__name__)

MOST_WAITING = 20_000
WRITTEN_AT_ONCE = 500
PRUNED_AT_ONCE = 5_000
IMPRESSION_TRIES = 5
"""How many writes an impression waits for its list, which another process may still hold."""

Note = TypeVar("Note")


class _Served(NamedTuple):
    """What a row of `ServedList` will say; making a model takes as long as the rest of a note."""

    id: UUID
    user_id: int | None
    session_id: str | None
    placement: str
    name: str
    source: str
    model_version: str
    product_ids: list[int]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class _Impression:
    list_id: UUID
    subject: Subject | None
    product_ids: tuple[int, ...]
    tries_left: int = IMPRESSION_TRIES


_served: deque[_Served] = deque(maxlen=MOST_WAITING)
_impressions: deque[_Impression] = deque(maxlen=MOST_WAITING)
_starting = threading.Lock()
_writer: threading.Thread | None = None
_writing = threading.Lock()


def log_served_list(
    *, subject: Subject | None, placement: Placement, name: str, found: RecommendationList
) -> UUID:
    """Note that a list was shown and return its id, which interactions with it carry."""
    served = _Served(
        id=uuid4(),
        user_id=subject.user_id if subject else None,
        session_id=subject.session_id if subject else None,
        placement=placement.value,
        name=name,
        source=found.source.value,
        model_version=found.model_version or "",
        product_ids=[entry.ranked.product_id for entry in found.entries],
        created_at=timezone.now(),
    )
    _served.append(served)
    _ensure_writer()
    return served.id


def log_impressions(
    *, subject: Subject | None, list_id: UUID, product_ids: Collection[int]
) -> None:
    """Note which products of a list came into sight.

    What was not in the list, and lists of somebody else, are left out in silence: nobody learns
    whether an id exists.
    """
    _impressions.append(_Impression(list_id, subject, tuple(product_ids)))
    _ensure_writer()


def flush() -> None:
    """Write all that waits, now; what the database refuses to take waits on."""
    with _writing:
        while served := _taken(_served, WRITTEN_AT_ONCE):
            try:
                _write(served)
            except DatabaseError:
                _served.extendleft(reversed(served))
                raise
        seen = _taken(_impressions, MOST_WAITING)
        try:
            again = _mark_seen(seen)
        except DatabaseError:
            _impressions.extendleft(reversed(seen))
            raise
        _impressions.extend(again)


def pending() -> dict[str, int]:
    """Return how many notes of this process wait to be written, by what they are about."""
    return {"lists": len(_served), "impressions": len(_impressions)}


def forget_waiting() -> None:
    """Drop what waits to be written."""
    _served.clear()
    _impressions.clear()


def prune() -> int:
    """Delete lists older than `served_log_keep_days` and return how many there were.

    In steps, so that no lock is held for long.
    """
    oldest = timezone.now() - timedelta(days=configuration().served_log_keep_days)
    deleted = 0
    while True:
        ids = list(
            ServedList.objects.filter(created_at__lt=oldest)
            .order_by("created_at")
            .values_list("id", flat=True)[:PRUNED_AT_ONCE]
        )
        if not ids:
            return deleted
        deleted += ServedList.objects.filter(id__in=ids).delete()[0]


def _taken(pending: deque[Note], most: int) -> list[Note]:
    return [pending.popleft() for _ in range(min(most, len(pending)))]


def _write(served: Sequence[_Served]) -> None:
    lists = [ServedList(**one._asdict()) for one in served]
    try:
        with transaction.atomic():
            ServedList.objects.bulk_create(lists)
    except IntegrityError:
        # Somebody's account was deleted meanwhile; the others' lists are kept.
        for one in lists:
            try:
                with transaction.atomic():
                    one.save(force_insert=True)
            except IntegrityError:
                continue


def _mark_seen(impressions: Sequence[_Impression]) -> list[_Impression]:
    """Add what was seen to the lists, and return the impressions whose list is not there yet."""
    if not impressions:
        return []
    again = []
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
                    again.append(
                        _Impression(
                            impression.list_id, impression.subject, impression.product_ids, left
                        )
                    )
            elif _subject_of(served) == impression.subject:
                shown = set(served.product_ids)
                seen = [*served.seen_product_ids, *impression.product_ids]
                served.seen_product_ids = [one for one in dict.fromkeys(seen) if one in shown]
        ServedList.objects.bulk_update(lists.values(), ["seen_product_ids"], batch_size=100)
    return again


def _subject_of(served: ServedList) -> Subject | None:
    # What a visitor was shown before signing in keeps their id, and belongs to the user alone.
    if served.user_id is not None:
        return Subject(user_id=served.user_id)
    return Subject(session_id=served.session_id) if served.session_id else None


def _ensure_writer() -> None:
    global _writer  # noqa: PLW0603
    if _writer is not None and _writer.is_alive():
        return
    with _starting:
        # A process that was forked has inherited the name, but not the thread.
        if _writer is None or not _writer.is_alive():
            _writer = threading.Thread(target=_write_on, name="served-lists", daemon=True)
            _writer.start()
            atexit.unregister(_flush_quietly)
            atexit.register(_flush_quietly)


def _write_on() -> None:
    pause = threading.Event()
    while not pause.wait(configuration().served_log_flush_seconds):
        _flush_quietly()


def _flush_quietly() -> None:
    if not _served and not _impressions:
        return
    try:
        flush()
    except DatabaseError as problem:
        logger.warning("Served lists were not written and wait on: %s", problem)
    finally:
        connection.close()
