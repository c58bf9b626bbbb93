"""On validation, a tuned blend is not worse than its members and the simple lists."""

from collections.abc import Callable

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.evaluation.metrics import compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import TimeSplit
from recommendations.ml.models.base import Recommender
from recommendations.ml.presets import fast_ensemble
from recommendations.ml.tuning.weights import tune_ensemble
from recommendations.tests.ml.builders import DAY, Event, build_interactions

VIEW = InteractionType.VIEW
N_SHOPPERS, N_ITEMS, N_DAYS = 150, 200, 8


def make_returns_to_the_latest() -> list[Event]:
    """Each day, shoppers come back to the ten products that they saw last, and to two others."""
    rng = np.random.default_rng(3)
    events: list[Event] = []
    for user in range(N_SHOPPERS):
        latest = rng.permutation(N_ITEMS)[:10].tolist()
        for day in range(N_DAYS):
            others = rng.integers(0, N_ITEMS, 2).tolist()
            latest = [*latest, *others][-10:] if day else latest
            events += [
                (user, item, VIEW, DAY * day + 60.0 * step) for step, item in enumerate(latest)
            ]
    return events


def make_fashions() -> list[Event]:
    """Everybody views what is in fashion, which is new every day."""
    rng = np.random.default_rng(4)
    return [
        (user, int(day * 8 + rng.integers(0, 30)) % N_ITEMS, VIEW, DAY * day + 60.0 * step)
        for user in range(N_SHOPPERS)
        for day in range(N_DAYS)
        for step in range(4)
    ]


@pytest.mark.parametrize(
    ("make_events", "simple_list"),
    [
        (make_returns_to_the_latest, "own latest"),
        (make_returns_to_the_latest, "own most frequent"),
        (make_fashions, "recent popularity"),
        (make_fashions, "ease"),
    ],
)
def test_a_blend_is_not_worse_than_its_members_and_the_simple_lists(
    make_events: Callable[[], list[Event]], simple_list: str
) -> None:
    log = build_interactions(make_events(), n_items=N_ITEMS, merged=False)
    validation = TimeSplit(include_seen=True).split_validation(log)
    ensemble = fast_ensemble()
    simple = ensemble.members[simple_list]

    tuning = tune_ensemble(ensemble, validation)

    def measure(model: Recommender) -> float:
        ranking = rank_ground_truth(model, validation)
        return float(compute_accuracy(ranking)["ndcg"].mean())

    # Tuning measures among the members' best 60 items, and rounds the weights.
    blended = measure(ensemble) + 0.002
    assert blended >= measure(simple)
    assert blended >= max(tuning.ndcg_alone.values())
    assert blended >= max(measure(member) for member in ensemble.members.values())
