"""Moves the exposures of a visitor who signed in to the account: the first of both wins."""

from collections.abc import Collection, Iterable

from django.db import transaction

from recommendations.choices import ExperimentState
from recommendations.models import Exposure, ServedList, TouchedDay
from recommendations.services.experiments.kept_arms import forget_kept_arms


@transaction.atomic
def move_exposures(*, user_id: int, session_id: str, unwritten: Iterable[Exposure] = ()) -> None:
    """Move a visitor's exposures to an account, also those that are not written yet.

    Of two exposures in one experiment the earlier stays; if their arms differ, it notes a conflict.
    So it is with two experiments of one layer, and with the hold-out and any other, unless one of
    them is over.
    """
    rows = Exposure.objects.filter(user__isnull=True, session_id=session_id)
    of_visitor = {row.experiment_id: row for row in unwritten}
    of_visitor |= {row.experiment_id: row for row in rows.select_for_update()}
    if not of_visitor:
        return
    of_account = {
        row.experiment_id: row
        for row in Exposure.objects.select_for_update().filter(
            user_id=user_id, experiment_id__in=of_visitor
        )
    }
    for experiment_id, row in of_visitor.items():
        other = of_account.get(experiment_id)
        if other is not None:
            first, second = sorted([row, other], key=lambda one: one.exposed_at)
            first.has_conflict |= second.has_conflict or first.arm_id != second.arm_id
            if second.pk is not None:
                _delete(second)
            row = first  # noqa: PLW2901
        row.user_id = user_id
        row.save()
    _keep_first_exposures(user_id)
    forget_kept_arms(user_id)


def move_latecomers(session_ids: Collection[str]) -> None:
    """Move exposures that were written after their visitors had signed in.

    Another process merged the visitor while this one had not written yet. The served lists that
    were merged tell whose account it was.
    """
    if not session_ids:
        return
    merged = ServedList.objects.filter(session_id__in=session_ids, user__isnull=False).order_by()
    for session_id, user_id in merged.values_list("session_id", "user_id").distinct():
        if session_id is not None and user_id is not None:
            move_exposures(user_id=user_id, session_id=session_id)


def _keep_first_exposures(user_id: int) -> None:
    """Keep one exposure of an account in each layer, the first, and none after the hold-out's."""
    rows = Exposure.objects.filter(user_id=user_id).select_related("experiment", "arm")
    under_way = rows.exclude(experiment__state=ExperimentState.STOPPED.value)
    first_of: dict[str, Exposure] = {}
    held_out = None
    for row in under_way.order_by("exposed_at", "pk"):
        first = held_out or first_of.setdefault(row.experiment.layer, row)
        if first is not row:
            _delete(row)
            first.has_conflict = True
            first.save(update_fields=["has_conflict"])
        elif row.experiment.is_holdout and row.arm.only_popular:
            held_out = row


def _delete(exposure: Exposure) -> None:
    """Delete an exposure; what was counted of it is counted again for the other one."""
    days = exposure.days.values_list("day", flat=True)
    TouchedDay.objects.bulk_create(TouchedDay(day=day) for day in days)
    exposure.delete()
