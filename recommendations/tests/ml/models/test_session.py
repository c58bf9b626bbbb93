from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.data import History, Interactions
from recommendations.ml.evaluation.held_out import SessionSplit
from recommendations.ml.models.session import SessionModel
from recommendations.ml.models.session_choices import PRIOR_WEIGHTS, keep_few_of_each_user
from recommendations.ml.models.transitions import TransitionModel
from recommendations.ml.numerics.session_kernels import OWN
from recommendations.ml.tuning.weights import tune_weights
from recommendations.ml.visits import build_visits
from recommendations.tests.ml.builders import (
    DAY,
    UNTOUCHED,
    Event,
    build_history,
    build_interactions,
    find_candidates,
    find_contributions,
    make_realistic_visits,
    score_items,
)
from recommendations.tests.ml.models.every_recommender import (
    HISTORIES,
    N_ITEMS,
    fit_to_two_tastes,
)

VIEW, PURCHASE = InteractionType.VIEW, InteractionType.PURCHASE


def build_visits_of(
    *visits: tuple[int, ...], n_items: int = 10, merged: bool = True
) -> Interactions:
    """Return visits of different visitors, an hour apart, their clicks a minute apart."""
    events: list[Event] = [
        (user, item, VIEW, 3_600.0 * user + 60.0 * step)
        for user, visit in enumerate(visits)
        for step, item in enumerate(visit)
    ]
    return build_interactions(events, n_items=n_items, merged=merged)


@cache
def fit_without_trees() -> SessionModel:
    return SessionModel().fit(build_interactions(make_realistic_visits(), n_items=300))


