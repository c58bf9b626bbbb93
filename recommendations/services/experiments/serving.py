"""Assignment and exposure for servers that render lists themselves."""

from dataclasses import dataclass

from django.db import transaction

from recommendations.errors import NotFoundError
from recommendations.models import Experiment, Exposure
from recommendations.services.experiments.definitions import get_running
from recommendations.services.experiments.kept_arms import forget_kept_arms
from recommendations.services.experiments.treatments import find_arms
from recommendations.services.people.subjects import Subject


@dataclass(frozen=True, slots=True)
class Assignment:
    """The arm of a subject in an experiment."""

    experiment_id: int
    experiment: str
    arm_id: int
    arm: str


def list_assignments(subject: Subject) -> list[Assignment]:
    """Return the arms of a subject in the running experiments; those it is not in are left out.

    So are interleavings: only the shop's own lists can be shared by two models.
    """
    running = [one for one in get_running() if one.interleaved_at is None]
    found = find_arms(subject, running)
    names = Experiment.objects.in_bulk([experiment.pk for experiment, _ in found])
    return [
        Assignment(experiment.pk, names[experiment.pk].name, arm.pk, arm.name)
        for experiment, arm in found
        if experiment.pk in names
    ]


def record_exposure(subject: Subject, experiment: str) -> tuple[Assignment, bool]:
    """Record that a subject was served by its arm; return the arm, and whether this is new.

    Raises:
        NotFoundError: No such experiment runs, or the subject is not in it.
    """
    assigned = {each.experiment: each for each in list_assignments(subject)}
    if experiment not in assigned:
        raise NotFoundError(f"No experiment {experiment} runs that this subject is in.")
    assignment = assigned[experiment]
    with transaction.atomic():
        # Two requests at once write one row.
        known = Exposure.objects.filter(
            subject.match_rows(), experiment_id=assignment.experiment_id
        )
        if known.exists():
            return assignment, False
        Exposure.objects.bulk_create(
            [
                Exposure(
                    experiment_id=assignment.experiment_id,
                    arm_id=assignment.arm_id,
                    user_id=subject.user_id,
                    session_id=subject.session_id,
                )
            ],
            ignore_conflicts=True,
        )
        if subject.user_id is not None:
            forget_kept_arms(subject.user_id)
    return assignment, True
