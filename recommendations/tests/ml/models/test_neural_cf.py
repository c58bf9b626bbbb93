"""Serving from arrays made by hand, without PyTorch; and what training learns, with it."""

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.models import neural_cf
from recommendations.ml.models.base import State
from recommendations.ml.models.neural_cf import NARROW, WIDE, NeuralCollaborativeFiltering
from recommendations.tests.ml.builders import (
    Event,
    build_history,
    build_interactions,
    find_candidates,
    find_contributions,
    score_items,
)
from recommendations.tests.ml.neural.needs_torch import needs_torch


def make_state(*, seed: int | None = None) -> State:
    """Return arrays of three items and two factors; without a seed, layers that add nothing."""
    layers = {
        "user": (2, WIDE),
        "item": (2, WIDE),
        "wide_bias": (WIDE,),
        "narrow": (WIDE, NARROW),
        "narrow_bias": (NARROW,),
        "output": (NARROW,),
    }
    rng = np.random.default_rng(seed)
    return {
        "input_factors": np.array([[2, 0], [0, 2], [0, 0]], dtype=np.float32),
        "item_factors": np.array([[1, 0], [0, 1], [3, 5]], dtype=np.float32),
        "embeddings": np.array([[1, 0], [0, 1], [1, 1]], dtype=np.float32),
        "bias": np.array([0, 0, 0.5], dtype=np.float32),
        "is_sequential": np.array([True]),
        **{
            f"layers.{name}": (
                np.zeros(shape, dtype=np.float32)
                if seed is None
                else rng.standard_normal(shape).astype(np.float32)
            )
            for name, shape in layers.items()
        },
    }


def make_model(state: State) -> NeuralCollaborativeFiltering:
    return NeuralCollaborativeFiltering.from_state(
        {"position_decay": 0.5, "decay_per_day": 0.0}, state
    )


def test_the_product_of_the_factors_is_part_of_the_score() -> None:
    model = make_model(make_state())

    score = score_items(model, build_history(0, 1), 2)

    # Weights 1/3 and 2/3 of (2, 0) and (0, 2), times (3, 5), and the bias.
    assert score[0] == pytest.approx(3 * 2 / 3 + 5 * 4 / 3 + 0.5)


def test_the_layers_add_what_they_make_of_the_user_vector_and_the_embedding() -> None:
    state = make_state()
    state["layers.user"][0, 0] = 1
    state["layers.item"][1, 0] = 10
    state["layers.wide_bias"][0] = -1
    state["layers.narrow"][0, 3] = 2
    state["layers.narrow_bias"][3] = -4
    state["layers.output"][3] = 0.5

    scores = score_items(make_model(state), build_history(0), 0, 1, 2)

    # The user vector is (2, 0). Wide: 2 + 10 × the second embedding − 1; narrow: 2 × wide − 4.
    np.testing.assert_allclose(
        scores, [2 + 0, 0 + 0.5 * (2 * 11 - 4), 3 * 2 + 0.5 + 0.5 * (2 * 11 - 4)]
    )


def test_only_items_that_the_factors_choose_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neural_cf, "N_JUDGED", 2)
    model = make_model(make_state(seed=1))

    scores = model.score([build_history(0)])[0]

    assert np.isnan(scores).tolist() == [False, True, False]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_contributions_and_the_score_of_no_taste_add_up_to_the_score(seed: int) -> None:
    model = make_model(make_state(seed=seed))
    histories = [build_history(0), build_history(0, 1), build_history(1, 0), build_history(1, 2)]

    rest = [
        score_items(model, history, 0, 1, 2)
        - find_contributions(model, history, 0, 1, 2).sum(axis=1)
        for history in histories
    ]

    for each in rest[1:]:
        np.testing.assert_allclose(each, rest[0], rtol=1e-4, atol=1e-3)


def test_an_entry_whose_item_was_not_learnt_contributes_nothing() -> None:
    parts = find_contributions(make_model(make_state(seed=1)), build_history(0, 2), 0, 1, 2)

    assert parts[:, 1].tolist() == [0, 0, 0]


def test_contributions_to_a_product_are_its_terms() -> None:
    parts = find_contributions(make_model(make_state()), build_history(0, 1), 2)

    np.testing.assert_allclose(parts, [[3 * 2 / 3, 5 * 4 / 3]], rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("input_factors", (3, 1)),
        ("item_factors", (2, 2)),
        ("bias", (4,)),
        ("layers.user", (3, WIDE)),
        ("layers.output", (WIDE,)),
        ("layers.more", (1,)),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="do not fit each other"):
        make_model(make_state() | {name: np.zeros(shape, dtype=np.float32)})


@needs_torch
def test_the_next_item_of_a_sequence_is_found() -> None:
    steps: list[Event] = [
        (user, (user + step) % 20, InteractionType.VIEW, float(step))
        for user in range(200)
        for step in range(4)
    ]
    model = NeuralCollaborativeFiltering(n_epochs=40).fit(build_interactions(steps, n_items=20))

    found = find_candidates(model, build_history(5, 6, 7), 4).items

    assert next(item for item in found if item not in (5, 6, 7)) == 8
