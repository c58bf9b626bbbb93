import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.data import Interactions
from recommendations.ml.models.next_basket import OWN, PRIOR_WEIGHTS, NextBasketModel
from recommendations.tests.ml.builders import (
    DAY,
    Event,
    build_history,
    build_interactions,
    find_candidates,
    find_contributions,
    score_items,
)
from recommendations.tests.ml.models.every_recommender import fit_to_two_tastes

PURCHASE = InteractionType.PURCHASE


def build_baskets(*shoppers: list[tuple[int, ...]], n_items: int = 12) -> Interactions:
    """Return baskets a week apart; each shopper's are given oldest first."""
    events: list[Event] = [
        (user, item, PURCHASE, 7 * DAY * week)
        for user, baskets in enumerate(shoppers)
        for week, basket in enumerate(baskets)
        for item in basket
    ]
    return build_interactions(events, n_items=n_items)


def make_loyal_shoppers(how_many: int) -> list[list[tuple[int, ...]]]:
    """Return shoppers who each buy one of ten products in every basket, and one at random."""
    rng = np.random.default_rng(8)
    return [[(user % 10, int(rng.integers(0, 12))) for _ in range(4)] for user in range(how_many)]


def make_curious_shoppers(how_many: int) -> list[list[tuple[int, ...]]]:
    """Return shoppers who never buy a product twice."""
    rng = np.random.default_rng(8)
    return [[(int(item),) for item in rng.permutation(12)[:4]] for _ in range(how_many)]


def test_what_is_bought_in_every_basket_comes_before_what_was_bought_once() -> None:
    model = NextBasketModel().fit(build_baskets(*make_loyal_shoppers(40)))
    history = build_history(
        3, 4, ages_in_days=[0.0, 7.0], repeats=[4, 1], interaction_types=[PURCHASE] * 2
    )

    assert find_candidates(model, history, 1).items.tolist() == [3]


def test_what_was_bought_lately_comes_before_what_was_bought_long_ago() -> None:
    model = NextBasketModel().fit(build_baskets([(0, 1)], [(0, 1)]))
    history = build_history(0, 1, ages_in_days=[70.0, 0.0])

    older, newer = score_items(model, history, 0, 1)

    assert newer > older


def test_whether_shoppers_repeat_is_learnt_from_their_last_baskets() -> None:
    loyal = NextBasketModel().fit(build_baskets(*make_loyal_shoppers(200)))
    curious = NextBasketModel().fit(build_baskets(*make_curious_shoppers(200)))
    history = build_history(5, ages_in_days=[0.0], repeats=[3])

    assert score_items(loyal, history, 5)[0] > 2 * score_items(curious, history, 5)[0]
    assert loyal.weights_[OWN] > curious.weights_[OWN]


def test_explore_multiplies_the_odds_of_new_products_only() -> None:
    data = build_baskets(*make_loyal_shoppers(40))
    history = build_history(3, ages_in_days=[0.0], repeats=[2])

    own, new = score_items(NextBasketModel(explore=1.0).fit(data), history, 3, 7)
    own_then, new_then = score_items(NextBasketModel(explore=2.0).fit(data), history, 3, 7)

    assert own_then == own
    assert new_then / (1 - new_then) == pytest.approx(2 * new / (1 - new), rel=1e-4)


def test_the_contributions_sum_to_what_the_history_adds_to_a_score() -> None:
    model = fit_to_two_tastes(NextBasketModel)
    history = build_history(0, 9, 1, 0, ages_in_days=[3.0, 2.0, 1.0, 0.0], repeats=[1, 1, 2, 1])
    items = find_candidates(model, history, 20).items

    parts = find_contributions(model, history, *items)

    folded = model.fold_in(history)
    base = folded.base[np.searchsorted(folded.items, items)]
    expected = np.where(parts.any(axis=1), score_items(model, history, *items) - base, 0)
    np.testing.assert_allclose(parts.sum(axis=1), expected, rtol=1e-4, atol=1e-7)
    assert (parts[items == 9] != 0).tolist() == [[False, True, False, False]]
    assert (parts[items == 0] != 0).tolist() == [[True, False, False, True]]
    assert parts[items == 2].sum() > 0, "it goes with products of the history"


def test_a_history_of_thousands_of_baskets_is_explained_by_finite_numbers() -> None:
    model = fit_to_two_tastes(NextBasketModel)
    n_baskets = 3_300
    ages = np.arange(n_baskets)[::-1].astype(float).tolist()
    history = build_history(9, *[0] * (n_baskets - 1), ages_in_days=ages)

    with np.errstate(all="raise", under="ignore"):
        items = find_candidates(model, history, 20).items
        parts = find_contributions(model, history, *items)

    assert np.isfinite(parts).all()


def test_without_a_second_basket_the_prior_weights_stay() -> None:
    model = NextBasketModel().fit(build_baskets([(0, 1)], [(1, 2)]))

    np.testing.assert_array_equal(model.weights_, PRIOR_WEIGHTS)


@pytest.mark.parametrize(
    ("array", "planted"),
    [
        ("log_recent", np.zeros(3)),
        ("popular", np.array([99], dtype=np.int32)),
        ("weights", np.zeros(2)),
        ("neighbors", np.full(5, 99, dtype=np.int32)),
    ],
)
def test_arrays_that_do_not_fit_each_other_are_refused(array: str, planted: np.ndarray) -> None:
    state = fit_to_two_tastes(NextBasketModel).state()

    with pytest.raises(ValueError, match="do not fit each other"):
        NextBasketModel.from_state({}, state | {array: planted})
