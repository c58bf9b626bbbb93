"""Who saw which arm, and how arms were served: noted in memory, written every second.

A process that is killed loses at most its last second. A subject is exposed once: the database
refuses a second row, so what is written twice counts once.
"""

import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from cachetools import LRUCache
from django.db import Error as DatabaseFailure
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from recommendations.models import ArmHealth, Exposure
from recommendations.services.experiments.exposure_moves import move_latecomers
from recommendations.services.experiments.treatments import Treatment
from recommendations.services.infra.background_flusher import BackgroundFlusher
from recommendations.services.insight.days import get_day
from recommendations.services.people.subjects import Subject

MAX_PENDING = 20_000
WRITE_BATCH_SIZE = 500
KNOWN_EXPOSURES = 50_000
SLOW_SECONDS = 0.5
"""A request that takes longer is a slow one, by which guardrails judge."""
MOST_COUNTED = 20
"""So many requests and lists of one subject count on a day in a process.

Guardrails compare requests: nobody alone must be able to pause an experiment by asking for much.
"""


class _Exposed(NamedTuple):
    subject: Subject
    experiment_id: int
    arm_id: int
    at: datetime


class _HealthKey(NamedTuple):
    arms: tuple[tuple[int, int], ...]
    """Of a treatment: counting them together keeps a request short."""
    day: date
    measure: str


_pending: deque[_Exposed] = deque(maxlen=MAX_PENDING)
_health: Counter[_HealthKey] = Counter()
_known: LRUCache[tuple[int, str], bool] = LRUCache(maxsize=KNOWN_EXPOSURES)
_counted: LRUCache[tuple[date, str, str], int] = LRUCache(maxsize=KNOWN_EXPOSURES)
_lock = threading.Lock()
_write_lock = threading.Lock()


def note_exposures(subject: Subject | None, treatment: Treatment) -> None:
    """Record that a subject was served by these arms, the first time that this process does."""
    if subject is None or not treatment.arms:
        return
    now, subject_key = timezone.now(), subject.key
    with _lock:
        for experiment_id, arm_id in treatment.arms:
            key = (experiment_id, subject_key)
            if key not in _known:
                _known[key] = True
                _pending.append(_Exposed(subject, experiment_id, arm_id, now))
    _flusher.ensure_running()


def note_list(subject: Subject | None, treatment: Treatment, *, is_empty: bool) -> None:
    """Count a list that these arms were served with."""
    _count(subject, treatment, "lists", {"empty_lists": is_empty})


def note_request(
    subject: Subject | None, treatment: Treatment, *, has_failed: bool, seconds: float
) -> None:
    """Count a request that these arms answered, and whether it failed or was slow."""
    told = {"failed": has_failed, "slow": seconds > SLOW_SECONDS}
    _count(subject, treatment, "requests", told)


def take_pending(session_id: str) -> list[Exposure]:
    """Return the exposures of a visitor that are not written yet; nobody else writes them."""
    subject = Subject(session_id=session_id)
    with _write_lock, _lock:
        taken = [one for one in _pending if one.subject == subject]
        for one in taken:
            _pending.remove(one)
            _known.pop((one.experiment_id, subject.key), None)
    return [_build(one) for one in taken]


def flush() -> None:
    """Write all pending notes now; after a database error, the unwritten ones stay pending."""
    with _write_lock:
        while exposed := _pop(WRITE_BATCH_SIZE):
            try:
                _write(exposed)
                move_latecomers([sid for one in exposed if (sid := one.subject.session_id)])
            except DatabaseFailure:
                _pending.extendleft(reversed(exposed))
                raise
        with _lock:
            counts = Counter(_health)
            _health.clear()
        try:
            _add_health(counts)
        except DatabaseFailure:
            with _lock:
                _health.update(counts)
            raise


def count_pending() -> dict[str, int]:
    """Return how many notes this process has not written yet."""
    return {"exposures": len(_pending), "arm health": len(_health)}


def discard_pending() -> None:
    """Drop all notes that are not written yet, and forget who was exposed."""
    with _lock:
        _pending.clear()
        _health.clear()
        _known.clear()
        _counted.clear()


def _count(
    subject: Subject | None, treatment: Treatment, what: str, told: Mapping[str, bool]
) -> None:
    """Count one more of what is told about, and what is true of it."""
    if subject is None or not treatment.arms:
        return
    day = get_day(timezone.now())
    of_subject = (day, what, subject.key)
    with _lock:
        n_counted = _counted.get(of_subject, 0)
        if n_counted >= MOST_COUNTED:
            return
        _counted[of_subject] = n_counted + 1
        for measure in (what, *(name for name, is_so in told.items() if is_so)):
            _health[_HealthKey(treatment.arms, day, measure)] += 1
    _flusher.ensure_running()


def _pop(limit: int) -> list[_Exposed]:
    with _lock:
        return [_pending.popleft() for _ in range(min(limit, len(_pending)))]


def _build(exposed: _Exposed) -> Exposure:
    return Exposure(
        experiment_id=exposed.experiment_id,
        arm_id=exposed.arm_id,
        user_id=exposed.subject.user_id,
        session_id=exposed.subject.session_id,
        exposed_at=exposed.at,
    )


def _write(exposed: Sequence[_Exposed]) -> None:
    rows = [_build(one) for one in exposed]
    try:
        with transaction.atomic():
            Exposure.objects.bulk_create(rows, ignore_conflicts=True)
    except IntegrityError:
        # An account or an experiment was deleted meanwhile; the others are kept.
        for row in rows:
            try:
                with transaction.atomic():
                    Exposure.objects.bulk_create([row], ignore_conflicts=True)
            except IntegrityError:
                continue


def _add_health(counts: Counter[_HealthKey]) -> None:
    days: dict[tuple[int, date], Counter[str]] = {}
    for key, number in counts.items():
        for _, arm_id in key.arms:
            days.setdefault((arm_id, key.day), Counter())[key.measure] += number
    for (arm_id, day), measures in sorted(days.items()):
        try:
            with transaction.atomic():
                row = {"arm_id": arm_id, "day": day}
                ArmHealth.objects.bulk_create([ArmHealth(**row)], ignore_conflicts=True)
                ArmHealth.objects.filter(**row).update(
                    **{name: F(name) + number for name, number in measures.items()}
                )
        except IntegrityError:
            # The experiment was deleted meanwhile.
            continue


_flusher = BackgroundFlusher(name="exposures", flush=flush, count_pending=count_pending)
