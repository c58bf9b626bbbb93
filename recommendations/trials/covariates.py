"""CUPED: what subjects did before the experiment explains a part of what they do in it.

Deng, Xu, Kohavi & Walker (2013), "Improving the Sensitivity of Online Controlled Experiments by
Utilizing Pre-Experiment Data". The time before cannot depend on the arm, so what it explains can be
taken away, and the difference between arms is estimated with less variance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommendations.trials.subject_days import FloatArray, SubjectDays


@dataclass(frozen=True, slots=True)
class AdjustedValues:
    """Values without their explained part, and what the adjustment did.

    `shifts` are to be added to the arms' figures; `shared_variance` is the variance that all arms'
    figures have in common afterwards, `explained` the share of the variance that is gone.
    """

    values: FloatArray
    shifts: FloatArray
    shared_variance: float
    explained: float


def remove_explained_part(
    values: FloatArray, data: SubjectDays, covariates: Sequence[FloatArray], n_arms: int
) -> AdjustedValues:
    """Take from each subject's value what a linear regression on the covariates explains.

    The slopes are one for all arms, estimated within arms. Subjects without covariates (NaN) count
    as a group of their own: whether a subject was known is a covariate too.
    """
    unchanged = AdjustedValues(values, np.zeros(n_arms), 0.0, 0.0)
    if not covariates or not len(values) or not np.isfinite(values).all():
        return unchanged
    known = np.isfinite(covariates[0]).astype(np.float64)
    columns = np.column_stack([known, *(np.nan_to_num(column) for column in covariates)])
    centred = columns - columns.mean(axis=0)
    arm_means = np.stack([data.average_by_arm(column, n_arms) for column in centred.T], axis=1)
    within = centred - arm_means[data.arm]
    residuals = values - data.average_by_arm(values, n_arms)[data.arm]
    total = float(residuals @ residuals)
    if total == 0:
        return unchanged
    slopes = np.linalg.lstsq(within, residuals, rcond=None)[0]
    explained_values = centred @ slopes
    left = residuals - within @ slopes
    return AdjustedValues(
        values=values - explained_values,
        shifts=-(arm_means @ slopes),
        shared_variance=float(explained_values.var() / data.n_subjects),
        explained=1 - float(left @ left) / total,
    )
