import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray
from recommendations.ml.numerics.choice_trees import (
    DEPTH,
    ChoiceTrees,
    correct_utilities,
    fit_choice_trees,
)

N_CASES, N_OPTIONS = 3_000, 5
STARTS = np.arange(N_CASES + 1, dtype=np.int64) * N_OPTIONS
NO_UTILITIES = np.zeros(N_CASES * N_OPTIONS)


def draw_signals() -> FloatArray:
    rng = np.random.default_rng(1)
    return rng.random((N_CASES * N_OPTIONS, 3)).astype(np.float32)


def choose(wants: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the most wanted option of each case."""
    return np.asarray(wants.reshape(N_CASES, N_OPTIONS).argmax(axis=1), dtype=np.int64)


def test_what_no_weighted_sum_can_say_is_learnt() -> None:
    signals = draw_signals()
    is_wanted = (signals[:, 0] > 0.5) != (signals[:, 1] > 0.5)
    chosen = choose(is_wanted + 0.01 * signals[:, 2])

    trees = fit_choice_trees(signals, STARTS, chosen, NO_UTILITIES)

    corners = np.array([[0.1, 0.1, 0.5], [0.1, 0.9, 0.5], [0.9, 0.1, 0.5], [0.9, 0.9, 0.5]])
    same, first, second, both = correct_utilities(corners.astype(np.float32), *trees)
    assert min(first, second) > max(same, both) + 1


def test_choices_that_the_utilities_explain_are_not_corrected() -> None:
    rng = np.random.default_rng(2)
    utilities = rng.normal(size=N_CASES * N_OPTIONS)
    chosen = choose(utilities + rng.gumbel(size=len(utilities)))

    trees = fit_choice_trees(draw_signals(), STARTS, chosen, utilities)

    corrections = correct_utilities(draw_signals(), *trees)
    assert np.abs(corrections).max() < 0.2


def test_choices_without_a_rule_leave_no_tree_that_matters() -> None:
    chosen = np.random.default_rng(3).integers(0, N_OPTIONS, N_CASES)

    trees = fit_choice_trees(draw_signals(), STARTS, chosen, NO_UTILITIES)

    assert len(trees) < 10


def test_the_same_choices_give_the_same_trees() -> None:
    chosen = choose(draw_signals()[:, 0].astype(np.float64))

    once = fit_choice_trees(draw_signals(), STARTS, chosen, NO_UTILITIES)
    again = fit_choice_trees(draw_signals(), STARTS, chosen, NO_UTILITIES)

    assert len(once) > 10
    for one, other in zip(once, again, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("n_cases", [0, 1, 3])
def test_too_few_choices_teach_nothing(n_cases: int) -> None:
    trees = fit_choice_trees(
        draw_signals()[: n_cases * N_OPTIONS],
        STARTS[: n_cases + 1],
        np.zeros(n_cases, dtype=np.int64),
        NO_UTILITIES[: n_cases * N_OPTIONS],
    )

    assert len(trees) == 0


def test_a_signal_that_never_varies_does_no_harm() -> None:
    signals = draw_signals()
    signals[:, 1] = 7.0
    chosen = choose(signals[:, 0].astype(np.float64))

    trees = fit_choice_trees(signals, STARTS, chosen, NO_UTILITIES)

    low, high = correct_utilities(
        np.array([[0.1, 7, 0.5], [0.9, 7, 0.5]], dtype=np.float32), *trees
    )
    assert high > low + 1


def test_a_tree_asks_each_option_at_each_level() -> None:
    leaves = np.arange(2**DEPTH, dtype=np.float32)[np.newaxis]
    trees = ChoiceTrees(
        np.arange(DEPTH, dtype=np.int32)[np.newaxis],
        np.full((1, DEPTH), 0.5, dtype=np.float32),
        leaves,
    )
    options = np.array([[0, 0, 0, 0, 0], [1, 0, 0, 0, 1], [1, 1, 1, 1, 1]], dtype=np.float32)

    assert correct_utilities(options, *trees).tolist() == [0, 17, 31]
    assert correct_utilities(options, *ChoiceTrees.none()).tolist() == [0, 0, 0]
