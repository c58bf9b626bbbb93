"""The cases and the past that an engine holds out are those in memory."""

from pathlib import Path

import numpy as np
import pytest

from recommendations.ml.evaluation.splits import TimeSplit, build_histories
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.tuning.hyperparameters import sample_cases
from recommendations.relational.engine import Engine
from recommendations.relational.held_out import draw_histories, hold_out
from recommendations.relational.popularity import fit_popularity
from recommendations.tests.relational.builders import make_log


@pytest.mark.parametrize("max_cases", [20, 10_000])
@pytest.mark.parametrize("include_repeatable", [False, True])
@pytest.mark.parametrize("n_shoppers", [70, 500])
def test_the_cases_are_those_in_memory(
    engine: Engine, tmp_path: Path, n_shoppers: int, include_repeatable: bool, max_cases: int
) -> None:
    made = make_log(tmp_path, n_shoppers=n_shoppers)
    splitter = TimeSplit(include_repeatable=include_repeatable)
    expected = sample_cases(splitter.split(made.interactions), max_cases, seed=0)

    cases = hold_out(made.open(engine), splitter, max_cases=max_cases, seed=0).cases

    assert len(cases) == len(expected) > 15
    np.testing.assert_array_equal(cases.is_warm, expected.is_warm)
    for case in range(len(cases)):
        np.testing.assert_array_equal(cases.ground_truth[case], expected.ground_truth[case])
        np.testing.assert_array_equal(cases.excluded[case], expected.excluded[case])
        for column in ("items", "weights", "ages_in_days", "repeats", "interaction_types"):
            np.testing.assert_array_equal(
                getattr(cases.histories[case], column), getattr(expected.histories[case], column)
            )


def test_the_past_ends_at_the_cut(engine: Engine, tmp_path: Path) -> None:
    made = make_log(tmp_path)
    training = TimeSplit().split(made.interactions).training
    in_memory = PopularityModel().fit(training)

    past = hold_out(made.open(engine), TimeSplit(), max_cases=10, seed=0).past

    found = PopularityModel()
    fit_popularity(past, found)
    np.testing.assert_allclose(found.scores_, in_memory.scores_, rtol=1e-6)
    assert past.n_interactions == len(training)


def test_histories_are_drawn_as_in_memory(engine: Engine, tmp_path: Path) -> None:
    made = make_log(tmp_path)
    learnt = made.interactions.merge_repeats()
    drawn = np.random.default_rng(0).permutation(np.unique(learnt.users))[:12]
    expected = build_histories(learnt, np.sort(drawn).astype(np.int32))

    histories = draw_histories(made.open(engine), 12, seed=0)

    for found, wanted in zip(histories, expected, strict=True):
        np.testing.assert_array_equal(found.items, wanted.items)
        np.testing.assert_array_equal(found.weights, wanted.weights)