@cache
def fit_with_trees() -> SessionModel:
    """Return what is learnt where everybody clicks each product twice and goes on to the next."""
    first_products = np.random.default_rng(8).integers(0, 40, 4_000).tolist()
    visits = [tuple((first + step // 2) % 40 for step in range(8)) for first in first_products]
    return SessionModel().fit(build_visits_of(*visits, n_items=41))


@pytest.mark.parametrize("fit", [fit_without_trees, fit_with_trees])
@pytest.mark.parametrize("history", [(0, 9, 1), (4,), (2, 2, 5, 2)])
def test_the_contributions_to_a_score_sum_to_it(
    history: tuple[int, ...], fit: Callable[[], SessionModel]
) -> None:
    model = fit()
    given = build_history(*history)

    items = find_candidates(model, given, 40).items
    parts = find_contributions(model, given, *items)

    assert len(items) > len(set(history))
    np.testing.assert_allclose(
        parts.sum(axis=1), score_items(model, given, *items), rtol=1e-4, atol=1e-6
    )
    assert (parts >= 0).all()


def test_what_often_comes_next_is_first() -> None:
    model = SessionModel().fit(build_visits_of(*[(0, 1, 2)] * 5, (0, 3, 1), (4, 5)))

    assert find_candidates(model, build_history(0), 1).items.tolist() == [1]


def test_a_product_that_is_clicked_again_and_again_may_come_next_to_itself() -> None:
    stays = SessionModel().fit(build_visits_of(*[(0, 0, 1), (2, 1, 3)] * 10))
    goes = SessionModel().fit(build_visits_of(*[(0, 1, 2), (2, 1, 3)] * 10))

    def compare(model: SessionModel) -> float:
        own, other = score_items(model, build_history(0), 0, 1)
        return float(own / other)

    assert compare(stays) > compare(goes)


def test_a_similar_visit_decides_between_products_that_follow_equally_often() -> None:
    visits = [(1, 0, 2), (3, 0, 4)] * 10
    model = SessionModel().fit(build_visits_of(*visits))

    after_one, after_three = build_history(1, 0), build_history(3, 0)

    assert np.diff(score_items(model, after_one, 4, 2))[0] > 0
    assert np.diff(score_items(model, after_three, 4, 2))[0] < 0


def test_a_pause_ends_a_visit() -> None:
    events: list[Event] = [
        (user, item, VIEW, user * DAY + 7_200.0 * step)
        for user in range(5)
        for step, item in enumerate((0, 1))
    ]
    log = build_interactions(events, n_items=2)

    apart = SessionModel(pause_hours=0.5).fit(log)
    together = SessionModel(pause_hours=24.0).fit(log)

    assert find_candidates(apart, build_history(0), 2).items.tolist() == [0]
    assert set(find_candidates(together, build_history(0), 2).items.tolist()) == {0, 1}


def test_products_of_one_moment_have_no_order() -> None:
    basket: list[Event] = [
        (user, item, PURCHASE, user * DAY) for user in range(5) for item in (0, 1)
    ]
    model = SessionModel().fit(build_interactions(basket, n_items=2))

    there, back = score_items(model, build_history(0), 1), score_items(model, build_history(1), 0)

    assert there[0] == pytest.approx(back[0])


def test_one_visitor_counts_once_however_many_visits_there_are() -> None:
    shoppers: list[Event] = [
        (user, item, VIEW, user * DAY + 60.0 * step)
        for user in range(3)
        for step, item in enumerate((0, 1))
    ]
    fake: list[Event] = [
        (3, item, VIEW, visit * DAY + 7_200 + 60.0 * step)
        for visit in range(50)
        for step, item in enumerate((0, 2))
    ]
    model = SessionModel(half_life_share=1e9).fit(build_interactions(shoppers + fake, n_items=3))

    wanted, pushed = score_items(model, build_history(0), 1, 2)

    assert wanted > pushed


def test_what_was_bought_is_no_longer_sought() -> None:
    model = fit_to_two_tastes(SessionModel)
    viewed = build_history(0, 1, interaction_types=[VIEW, VIEW])
    bought = build_history(0, 1, interaction_types=[VIEW, PURCHASE])

    assert model.fold_in(bought).parts[1, OWN] < model.fold_in(viewed).parts[1, OWN]


def test_the_weights_are_learnt_from_what_the_newest_visits_chose() -> None:
    rng = np.random.default_rng(3)
    returning = [
        (int(one), int(other), int(one)) * 2 for one, other in rng.integers(0, 30, (800, 2))
    ]
    moving = [tuple(rng.permutation(30)[:4].tolist()) for _ in range(800)]

    of_returning = SessionModel().fit(build_visits_of(*returning, n_items=30)).weights_
    of_moving = SessionModel().fit(build_visits_of(*moving, n_items=30)).weights_

    assert of_returning[OWN] > of_moving[OWN]
    assert (of_returning >= 0).all()


def test_many_choices_teach_when_a_product_is_done_with() -> None:
    model = fit_with_trees()

    after_one_click = find_candidates(model, build_history(5), 1).items
    after_two_clicks = find_candidates(model, build_history(5, repeats=[2]), 1).items

    assert len(model.trees_) > 10
    assert after_one_click.tolist() == [5]
    assert after_two_clicks.tolist() == [6]


def test_trees_say_nothing_of_a_history_that_nobody_else_has() -> None:
    nobody_clicked = build_history(40)

    assert len(find_candidates(fit_with_trees(), nobody_clicked, 5).items) == 0


def test_trees_are_saved_and_loaded() -> None:
    model = fit_with_trees()

    loaded = SessionModel.from_state(model.get_params(), model.state())

    np.testing.assert_array_equal(loaded.score(HISTORIES), model.score(HISTORIES))


def test_a_version_of_an_older_release_has_no_trees() -> None:
    state = fit_with_trees().state()
    older = {name: array for name, array in state.items() if not name.startswith("tree_")}

    model = SessionModel.from_state({}, older)

    assert len(model.trees_) == 0
    assert find_candidates(model, build_history(5), 2).items.tolist() == [5, 6]


def test_trees_that_ask_for_a_signal_that_is_not_there_are_refused() -> None:
    state = fit_with_trees().state()
    planted = state["tree_signals"] + 100

    with pytest.raises(ValueError, match="do not fit each other"):
        SessionModel.from_state({}, state | {"tree_signals": planted})


def test_scores_stay_positive_and_agree_with_those_of_candidates() -> None:
    model, given = fit_with_trees(), build_history(3, 7, repeats=[2, 1])

    found = find_candidates(model, given, 41)

    assert (found.scores > 0).all()
    np.testing.assert_array_equal(found.scores, score_items(model, given, *found.items))


def test_a_few_choices_of_each_user_are_learnt_from() -> None:
    quiet = [(0, 1)] * 5
    busy = tuple(range(2, 10)) * 20
    visits = build_visits(
        build_visits_of(*quiet, busy, merged=False), pause_hours=24.0, max_events=1_000
    )

    kept = keep_few_of_each_user(np.arange(len(visits.items)), visits)

    assert np.bincount(visits.users[visits.visit_of_event[kept]]).tolist() == [2] * 5 + [20]


def test_a_small_shop_keeps_the_prior_weights() -> None:
    model = SessionModel().fit(build_visits_of((0, 1), (1, 2), (2, 3)))

    np.testing.assert_array_equal(model.weights_, PRIOR_WEIGHTS)


@pytest.mark.parametrize(
    "array", ["row_items", "visit_items", "visit_visit_of_event", "visit_events_of_items"]
)
def test_arrays_that_point_past_the_end_are_refused(array: str) -> None:
    state = fit_to_two_tastes(SessionModel).state()
    planted = state[array].copy()
    planted[0] = len(state["visit_items"]) + N_ITEMS

    with pytest.raises(ValueError, match="do not fit each other"):
        SessionModel.from_state({}, state | {array: planted})


def test_tuning_takes_the_member_where_visitors_return_to_what_they_saw() -> None:
    rng = np.random.default_rng(4)
    visits = [(one, other, one) for one, other in rng.integers(0, 30, (300, 2)).tolist()]
    log = build_interactions(
        [
            (user, item, VIEW, 3_600.0 * user + 60.0 * step)
            for user, visit in enumerate(visits)
            for step, item in enumerate(visit)
        ],
        n_items=30,
        merged=False,
    )
    later = SessionSplit(is_test=log.users >= 200, positions=np.tile(np.arange(3), 300))
    validation = later.split(log)
    members = {"transitions": TransitionModel(), "session": SessionModel()}

    tuning = tune_weights(
        {name: each.fit(validation.training) for name, each in members.items()}, validation
    )

    assert tuning.ndcg_alone["session"] > tuning.ndcg_alone["transitions"]
    assert tuning.weights["session"] > 0.5


def test_nothing_is_contributed_to_a_product_that_is_not_reached() -> None:
    model = fit_to_two_tastes(SessionModel)

    assert not find_contributions(model, build_history(UNTOUCHED), 0, 1).any()


def test_only_the_latest_products_of_a_long_history_count() -> None:
    model = fit_to_two_tastes(SessionModel)
    long = History.from_items([*range(8, 16)] * 3 + [*range(8)])

    assert len(model.fold_in(long).entries) == 16
    assert model.fold_in(long).entries[:8].tolist() == [*range(8)][::-1]
    assert len(HISTORIES[-1]) == 0
