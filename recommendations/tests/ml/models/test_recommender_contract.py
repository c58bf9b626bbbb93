"""What every recommender promises, whatever it is inside."""

from collections.abc import Callable

import numpy as np
import pytest

from recommendations.ml.data import History, Interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.content import ContentModel
from recommendations.ml.models.item_graph import ItemGraphModel
from recommendations.ml.models.next_item_ridge import NextItemRidge
from recommendations.ml.models.popularity import PopularityModel, RecentPopularityModel
from recommendations.ml.models.registry import RECOMMENDERS
from recommendations.ml.models.repurchase import BuyAgainModel
from recommendations.ml.models.sgd_mf import MatrixFactorizationModel
from recommendations.ml.models.svd import CollaborativeFilteringModel
from recommendations.ml.models.transitions import TransitionModel
from recommendations.ml.presets import default_ensemble, full_ensemble
from recommendations.tests.ml.builders import (
    TASTE_SIZE,
    UNTOUCHED,
    Event,
    described_tastes,
    history_of,
    interactions_of,
    two_tastes,
)

Make = Callable[[], Recommender]


def by_ratings() -> MatrixFactorizationModel:
    return MatrixFactorizationModel(objective="rating")


PERSONAL: dict[str, Make] = {
    "collaborative": CollaborativeFilteringModel,
    "factorization": MatrixFactorizationModel,
    "transitions": TransitionModel,
    "content": ContentModel,
    "ridge": NextItemRidge,
    "item graph": ItemGraphModel,
    "ensemble": default_ensemble,
    "full ensemble": full_ensemble,
}
EVERY: dict[str, Make] = {
    **PERSONAL,
    "factorization by ratings": by_ratings,
    "popularity": PopularityModel,
    "recent popularity": RecentPopularityModel,
    "buy again": BuyAgainModel,
}

every_recommender = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY.keys())
every_personal_recommender = pytest.mark.parametrize("make", PERSONAL.values(), ids=PERSONAL.keys())
with_and_without_order = pytest.mark.parametrize("in_order", [True, False])

N_ITEMS = UNTOUCHED + 1
HISTORIES = [history_of(0, 1, 2), history_of(9), history_of(3, 12), History()]


def fitted(make: Make, *, in_order: bool = True) -> Recommender:
    return make().fit(taste_interactions(two_tastes(in_order=in_order)))


def taste_interactions(events: list[Event]) -> Interactions:
    return interactions_of(events, n_items=N_ITEMS, catalogue=described_tastes())


@every_recommender
def test_one_that_was_stored_scores_like_the_one_that_was_fitted(make: Make) -> None:
    learnt = fitted(make)

    restored = type(learnt).from_state(learnt.get_params(), learnt.state())

    np.testing.assert_array_equal(restored.score(HISTORIES), learnt.score(HISTORIES))


@every_recommender
def test_no_state_is_of_object_type(make: Make) -> None:
    state = fitted(make).state()

    assert [name for name, array in state.items() if array.dtype.hasobject] == []


@every_recommender
def test_the_same_seed_gives_the_same_scores(make: Make) -> None:
    once, again = fitted(make), fitted(make)

    np.testing.assert_array_equal(once.score(HISTORIES), again.score(HISTORIES))


@every_recommender
def test_fitting_again_forgets_what_was_learnt_before(make: Make) -> None:
    refitted = fitted(make)

    refitted.fit(taste_interactions([(0, 2, *two_tastes()[0][2:])]))
    refitted.fit(taste_interactions(two_tastes()))

    np.testing.assert_array_equal(refitted.score(HISTORIES), fitted(make).score(HISTORIES))


