"""Subjects of an experiment with known sums."""

from collections.abc import Mapping, Sequence

import numpy as np

from recommendations.trials.subject_days import SubjectDays


def make_day(
    measures: Mapping[str, Sequence[float]],
    arm: Sequence[int],
    before: Mapping[str, Sequence[float]] | None = None,
) -> SubjectDays:
    """All subjects come on the first day and do what `measures` says, once."""
    n_subjects = len(arm)
    return SubjectDays(
        arm=np.asarray(arm, dtype=np.int64),
        first_day=np.zeros(n_subjects, dtype=np.int64),
        subject=np.arange(n_subjects),
        day=np.zeros(n_subjects, dtype=np.int64),
        measures={name: np.asarray(values, dtype=float) for name, values in measures.items()},
        before={name: np.asarray(values, dtype=float) for name, values in (before or {}).items()},
    )


def repeat_days(data: SubjectDays, days: int) -> SubjectDays:
    """The same subjects come every day: each new day brings as many as the first."""
    n_subjects = data.n_subjects
    subject = np.concatenate([data.subject + day * n_subjects for day in range(days)])
    day = np.repeat(np.arange(days), len(data.subject))
    return SubjectDays(
        arm=np.tile(data.arm, days),
        first_day=np.repeat(np.arange(days), n_subjects),
        subject=subject,
        day=day,
        measures={name: np.tile(values, days) for name, values in data.measures.items()},
        before={name: np.tile(values, days) for name, values in data.before.items()},
    )
