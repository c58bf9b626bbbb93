"""The exposures of a visitor who signs in: the first exposure of both wins."""

from recommendations.models import Exposure, TouchedDay
from recommendations.services.experiments.exposure_log import take_pending
from recommendations.services.experiments.kept_arms import forget_kept_arms


def merge_exposures(*, user_id: int, session_id: str) -> None:
    """Move a visitor's exposures to an account, in the transaction of the caller.

    Of two exposures in one experiment the earlier stays; if their arms differ, it notes a conflict.
    """
    rows = Exposure.objects.filter(user__isnull=True, session_id=session_id)
    of_visitor = {row.experiment_id: row for row in take_pending(session_id)}
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
    forget_kept_arms(user_id)


def _delete(exposure: Exposure) -> None:
    """Delete an exposure; what was counted of it is counted again for the other one."""
    days = exposure.days.values_list("day", flat=True)
    TouchedDay.objects.bulk_create(TouchedDay(day=day) for day in days)
    exposure.delete()
