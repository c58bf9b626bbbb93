"""The contract of all recommenders; each registered recommender is tested by itself."""

import numpy as np
import pytest

from recommendations.ml.data import History
from recommendations.ml.models.content import ContentModel
from recommendations.ml.models.ease import EaseModel
from recommendations.ml.models.next_item_ridge import NextItemRidge
from recommendations.ml.models.sparse_ridge import SparseRidge
from recommendations.ml.presets import full_ensemble
from recommendations.tests.ml.builders import (
    TASTE_SIZE,
    UNTOUCHED,
    build_history,
    build_interactions,
    build_two_taste_catalogue,
    find_candidates,
    find_contributions,
    make_two_taste_events,
    score_items,
)
from recommendations.tests.ml.models.every_recommender import (
    HISTORIES,
    N_ITEMS,
    Make,
    build_two_taste_interactions,
    every_factor_model,
    every_item_to_item_model,
    every_personal_recommender,
    every_recommender,
    fit_to_two_tastes,
    with_and_without_order,
)


@every_recommender
def test_the_same_seed_gives_the_same_scores(make: Make) -> None:
    once, again = fit_to_two_tastes(make), fit_to_two_tastes(make)

    np.testing.assert_array_equal(once.score(HISTORIES), again.score(HISTORIES))


@every_recommender
def test_fitting_again_forgets_what_was_learnt_before(make: Make) -> None:
    refitted = fit_to_two_tastes(make)

    refitted.fit(build_two_taste_interactions([(0, 2, *make_two_taste_events()[0][2:])]))
    refitted.fit(build_two_taste_interactions(make_two_taste_events()))

    np.testing.assert_array_equal(
        refitted.score(HISTORIES), fit_to_two_tastes(make).score(HISTORIES)
    )


@every_recommender
def test_the_order_of_the_rows_does_not_matter(make: Make) -> None:
    events = [
        (user, item, code, time + user + item) for user, item, code, time in make_two_taste_events()
    ]
    shuffled = [events[row] for row in np.random.default_rng(7).permutation(len(events))]

    from_order = make().fit(build_two_taste_interactions(events))
    from_shuffled = make().fit(build_two_taste_interactions(shuffled))

    np.testing.assert_array_equal(from_shuffled.score(HISTORIES), from_order.score(HISTORIES))


@every_recommender
def test_answering_a_request_changes_nothing_in_the_model(make: Make) -> None:
    recommender = fit_to_two_tastes(make)
    parts = [recommender, *getattr(recommender, "members", {}).values()]
    before = [dict(vars(part)) for part in parts]

    for history in HISTORIES:
        find_candidates(recommender, history, 5)
        score_items(recommender, history, 0, 3)
        find_contributions(recommender, history, 0, 3)

    after = [dict(vars(part)) for part in parts]
    assert [list(attributes) for attributes in after] == [list(attributes) for attributes in before]
    assert all(
        then is now
        for attributes, later in zip(before, after, strict=True)
        for then, now in zip(attributes.values(), later.values(), strict=True)
    )


@with_and_without_order
@every_personal_recommender
def test_the_withheld_item_of_a_taste_is_found(make: Make, in_order: bool) -> None:
    recommender = fit_to_two_tastes(make, in_order=in_order)

    for taste in (range(TASTE_SIZE), range(TASTE_SIZE, 2 * TASTE_SIZE)):
        for withheld in taste:
            given = [item for item in taste if item != withheld]
            best = find_candidates(recommender, build_history(*given), N_ITEMS).items
            unseen = [item for item in best if item not in given]
            assert unseen[0] == withheld


@with_and_without_order
@every_personal_recommender
def test_a_shopper_unseen_in_training_is_scored_from_history(make: Make, in_order: bool) -> None:
    recommender = fit_to_two_tastes(make, in_order=in_order)

    scores = recommender.score([build_history(1), build_history(TASTE_SIZE + 1)])
    first_taste, second_taste = np.nan_to_num(scores)

    assert first_taste[2:8].mean() > first_taste[10:16].mean()
    assert second_taste[10:16].mean() > second_taste[2:8].mean()


@every_personal_recommender
def test_one_item_leads_to_others_of_its_taste(make: Make) -> None:
    found = find_candidates(fit_to_two_tastes(make), build_history(2), 4).items

    assert set(found) - {2} < set(range(TASTE_SIZE))
    assert len(set(found) - {2}) >= 3


@every_recommender
def test_it_has_no_opinion_on_an_item_that_nobody_touched(make: Make) -> None:
    recommender = fit_to_two_tastes(make)

    scores = recommender.score([build_history(0)])[0]
    found = find_candidates(recommender, build_history(0), N_ITEMS).items

    assert np.isnan(scores[UNTOUCHED])
    assert UNTOUCHED not in found


