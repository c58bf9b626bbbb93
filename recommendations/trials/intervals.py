"""Intervals: for one look at the planned end, and for any number of looks at any time."""

import math
from dataclasses import dataclass

from scipy import special, stats

ALPHA = 0.05
"""Intervals hold with probability 1 − ALPHA."""
DEFAULT_PLANNED_CLOCK = 100_000
"""The subject-days at which a sequence is narrowest where nothing was planned."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The ends of an interval."""

    low: float
    high: float

    def contains(self, value: float) -> bool:
        """Tell whether the value lies in the interval, ends included."""
        return self.low <= value <= self.high


def compute_fixed_width(alpha: float = ALPHA) -> float:
    """Return the half-width, in standard errors, of a two-sided interval for a single look."""
    return float(stats.norm.isf(alpha / 2))


def compute_sequence_width(clock: float, planned_clock: float, alpha: float = ALPHA) -> float:
    """Return the half-width, in standard errors, of a confidence sequence at time `clock`.

    An asymptotic confidence sequence: with probability 1 − alpha, the true value lies in the
    intervals of all looks together (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2021,
    "Time-uniform central limit theory and asymptotic confidence sequences", with Robbins' normal
    mixture). With t the clock, the half-width is √((tρ² + 1) / (tρ²) · log((tρ² + 1) / α²))
    standard errors. It is smallest at the planned clock if ρ² · planned clock = −W(−α² / e) − 1,
    with W the lower branch of Lambert's function. The planned clock must not depend on the results.
    """
    at_plan = -float(special.lambertw(-(alpha**2) / math.e, -1).real) - 1
    scaled = at_plan * clock / planned_clock
    return math.sqrt((scaled + 1) / scaled * math.log((scaled + 1) / alpha**2))


@dataclass(frozen=True, slots=True)
class Widths:
    """How far an interval reaches below and above its estimate, in standard errors."""

    below: float
    above: float


def correct_for_skewness(width: float, skewness: float) -> Widths:
    """Make an interval of a skewed estimate miss as often below as above.

    Hall (1992), "On the Removal of Skewness by Transformation": with γ the estimate's skewness and
    T = (estimate − truth) / standard error, g(T) = T + γT² / 3 + γ²T³ / 27 + γ / 6 is nearly
    normal. The ends are the solutions of g(T) = ± width.
    """
    if skewness == 0:
        return Widths(width, width)
    below, above = (
        3 / skewness * math.cbrt(1 + skewness * (end - skewness / 6)) - 3 / skewness
        for end in (width, -width)
    )
    return Widths(below, -above)


def compute_p_value(z_score: float, skewness: float) -> float:
    """Return the two-sided p-value that agrees with the intervals of `correct_for_skewness`."""
    transformed = z_score + skewness * z_score**2 / 3 + skewness**2 * z_score**3 / 27 + skewness / 6
    return float(2 * stats.norm.sf(abs(transformed)))


def compute_ratio_interval(
    numerator: float,
    denominator: float,
    *,
    variances: tuple[float, float],
    covariance: float,
    widths: Widths,
) -> Interval | None:
    """Return the interval of a ratio of two means by Fieller's theorem (Fieller 1954).

    It excludes 1 exactly where the interval of the difference, with the same widths, excludes 0.
    None if the denominator is not surely above 0: then no ratio is excluded.
    """
    numerator_variance, denominator_variance = variances
    ends = []
    for width, sign in ((widths.below, -1), (widths.above, 1)):
        squared = width**2
        a = denominator**2 - squared * denominator_variance
        b = numerator * denominator - squared * covariance
        c = numerator**2 - squared * numerator_variance
        if denominator <= 0 or not a > 0:
            return None
        ends.append((b + sign * math.sqrt(max(b * b - a * c, 0.0))) / a)
    return Interval(*ends)
