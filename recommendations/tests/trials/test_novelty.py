import numpy as np

from recommendations.trials.metrics import Metric, MetricKind
from recommendations.trials.novelty import Novelty, follow_novelty
from recommendations.trials.subject_days import SubjectDays

DAYS = 16
VIEWS = Metric("views", MetricKind.MEAN, "views")


def follow(effects: list[float]) -> Novelty:
    """Follow 2,000 subjects who all come every day; the arm's effect depends on the day."""
    rng = np.random.default_rng(1)
    n_subjects = 2_000
    arm = np.arange(n_subjects) % 2
    views = rng.exponential(1, (DAYS, n_subjects)) + np.outer(effects, arm)
    data = SubjectDays(
        arm=arm,
        first_day=np.zeros(n_subjects, dtype=np.int64),
        subject=np.tile(np.arange(n_subjects), DAYS),
        day=np.repeat(np.arange(DAYS), n_subjects),
        measures={"views": views.ravel()},
    )
    (found,) = follow_novelty(data, VIEWS, ["control", "engine"], DAYS - 1)
    return found


def test_an_effect_of_the_first_days_alone_fades() -> None:
    found = follow([0.5] * 4 + [0.0] * 12)

    assert found.fades
    assert [point.age_days for point in found.points] == list(range(8))
    assert found.points[0].interval.contains(0.5)
    assert found.points[7].interval.contains(0.0)


def test_an_effect_that_stays_does_not_fade() -> None:
    found = follow([0.5] * DAYS)

    assert not found.fades
    assert found.change_interval is not None
    assert found.change_interval.contains(0)


def test_an_effect_that_grows_does_not_fade() -> None:
    assert not follow([0.1] * 4 + [0.6] * 12).fades