@every_recommender
def test_the_order_of_the_rows_does_not_matter(make: Make) -> None:
    events = [(user, item, kind, time + user + item) for user, item, kind, time in two_tastes()]
    shuffled = [events[place] for place in np.random.default_rng(7).permutation(len(events))]

    from_order = make().fit(taste_interactions(events))
    from_shuffled = make().fit(taste_interactions(shuffled))

    np.testing.assert_array_equal(from_shuffled.score(HISTORIES), from_order.score(HISTORIES))


@with_and_without_order
@every_personal_recommender
def test_the_withheld_item_of_a_taste_is_found(make: Make, in_order: bool) -> None:
    recommender = fitted(make, in_order=in_order)

    for taste in (range(TASTE_SIZE), range(TASTE_SIZE, 2 * TASTE_SIZE)):
        for withheld in taste:
            given = [item for item in taste if item != withheld]
            best = recommender.candidates(history_of(*given), N_ITEMS).items
            unseen = [item for item in best if item not in given]
            assert unseen[0] == withheld


@with_and_without_order
@every_personal_recommender
def test_a_shopper_unseen_in_training_is_scored_from_history(make: Make, in_order: bool) -> None:
    recommender = fitted(make, in_order=in_order)

    scores = recommender.score([history_of(1), history_of(TASTE_SIZE + 1)])
    first_taste, second_taste = np.nan_to_num(scores)

    assert first_taste[2:8].mean() > first_taste[10:16].mean()
    assert second_taste[10:16].mean() > second_taste[2:8].mean()


@every_recommender
def test_it_has_no_opinion_on_an_item_that_nobody_touched(make: Make) -> None:
    recommender = fitted(make)

    scores = recommender.score([history_of(0)])[0]
    found = recommender.candidates(history_of(0), N_ITEMS).items

    assert np.isnan(scores[UNTOUCHED])
    assert UNTOUCHED not in found


@every_personal_recommender
def test_without_a_history_it_has_no_opinion(make: Make) -> None:
    recommender = fitted(make)

    assert np.isnan(recommender.score([History()])).all()
    assert len(recommender.candidates(History(), 5).items) == 0
    assert np.isnan(recommender.score_items(History(), np.arange(4, dtype=np.int32))).all()


@every_recommender
def test_a_history_of_untouched_items_only_is_survived(make: Make) -> None:
    recommender = fitted(make)

    scores = recommender.score([history_of(UNTOUCHED)])

    assert scores.shape == (1, N_ITEMS)
    assert not np.isinf(scores).any()


@every_recommender
def test_score_candidates_and_score_items_agree(make: Make) -> None:
    recommender = fitted(make)
    items = np.array([15, 3, 0, UNTOUCHED], dtype=np.int32)

    for history in HISTORIES:
        scores = recommender.score([history])[0]
        found = recommender.candidates(history, N_ITEMS)

        np.testing.assert_allclose(
            recommender.score_items(history, items), scores[items], rtol=1e-4, atol=1e-6
        )
        np.testing.assert_allclose(found.scores, scores[found.items], rtol=1e-4, atol=1e-6)
        assert len(found.items) == np.count_nonzero(~np.isnan(scores))
        assert (np.diff(found.scores) <= 0).all()


@every_recommender
def test_fewer_candidates_are_the_beginning_of_more(make: Make) -> None:
    recommender = fitted(make)

    few = recommender.candidates(history_of(0, 1), 3).items
    more = recommender.candidates(history_of(0, 1), 10).items

    np.testing.assert_array_equal(few, more[:3])


@every_personal_recommender
def test_similar_items_are_of_the_same_taste_and_leave_the_item_out(make: Make) -> None:
    similar = fitted(make).similar_items(2, 3).items

    assert len(similar) == 3
    assert 2 not in similar
    assert set(similar) < set(range(TASTE_SIZE))


@every_recommender
def test_nothing_to_learn_from_leaves_no_opinion(make: Make) -> None:
    recommender = make().fit(interactions_of([], n_items=3))

    assert np.isnan(recommender.score([history_of(0)])).all()
    assert len(recommender.candidates(history_of(0), 3).items) == 0


