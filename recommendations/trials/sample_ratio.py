"""Whether arms got the subjects they should have got: if not, no figure can be trusted.

Fabijan et al. (2019), "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments".
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from recommendations.trials.subject_days import IntArray

MISMATCH_P_VALUE = 0.001
"""Of a thousand sound experiments, one is called a mismatch."""


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """The subjects that arms got and should have got; the p-value is of a chi-square test."""

    subjects: tuple[int, ...]
    expected: tuple[float, ...]
    p_value: float

    @property
    def is_mismatch(self) -> bool:
        """Tell whether chance hardly explains the difference."""
        return self.p_value < MISMATCH_P_VALUE


def check_sample_ratio(subjects: IntArray, weights: Sequence[float]) -> SampleRatio:
    """Compare the numbers of subjects with the arms' weights."""
    shares = np.asarray(weights, dtype=np.float64) / sum(weights)
    expected = shares * subjects.sum()
    p_value = 1.0
    if subjects.sum() > 0 and len(subjects) > 1:
        p_value = float(stats.chisquare(subjects, expected).pvalue)
    return SampleRatio(tuple(subjects.tolist()), tuple(expected.tolist()), p_value)
