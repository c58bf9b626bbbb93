"""Tries of a change on served lists: asked by staff, made by the worker, one at a time."""

import logging
from dataclasses import asdict
from datetime import timedelta
from time import monotonic
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.choices import Placement, WhatIfState
from recommendations.conf import configuration
from recommendations.errors import InvalidInputError, ShopError
from recommendations.models import WhatIf
from recommendations.progress import Progress, report_nothing
from recommendations.sentences import get_sentence, say
from recommendations.services.infra.locks import hold, lock_until_commit
from recommendations.services.what_if.changes import TriedChange, read_change
from recommendations.services.what_if.comparison import compare_on_log

LEASE = "what-if"
MOST_LISTS = 20_000
STALLED_AFTER = timedelta(minutes=3)
"""A run notes its progress each second, and finds no step that takes so long."""
SECONDS_BETWEEN_REPORTS = 1.0
UNFINISHED = (WhatIfState.WAITING.value, WhatIfState.RUNNING.value)
INTERRUPTED = say("The process that worked on it was killed.")

logger = logging.getLogger(__name__)


class CancelledError(Exception):
    """Staff gave the run up."""


def request_run(
    *, staff: User | None, placement: Placement, how_many: int, change: TriedChange
) -> WhatIf:
    """Note what is to be tried; `execute` does the work.

    Raises:
        InvalidInputError: Nothing is tried, on too many lists, or another run is not over yet.
    """
    if change.is_empty:
        raise InvalidInputError(_("Choose what to try: a rule, a model version or weights."))
    if not 1 <= how_many <= MOST_LISTS:
        raise InvalidInputError(
            _("A what-if replays between 1 and {} lists.").format(MOST_LISTS), field="how_many"
        )
    with transaction.atomic():
        lock_until_commit(LEASE)
        for other in WhatIf.objects.select_for_update().filter(state__in=UNFINISHED):
            if not is_stalled(other):
                raise InvalidInputError(
                    _("Another what-if is under way. Wait until it is over, or cancel it.")
                )
            _end(other, WhatIfState.FAILED, problem=INTERRUPTED)
        return WhatIf.objects.create(
            staff=staff, placement=placement.value, how_many=how_many, change=change.write()
        )


def execute(what_if_id: int, progress: Progress = report_nothing) -> None:
    """Replay the lists; the row says what came of it.

    Raises:
        TrainingUnderWayError: Another process replays lists.
    """
    with hold(LEASE):
        rows = WhatIf.objects.filter(pk=what_if_id, state__in=UNFINISHED)
        if not rows.update(state=WhatIfState.RUNNING.value, changed_at=timezone.now()):
            return
        what_if = WhatIf.objects.get(pk=what_if_id)
        try:
            result = compare_on_log(
                placement=Placement(what_if.placement),
                how_many=what_if.how_many,
                change=read_change(what_if.change),
                progress=_Reporter(what_if, progress),
            )
        except CancelledError:
            logger.info("What-if %s was cancelled.", what_if.pk)
        except ShopError as refused:
            _end(what_if, WhatIfState.FAILED, problem=get_sentence(refused))
        except BaseException as failure:
            # The row says why it stopped; the queue still gets the exception.
            _end(what_if, WhatIfState.FAILED, problem=get_sentence(failure))
            raise
        else:
            _end(what_if, WhatIfState.DONE, result=asdict(result))


def cancel(what_if_id: int) -> bool:
    """Give a run up; its worker notices within seconds. Return False if it is over already."""
    rows = WhatIf.objects.filter(pk=what_if_id, state__in=UNFINISHED)
    return bool(rows.update(state=WhatIfState.CANCELLED.value, changed_at=timezone.now()))


def is_stalled(what_if: WhatIf) -> bool:
    """Return whether the process that worked on it was probably killed, or none began."""
    is_old = what_if.changed_at < timezone.now() - STALLED_AFTER
    return what_if.state in UNFINISHED and is_old


def touch(what_if: WhatIf) -> None:
    """Note that a stalled run was handed over again."""
    rows = WhatIf.objects.filter(pk=what_if.pk, state__in=UNFINISHED)
    rows.update(state=WhatIfState.WAITING.value, changed_at=timezone.now())


def prune() -> int:
    """Delete runs older than the log of served lists; return how many there were."""
    oldest = timezone.now() - timedelta(days=configuration().served_log_keep_days)
    return WhatIf.objects.filter(created_at__lt=oldest).delete()[0]


def _end(what_if: WhatIf, state: WhatIfState, **columns: Any) -> None:
    """Write the outcome, unless staff cancelled the run meanwhile."""
    WhatIf.objects.filter(pk=what_if.pk, state__in=UNFINISHED).update(
        state=state.value, stage="", changed_at=timezone.now(), **columns
    )


class _Reporter:
    """Writes how far a run is into its row, at most once a second, and stops a cancelled one."""

    def __init__(self, what_if: WhatIf, progress: Progress) -> None:
        self._rows = WhatIf.objects.filter(pk=what_if.pk, state=WhatIfState.RUNNING.value)
        self._progress = progress
        self._last = -SECONDS_BETWEEN_REPORTS

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Note the progress; raises CancelledError if staff gave the run up."""
        self._progress(stage, done, total)
        if monotonic() - self._last < SECONDS_BETWEEN_REPORTS:
            return
        self._last = monotonic()
        if not self._rows.update(stage=stage, done=done, total=total, changed_at=timezone.now()):
            raise CancelledError