@every_recommender
def test_one_interaction_is_enough_to_fit(make: Make) -> None:
    recommender = make().fit(interactions_of(two_tastes()[:1], n_items=2))

    assert recommender.score([history_of(0)]).shape == (1, 2)


def test_the_contract_is_run_over_every_family() -> None:
    assert set(RECOMMENDERS) | {Ensemble.name} == {make().name for make in EVERY.values()}


@every_recommender
def test_each_history_entry_has_its_part_in_a_score(make: Make) -> None:
    recommender, history = fitted(make), history_of(0, 9, 1)
    items = np.array([2, 15], dtype=np.int32)

    parts = recommender.all_contributions(history, items)

    assert parts.shape == (2, 3)
    np.testing.assert_allclose(
        recommender.contributions(history, 15), parts[1], rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize(
    "make",
    [CollaborativeFilteringModel, MatrixFactorizationModel, by_ratings],
    ids=["collaborative", "factorization", "factorization by ratings"],
)
def test_the_parts_of_a_factor_models_score_add_up_to_it(make: Make) -> None:
    recommender, history = fitted(make), history_of(0, 9, 1)
    item = np.array([2], dtype=np.int32)

    parts = recommender.contributions(history, 2)

    bias = recommender.state()["bias"][2]
    assert parts.sum() + bias == pytest.approx(recommender.score_items(history, item)[0], rel=1e-4)


@pytest.mark.parametrize("make", [TransitionModel, ContentModel, NextItemRidge, ItemGraphModel])
def test_the_parts_of_a_row_models_score_add_up_to_it(make: Make) -> None:
    recommender, history = fitted(make), history_of(0, 9, 1)

    parts = recommender.contributions(history, 2)

    score = recommender.score_items(history, np.array([2], dtype=np.int32))[0]
    assert parts.sum() == pytest.approx(score, rel=1e-5)


@pytest.mark.parametrize("make", [ContentModel, NextItemRidge, full_ensemble])
def test_a_new_item_is_scored_from_its_description(make: Make) -> None:
    new = UNTOUCHED
    catalogue = described_tastes(untouched=("Wool hat", "Clothing"))
    recommender = make().fit(interactions_of(two_tastes(), n_items=N_ITEMS, catalogue=catalogue))

    of_clothing, of_kitchen = recommender.score([history_of(0), history_of(TASTE_SIZE)])[:, new]

    assert of_clothing > 0
    assert np.nan_to_num(of_kitchen) == 0
    assert new in recommender.candidates(history_of(0), N_ITEMS).items


@pytest.mark.parametrize("make", [TransitionModel, ContentModel, NextItemRidge, ItemGraphModel])
def test_rows_that_point_past_the_catalogue_are_refused(make: Make) -> None:
    recommender = fitted(make)
    planted = recommender.state()["neighbors"].copy()
    planted[0] = N_ITEMS
    state = recommender.state() | {"neighbors": planted}

    with pytest.raises(ValueError, match="do not fit each other"):
        type(recommender).from_state(recommender.get_params(), state)


@every_recommender
def test_tuning_may_try_nothing_but_parameters_that_there_are(make: Make) -> None:
    recommender = fitted(make)

    offered = {*recommender.param_grid, *recommender.inference_param_grid()}

    assert offered <= set(recommender.get_params())


@every_recommender
def test_parameters_that_need_no_other_fit_give_what_another_fit_gives(make: Make) -> None:
    recommender = fitted(make)

    for parameter, values in recommender.inference_param_grid().items():
        parameters = {**recommender.get_params(), parameter: values[0]}
        as_it_is = type(recommender).from_state(parameters, recommender.state())
        again = type(recommender).from_state(parameters, recommender.state())
        again.fit(taste_interactions(two_tastes()))

        np.testing.assert_array_equal(as_it_is.score(HISTORIES), again.score(HISTORIES))
