from itertools import count

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.splits import Split, TimeSplit
from recommendations.ml.models.popularity import PopularityModel, RecentPopularityModel
from recommendations.ml.presets import default_ensemble
from recommendations.ml.tuning import hyperparameters, weights
from recommendations.ml.tuning.hyperparameters import gain_is_significant, tune_members
from recommendations.ml.tuning.weights import Tuning, tune_ensemble
from recommendations.tests.ml.builders import DAY, Event, build_interactions

VIEW = InteractionType.VIEW
N_ITEMS = 60


def split_fashions() -> Split:
    """Every three days, everybody touches another three items; the split asks for the last."""
    rng = np.random.default_rng(3)
    events: list[Event] = []
    for user in range(4_000):
        day = user % 60
        fashion = day // 3 * 3
        events += [
            (user, int(item), VIEW, day * DAY + step)
            for step, item in enumerate(rng.permutation(np.arange(fashion, fashion + 3)))
        ]
        events.append((user, int(rng.integers(0, N_ITEMS)), VIEW, day * DAY - 20 * DAY))
    return TimeSplit(cut=58.5 * DAY).split(
        build_interactions(events, n_items=N_ITEMS, merged=False)
    )


def test_a_half_life_is_shortened_where_fashions_pass_quickly() -> None:
    split = split_fashions()
    slow = PopularityModel(half_life_days=30).fit(split.training)

    found = tune_members({"popularity": slow}, split)

    assert found.members["popularity"].get_params()["half_life_days"] < 30
    assert found.left_out == []
    assert slow.half_life_days == 30


def test_without_time_nothing_is_tried_and_that_is_said() -> None:
    split = split_fashions()
    members = {"popularity": PopularityModel(half_life_days=365).fit(split.training)}

    found = tune_members(members, split, deadline=0)

    assert found.members == members
    assert found.left_out == ["half_life_days of popularity"]


def test_a_slow_machine_finds_the_same_parameters_and_weights(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    split = split_fashions()

    def tune() -> Tuning:
        members = [PopularityModel(half_life_days=365), RecentPopularityModel()]
        ensemble = Ensemble({one.name: one for one in members}, {one.name: 1.0 for one in members})
        return tune_ensemble(ensemble.fit(split.training), split)

    quick = tune()
    moments = count()
    for module in (hyperparameters, weights):
        monkeypatch.setattr(module, "monotonic", lambda: float(next(moments)))
    slow = tune()

    # Each look at the clock is a second later than the last.
    assert next(moments) > 1
    assert (slow.weights, slow.parameters) == (quick.weights, quick.parameters)
    assert slow.left_out == quick.left_out == []


def test_a_gain_must_exceed_its_standard_error() -> None:
    gains = np.array([0.5, -0.3, 0.5, -0.3])

    assert gain_is_significant(gains + 0.2)
    assert not gain_is_significant(gains)
    assert not gain_is_significant(gains + 0.2, errors=2)


def test_tuning_sets_the_parameters_and_weights_that_it_returns() -> None:
    split = split_fashions()
    ensemble = Ensemble(
        {"popularity": PopularityModel(half_life_days=365), **default_ensemble().members},
        {**default_ensemble().weights},
    )

    tuning = tune_ensemble(ensemble, split)

    parameters = ensemble.get_params()["members"]["popularity"]
    assert tuning.parameters["popularity"] == parameters
    assert ensemble.weights == tuning.weights
