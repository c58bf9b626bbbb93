import math

import pytest

from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.presets import (
    PRESETS,
    default_ensemble,
    fast_ensemble,
    full_ensemble,
    neural_ensemble,
)


def test_the_default_blends_the_pair_and_keeps_popularity() -> None:
    assert default_ensemble(0.6, 0.4).weights == {
        "collaborative": 0.6,
        "factorization": 0.4,
        "popularity": 0.0,
    }


def test_in_fast_the_pair_shares_three_tenths_in_its_ratio() -> None:
    weights = fast_ensemble(3.0, 1.0).weights

    assert weights["collaborative"] == pytest.approx(0.225)
    assert weights["factorization"] == pytest.approx(0.075)
    assert sum(weights.values()) == pytest.approx(1)


def test_full_is_fast_with_the_ridge() -> None:
    full, fast = full_ensemble(), fast_ensemble()

    assert set(full.members) - set(fast.members) == {"ridge"}
    assert {name: full.weights[name] for name in fast.members} == fast.weights


def test_neural_is_full_with_two_networks() -> None:
    neural, full = neural_ensemble(), full_ensemble()

    assert set(neural.members) - set(full.members) == {"sequence", "neural collaborative"}
    assert {name: neural.weights[name] for name in full.members} == full.weights


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_takes_the_seed_and_the_decay(preset: str) -> None:
    members = PRESETS[preset](seed=7, decay_per_day=0.0).members

    params = {name: member.get_params() for name, member in members.items()}
    assert {found["seed"] for found in params.values() if "seed" in found} == {7}
    assert {found["decay_per_day"] for found in params.values() if "decay_per_day" in found} == {0}
    assert params["popularity"]["half_life_days"] == math.inf


def test_popularity_halves_as_fast_as_the_decay() -> None:
    popularity = default_ensemble(decay_per_day=0.1).members["popularity"]

    assert isinstance(popularity, PopularityModel)
    assert math.exp(-0.1 * popularity.half_life_days) == pytest.approx(0.5)
