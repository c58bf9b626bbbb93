"""Simulated shoppers of an experiment: they come back, differ in taste, and a few spend much."""

from dataclasses import dataclass

import numpy as np

from recommendations.trials.subject_days import FloatArray, IntArray, SubjectDays

KNOWN_BEFORE = 0.6
"""The share of subjects that the shop knew before; CUPED uses what they did in as many days."""
BUYING_RATE = 0.15
"""The share of clicks after which the product is bought."""
TAIL_EXPONENT = 2.1
"""Of the Pareto distribution of order values: the variance exists, the skewness does not."""


@dataclass(frozen=True, slots=True)
class Population:
    """What subjects are like, before any experiment: visits per day, and clicks per list."""

    visit_rate: FloatArray
    click_rate: FloatArray


def draw_population(rng: np.random.Generator, n_subjects: int) -> Population:
    """Draw subjects: most come once, a few come often, and each clicks at a rate of its own."""
    return Population(rng.gamma(0.4, 0.5, n_subjects), rng.beta(2, 14, n_subjects))


def simulate_experiment(
    rng: np.random.Generator,
    *,
    n_subjects: int,
    days: int,
    lift: float = 0.0,
    control_share: float = 0.5,
) -> SubjectDays:
    """Simulate subjects of a control and of an arm whose lists are clicked `lift` more often."""
    population = draw_population(rng, n_subjects)
    arm = (rng.random(n_subjects) >= control_share).astype(np.int64)
    first_day = rng.integers(0, days, n_subjects)
    click_rate = population.click_rate * (1 + lift * arm)
    subject, day = _draw_visits(rng, population.visit_rate, first_day, days)
    measures = _draw_deeds(rng, click_rate[subject])
    earlier, _ = _draw_visits(rng, population.visit_rate, np.zeros(n_subjects, dtype=int), days)
    known = np.where(rng.random(n_subjects) < KNOWN_BEFORE, 1.0, np.nan)
    before: dict[str, FloatArray] = {
        name: known * np.bincount(earlier, values, n_subjects)
        for name, values in _draw_deeds(rng, population.click_rate[earlier]).items()
    }
    return SubjectDays(arm, first_day, subject, day, measures, before)


def expect_figures(
    rng: np.random.Generator, *, n_subjects: int, days: int, lift: float
) -> dict[str, float]:
    """Return what metrics are in very many subjects whose lists are clicked `lift` more often.

    Generators with the same seed give the same subjects, so that figures of two lifts compare well.
    """
    population = draw_population(rng, n_subjects)
    first_day = rng.integers(0, days, n_subjects)
    subject, _ = _draw_visits(rng, population.visit_rate, first_day, days)
    lists = np.bincount(subject, _draw_lists(rng, len(subject)), n_subjects)
    click_rate = np.minimum(population.click_rate * (1 + lift), 1)
    return {
        "click_through": float(lists @ click_rate / lists.sum()),
        "conversion": float((1 - (1 - BUYING_RATE * click_rate) ** lists).mean()),
    }


def without_before(data: SubjectDays) -> SubjectDays:
    """Forget what subjects did before the experiment."""
    return SubjectDays(data.arm, data.first_day, data.subject, data.day, data.measures)


def _draw_visits(
    rng: np.random.Generator, visit_rate: FloatArray, first_day: IntArray, days: int
) -> tuple[IntArray, IntArray]:
    """Draw the days on which subjects come: the first one, and others at each one's own rate."""
    calendar = np.arange(days)
    comes = rng.random((len(visit_rate), days)) < -np.expm1(-visit_rate)[:, None]
    comes &= calendar > first_day[:, None]
    comes |= calendar == first_day[:, None]
    subject, day = np.nonzero(comes)
    return subject.astype(np.int64), day.astype(np.int64)


def _draw_deeds(rng: np.random.Generator, click_rate: FloatArray) -> dict[str, FloatArray]:
    lists = _draw_lists(rng, len(click_rate))
    clicks = rng.binomial(lists, np.minimum(click_rate, 1))
    purchases = rng.binomial(clicks, BUYING_RATE)
    order_value = 20 * (1 + rng.pareto(TAIL_EXPONENT, len(click_rate)))
    return {
        "lists": lists.astype(float),
        "clicks": clicks.astype(float),
        "purchases": purchases.astype(float),
        "revenue": purchases * order_value,
    }


def _draw_lists(rng: np.random.Generator, n_visits: int) -> IntArray:
    """Draw how many lists are seen in each visit."""
    return 1 + rng.poisson(3, n_visits)