@every_personal_recommender
def test_without_a_history_it_has_no_opinion(make: Make) -> None:
    recommender = fit_to_two_tastes(make)

    assert np.isnan(recommender.score([History()])).all()
    assert len(find_candidates(recommender, History(), 5).items) == 0
    assert np.isnan(score_items(recommender, History(), 0, 1, 2, 3)).all()


@every_personal_recommender
def test_a_history_of_untouched_items_only_leaves_no_opinion(make: Make) -> None:
    recommender = fit_to_two_tastes(make)

    assert np.isnan(recommender.score([build_history(UNTOUCHED)])).all()
    assert len(find_candidates(recommender, build_history(UNTOUCHED), 5).items) == 0


@pytest.mark.parametrize("seed", [1, 2, 3])
@every_recommender
def test_score_candidates_and_score_items_agree(make: Make, seed: int) -> None:
    recommender = make()
    for part in getattr(recommender, "members", {"alone": recommender}).values():
        if "seed" in part.get_params():
            part.seed = seed
    recommender.fit(build_two_taste_interactions(make_two_taste_events()))
    items = [15, 3, 0, UNTOUCHED]

    for history in HISTORIES:
        # The blend takes roots, which magnify rounding errors near 0; so the squares are compared.
        scores = np.sign(recommender.score([history])[0]) * recommender.score([history])[0] ** 2
        found = find_candidates(recommender, history, N_ITEMS)
        of_items = score_items(recommender, history, *items)

        np.testing.assert_allclose(
            np.sign(of_items) * of_items**2, scores[items], rtol=1e-3, atol=1e-5
        )
        np.testing.assert_allclose(
            np.sign(found.scores) * found.scores**2, scores[found.items], rtol=1e-3, atol=1e-5
        )
        assert len(found.items) == np.count_nonzero(~np.isnan(scores))
        assert (np.diff(found.scores) <= 0).all()


@every_recommender
def test_fewer_candidates_are_the_beginning_of_more(make: Make) -> None:
    recommender = fit_to_two_tastes(make)

    few = find_candidates(recommender, build_history(0, 1), 3).items
    more = find_candidates(recommender, build_history(0, 1), 10).items

    np.testing.assert_array_equal(few, more[:3])


@every_recommender
def test_nothing_to_learn_from_leaves_no_opinion(make: Make) -> None:
    recommender = make().fit(build_interactions([], n_items=3))

    assert np.isnan(recommender.score([build_history(0)])).all()
    assert len(find_candidates(recommender, build_history(0), 3).items) == 0


@every_recommender
def test_one_interaction_is_enough_to_fit_and_says_nothing_of_other_items(make: Make) -> None:
    recommender = make().fit(build_interactions(make_two_taste_events()[:1], n_items=2))

    own, other = recommender.score([build_history(0)])[0]

    assert np.isnan(other)
    assert np.isnan(own) or own >= 0
    assert set(find_candidates(recommender, build_history(0), 2).items) <= {0}


@every_recommender
def test_each_history_entry_has_a_finite_contribution_to_each_score(make: Make) -> None:
    parts = find_contributions(fit_to_two_tastes(make), build_history(0, 9, 1), 2, 15)

    assert parts.shape == (2, 3)
    assert np.isfinite(parts).all()


@every_factor_model
def test_the_contributions_to_a_factor_models_score_sum_to_it(make: Make) -> None:
    recommender, history = fit_to_two_tastes(make), build_history(0, 9, 1)

    parts = find_contributions(recommender, history, 2)[0]

    bias = recommender.state()["bias"][2]
    assert parts.sum() + bias == pytest.approx(score_items(recommender, history, 2)[0], rel=1e-4)


@every_item_to_item_model
def test_the_contributions_to_an_item_to_item_models_score_sum_to_it(make: Make) -> None:
    recommender, history = fit_to_two_tastes(make), build_history(0, 9, 1)

    parts = find_contributions(recommender, history, 2)[0]

    assert parts.sum() == pytest.approx(score_items(recommender, history, 2)[0], rel=1e-5)


@pytest.mark.parametrize(
    "make", [ContentModel, EaseModel, NextItemRidge, SparseRidge, full_ensemble]
)
def test_a_new_item_is_scored_from_its_description(make: Make) -> None:
    new = UNTOUCHED
    catalogue = build_two_taste_catalogue(untouched=("Wool hat", "Clothing"))
    recommender = make().fit(
        build_interactions(make_two_taste_events(), n_items=N_ITEMS, catalogue=catalogue)
    )

    of_clothing, of_kitchen = recommender.score([build_history(0), build_history(TASTE_SIZE)])[
        :, new
    ]

    assert of_clothing > 0
    assert np.nan_to_num(of_kitchen) == 0
    assert new in find_candidates(recommender, build_history(0), N_ITEMS).items
