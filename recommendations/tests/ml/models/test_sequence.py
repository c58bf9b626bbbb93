"""Serving from arrays made by hand, without PyTorch; and what training learns, with it."""

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.data import FloatArray, Interactions
from recommendations.ml.models.base import State
from recommendations.ml.models.sequence import SequenceModel
from recommendations.tests.ml.builders import (
    DAY,
    Event,
    build_catalogue,
    build_history,
    build_interactions,
    find_candidates,
    find_contributions,
    score_items,
)
from recommendations.tests.ml.neural.needs_torch import needs_torch

VIEW, PURCHASE = InteractionType.VIEW, InteractionType.PURCHASE
OLDER, NEWER, WANTED, UNTOUCHED = range(4)


def make_state(
    *,
    keys: dict[int, list[float]] | None = None,
    queries: dict[int, list[float]] | None = None,
    age_logits: list[list[float]] | None = None,
) -> State:
    """Return arrays of four items, two factors, and one head unless `age_logits` have more.

    The value of the older item is (1, 0), that of the newer (0, 1); the wanted item has the factors
    (4, 8) and the bias .5. Items have queries and keys of zeros unless given.
    """

    def fill(rows: dict[int, list[float]] | None) -> FloatArray:
        array = np.zeros((4, 2), dtype=np.float32)
        for item, row in (rows or {}).items():
            array[item] = row
        return array

    return {
        "input_factors": fill({OLDER: [1, 0], NEWER: [0, 1]}),
        "item_factors": fill({WANTED: [4, 8]}),
        "bias": np.array([0, 0, 0.5, np.nan], dtype=np.float32),
        "queries": fill(queries),
        "keys": fill(keys),
        "age_logits": np.array(age_logits or [[0, 0, 0]], dtype=np.float32),
        "is_sequential": np.array([True]),
    }


def divide(older: float, newer: float) -> list[float]:
    """Return the contributions to the wanted item if the two items get these shares of attention.

    The user vector is made as long as 1.
    """
    length = np.hypot(older, newer)
    return [4 * older / length, 8 * newer / length]


def make_model(state: State, *, decay_per_day: float = 0.0) -> SequenceModel:
    return SequenceModel.from_state({"decay_per_day": decay_per_day}, state)


def test_without_keys_and_ages_all_entries_get_the_same_attention() -> None:
    model = make_model(make_state())

    parts = find_contributions(model, build_history(OLDER, NEWER), WANTED)

    np.testing.assert_allclose(parts, [divide(1 / 2, 1 / 2)], rtol=1e-6)


def test_attention_depends_on_how_many_other_items_came_since() -> None:
    model = make_model(make_state(age_logits=[[np.log(3), 0, 5]]))

    parts = find_contributions(model, build_history(OLDER, NEWER), WANTED)

    np.testing.assert_allclose(parts, [divide(1 / 4, 3 / 4)], rtol=1e-6)


def test_an_item_that_was_touched_twice_is_as_old_as_its_last_entry() -> None:
    model = make_model(make_state(age_logits=[[np.log(3), 0, -50]]))

    parts = find_contributions(model, build_history(NEWER, OLDER, NEWER), WANTED)

    older, newer = divide(1 / 7, 6 / 7)
    np.testing.assert_allclose(parts, [[newer / 2, older, newer / 2]], rtol=1e-6)


def test_entries_past_the_learnt_ages_are_as_old_as_the_last_of_them() -> None:
    model = make_model(make_state(age_logits=[[np.log(2)]]))

    parts = find_contributions(model, build_history(OLDER, NEWER), WANTED)

    np.testing.assert_allclose(parts, [divide(1 / 2, 1 / 2)], rtol=1e-6)


def test_the_newest_item_asks_and_the_keys_of_all_answer() -> None:
    model = make_model(
        make_state(queries={NEWER: [1, 0], OLDER: [0, 9]}, keys={OLDER: [np.log(4), 0]})
    )

    parts = find_contributions(model, build_history(OLDER, NEWER), WANTED)

    np.testing.assert_allclose(parts, [divide(4 / 5, 1 / 5)], rtol=1e-6)


