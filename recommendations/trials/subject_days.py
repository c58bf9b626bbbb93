"""What the shop knows of the subjects of an experiment, as arrays: the input of the analysis."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommendations.errors import InvalidInputError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SubjectDays:
    """Sums of measures for each subject and day since the subject's first exposure.

    `arm` and `first_day` have one entry for each exposed subject, also for those who did nothing:
    the number of the arm, 0 for the control, and the day of the first exposure; the experiment
    starts on day 0. `subject`, `day` and each of `measures` have one entry for each row; several
    rows of a subject and day add up. `before` has, for some measures, each subject's sum over a
    fixed time before the first exposure; NaN where the shop did not know the subject then.
    """

    arm: IntArray
    first_day: IntArray
    subject: IntArray
    day: IntArray
    measures: Mapping[str, FloatArray]
    before: Mapping[str, FloatArray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lengths = {len(self.subject), len(self.day), *map(len, self.measures.values())}
        if len(lengths) > 1:
            raise InvalidInputError(
                f"Subjects, days and measures have {sorted(lengths)} rows; they need as many each."
            )
        lengths = {len(self.arm), len(self.first_day), *map(len, self.before.values())}
        if len(lengths) > 1:
            raise InvalidInputError(
                f"Arms, first days and sums from before have {sorted(lengths)} subjects; "
                "they need as many each."
            )
        if len(self.subject) and not (
            self.subject.min() >= 0 and self.subject.max() < len(self.arm)
        ):
            raise InvalidInputError("A row is of a subject that has no arm.")
        if np.any(self.first_day < 0) or np.any(self.day < self.first_day[self.subject]):
            raise InvalidInputError(
                "A day lies before the start, or a row before its subject's first exposure."
            )
        for name, values in self.measures.items():
            if not np.isfinite(values).all():
                raise InvalidInputError(f'Measure "{name}" has a value that is not a number.')

    @property
    def n_subjects(self) -> int:
        """The number of exposed subjects."""
        return len(self.arm)

    def cut(self, last_day: int) -> "SubjectDays":
        """Return what was known at the end of `last_day`."""
        kept = self.first_day <= last_day
        rows = self.day <= last_day
        numbers = np.cumsum(kept) - 1
        return SubjectDays(
            arm=self.arm[kept],
            first_day=self.first_day[kept],
            subject=numbers[self.subject[rows]],
            day=self.day[rows],
            measures={name: values[rows] for name, values in self.measures.items()},
            before={name: values[kept] for name, values in self.before.items()},
        )

    def sum_by_subject(self, measure: str) -> FloatArray:
        """Return each subject's sum of a measure."""
        if measure not in self.measures:
            raise InvalidInputError(
                f'There is no measure "{measure}"; there are {sorted(self.measures)}.'
            )
        return np.bincount(
            self.subject, weights=self.measures[measure], minlength=self.n_subjects
        ).astype(np.float64)

    def count_subjects(self, n_arms: int) -> IntArray:
        """Return the number of exposed subjects of each arm."""
        return np.bincount(self.arm, minlength=n_arms).astype(np.int64)

    def average_by_arm(self, values: FloatArray, n_arms: int) -> FloatArray:
        """Return the mean of the subjects' values in each arm; NaN in an arm without subjects."""
        sums = np.bincount(self.arm, weights=values, minlength=n_arms)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(sums / self.count_subjects(n_arms), dtype=np.float64)

    def select_ages(self, first: int, last: int, *, last_day: int) -> "SubjectDays":
        """Return days `first` to `last` after the first exposure, of subjects that had them."""
        kept = self.first_day + last <= last_day
        ages = self.day - self.first_day[self.subject]
        rows = kept[self.subject] & (ages >= first) & (ages <= last)
        numbers = np.cumsum(kept) - 1
        return SubjectDays(
            arm=self.arm[kept],
            first_day=self.first_day[kept],
            subject=numbers[self.subject[rows]],
            day=self.day[rows],
            measures={name: values[rows] for name, values in self.measures.items()},
        )

    def count_subject_days(self, last_day: int) -> int:
        """Return the days that subjects were in the experiment, counted over all subjects."""
        return int((last_day + 1 - self.first_day).sum())