def test_each_head_has_an_attention_of_its_own() -> None:
    model = make_model(make_state(age_logits=[[0, np.log(3), 0], [np.log(7), 0, 0]]))

    parts = find_contributions(model, build_history(OLDER, NEWER), WANTED)

    np.testing.assert_allclose(parts, [divide(3 / 4, 7 / 8)], rtol=1e-6)


def test_the_signal_weights_of_a_history_multiply_the_attention() -> None:
    history = build_history(OLDER, NEWER)
    history.weights[0] = 3

    parts = find_contributions(make_model(make_state()), history, WANTED)

    np.testing.assert_allclose(parts, [divide(3 / 4, 1 / 4)], rtol=1e-6)


def test_days_before_the_newest_entry_count_if_they_are_set_to() -> None:
    history = build_history(OLDER, NEWER, ages_in_days=[12, 2])

    parts = find_contributions(
        make_model(make_state(), decay_per_day=np.log(3) / 10), history, WANTED
    )

    np.testing.assert_allclose(parts, [divide(1 / 4, 3 / 4)], rtol=1e-5)


def test_an_item_that_was_not_learnt_neither_asks_nor_gets_attention() -> None:
    model = make_model(make_state(age_logits=[[np.log(3), 0, 0]], queries={UNTOUCHED: [50, 50]}))

    parts = find_contributions(model, build_history(OLDER, NEWER, UNTOUCHED), WANTED)

    np.testing.assert_allclose(parts, [[*divide(1 / 4, 3 / 4), 0]], rtol=1e-6)


def test_contributions_and_bias_add_up_to_the_score() -> None:
    model = make_model(make_state(age_logits=[[0, np.log(3), 0], [np.log(7), 0, 0]]))
    history = build_history(OLDER, NEWER)

    parts = find_contributions(model, history, WANTED)[0]

    assert parts.sum() + 0.5 == pytest.approx(score_items(model, history, WANTED)[0])


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("queries", (3, 2)),
        ("keys", (4, 3)),
        ("item_factors", (4, 1)),
        ("bias", (5,)),
        ("age_logits", (3, 3)),
        ("age_logits", (1, 0)),
        ("age_logits", (0, 3)),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="do not fit each other"):
        make_model(make_state() | {name: np.zeros(shape, dtype=np.float32)})


def make_circles() -> Interactions:
    """200 users go four steps around a circle of 20 items."""
    steps: list[Event] = [
        (user, (user + step) % 20, VIEW, float(step)) for user in range(200) for step in range(4)
    ]
    return build_interactions(steps, n_items=20)


@needs_torch
def test_the_next_item_of_a_sequence_is_found() -> None:
    model = SequenceModel().fit(make_circles())

    assert find_candidates(model, build_history(5, 6, 7), 1).items.tolist() == [8]


@needs_torch
def test_random_negatives_lead_to_the_same_next_item() -> None:
    model = SequenceModel(n_negatives=10).fit(make_circles())

    assert find_candidates(model, build_history(5, 6, 7), 1).items.tolist() == [8]


@needs_torch
def test_a_rare_item_leads_where_items_of_the_same_words_lead() -> None:
    names = ["red scarf", "red glove", "red cap", "blue scarf", "blue glove", "blue cap"]
    pairs = [(0, 1)] * 40 + [(3, 4)] * 40 + [(1, 2), (4, 5)]
    steps: list[Event] = [
        (user, item, VIEW, DAY * step)
        for user, pair in enumerate(pairs)
        for step, item in enumerate(pair)
    ]
    model = SequenceModel().fit(
        build_interactions(steps, n_items=6, catalogue=build_catalogue(6, names=names))
    )

    of_red_cap, of_blue_cap = model.score([build_history(2), build_history(5)])

    assert of_red_cap[1] > of_red_cap[4]
    assert of_blue_cap[4] > of_blue_cap[1]


@needs_torch
def test_another_seed_gives_other_arrays() -> None:
    first, second = (SequenceModel(seed=seed, n_epochs=1).fit(make_circles()) for seed in (1, 2))

    assert not np.allclose(first.item_factors_, second.item_factors_)


@needs_torch
def test_the_mean_score_of_all_items_is_0_whoever_asks() -> None:
    model = SequenceModel(n_epochs=2).fit(make_circles())

    means = model.score([build_history(5, 6, 7), build_history(12)]).mean(axis=1)

    np.testing.assert_allclose(means, 0, atol=1e-4)
