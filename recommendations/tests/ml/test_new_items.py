"""New items: members that cannot know them do not vote against them, and the trend counts."""

from dataclasses import replace

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.blended import BlendedRanking, BlendShape
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.item_priors import ItemPriors
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.content import ContentModel
from recommendations.ml.models.transitions import TransitionModel
from recommendations.ml.tuning.candidate_scores import CandidateScores
from recommendations.ml.tuning.shape import find_shape
from recommendations.tests.ml.builders import (
    UNTOUCHED,
    Event,
    build_history,
    build_interactions,
    build_two_taste_catalogue,
    make_two_taste_events,
)

VIEW = InteractionType.VIEW
NEW = UNTOUCHED
LOG = build_interactions(
    make_two_taste_events(),
    n_items=UNTOUCHED + 1,
    catalogue=build_two_taste_catalogue(untouched=("Wool scarf", "Clothing")),
)
MEMBERS: dict[str, Recommender] = {"transitions": TransitionModel(), "content": ContentModel()}


def blend(abstention: float, **weights: float) -> Ensemble:
    weights = weights or {"transitions": 0.8, "content": 0.2}
    return Ensemble(MEMBERS, weights, BlendShape(abstention=abstention)).fit(LOG)


def test_a_new_item_that_only_content_knows_passes_items_that_all_members_know() -> None:
    history = build_history(0, 1, 2)

    voted_down = blend(0.0).recommend(history, 10).items.tolist()
    abstained = blend(1.0).recommend(history, 10).items.tolist()

    assert voted_down.index(NEW) > 3
    # Its description is that of the other items of the taste, so the best of them is its equal.
    assert abstained.index(NEW) <= 1


def test_scores_stay_in_range_and_are_explained_whoever_abstains() -> None:
    ensemble = blend(0.9)
    history = build_history(0, 1, 2)
    ranking = ensemble.recommend(history, 10)

    parts = ensemble.contributions(ranking.folded, ranking.items)

    assert ranking.scores.max() <= 1
    np.testing.assert_allclose(sum(ranking.member_scores.values()), ranking.scores, rtol=1e-5)
    np.testing.assert_allclose(parts.sum(axis=1), ranking.scores, rtol=1e-4)
    everything = ensemble.score([history])[0]
    np.testing.assert_allclose(everything[ranking.items], ranking.scores, rtol=1e-5)


def test_the_trend_changes_the_order_and_not_the_height_of_the_scores() -> None:
    log = build_interactions(make_trends(), n_items=8)
    history = build_history(0, 1)

    def recommend(exponent: float) -> BlendedRanking:
        shape = BlendShape(trend_exponent=exponent)
        blend = Ensemble({"transitions": TransitionModel()}, {"transitions": 1}, shape).fit(log)
        ranking = blend.recommend(history, 8)
        everything = blend.score([history])[0]
        parts = blend.contributions(ranking.folded, ranking.items)
        np.testing.assert_allclose(everything[ranking.items], ranking.scores, rtol=1e-5)
        np.testing.assert_allclose(parts.sum(axis=1), ranking.scores, rtol=1e-4)
        return ranking

    plain, lifted = recommend(0.0), recommend(1.4)

    assert lifted.items.tolist() != plain.items.tolist()
    assert lifted.scores[0] == pytest.approx(plain.scores[0], rel=1e-5)


def test_without_a_member_that_knows_new_items_nobody_abstains() -> None:
    history = build_history(0, 1, 2)
    weights = {"transitions": 1.0, "content": 0.0}

    scores = blend(0.9, **weights).score([history])

    np.testing.assert_allclose(scores, blend(0.0, **weights).score([history]), rtol=1e-6)


def test_a_loaded_blend_abstains_like_the_saved_one() -> None:
    ensemble = blend(0.7)

    loaded = Ensemble.from_state(ensemble.get_params(), ensemble.state())

    histories = [build_history(0, 1)]
    np.testing.assert_array_equal(loaded.score(histories), ensemble.score(histories))
    assert loaded.shape == BlendShape(abstention=0.7)


def test_a_version_of_an_older_release_can_be_read() -> None:
    ensemble = blend(0.0)
    params, state = ensemble.get_params(), ensemble.state()
    del params["shape"], state["confidence"], state["trend"]

    loaded = Ensemble.from_state(params, state)

    histories = [build_history(0, 1)]
    np.testing.assert_array_equal(loaded.score(histories), ensemble.score(histories))


def test_an_item_is_known_by_its_interactions_and_by_the_time_it_had() -> None:
    old_and_rare, old_and_popular, young_and_popular, untouched = range(4)
    events = [(0, old_and_rare, VIEW, 0.0)]
    events += [(user, old_and_popular, VIEW, 1.0 + user) for user in range(90)]
    events += [(user, young_and_popular, VIEW, 200.0 + user) for user in range(9)]

    confidence = ItemPriors.of(build_interactions(events, n_items=4)).confidence

    # 100 events of 3 items: (1 + 100 / 3) and (9 + 9 / 3), each beside a prior of 20.
    assert confidence[old_and_rare] == pytest.approx((1 + 100 / 3) / (1 + 100 / 3 + 20))
    assert confidence[young_and_popular] == pytest.approx(12 / 32)
    assert confidence[old_and_popular] > confidence[old_and_rare]
    assert confidence[untouched] == 0


def make_trends() -> list[Event]:
    """A thousand shoppers view the items 0 to 4, which sell as ever, and the item of the time."""
    out_of_fashion, new = 5, 6
    events = [(user, item, VIEW, float(user)) for user in range(1_000) for item in range(5)]
    events += [(user, out_of_fashion, VIEW, user + 0.5) for user in range(500)]
    events += [(user, new, VIEW, user + 0.5) for user in range(950, 1_000)]
    return events


def test_the_trend_is_a_half_as_ever_less_out_of_fashion_and_more_for_what_is_new() -> None:
    trend = ItemPriors.of(build_interactions(make_trends(), n_items=8)).trend

    assert trend[:5].tolist() == pytest.approx([0.5] * 5, abs=0.05)
    assert trend[5] < 0.15
    assert trend[6] > 0.85
    assert trend[7] == 0.5, "nobody touched it"


def test_neither_a_handful_of_shoppers_nor_visitors_of_one_product_make_a_trend() -> None:
    pushed = 7
    last = 2_000.0
    handful = [(user, item, VIEW, last) for user in range(995, 1_000) for item in (0, pushed)]
    strangers = [(user, pushed, VIEW, last) for user in range(1_000, 1_020)]

    for pushers in (handful, strangers):
        log = build_interactions([*make_trends(), *pushers], n_items=8)
        assert ItemPriors.of(log).trend[pushed] == pytest.approx(0.5)


def test_the_trend_lifts_what_is_new_above_what_went_out_of_fashion() -> None:
    old, new = 1, 2
    others = range(3, 7)
    events = [(user, item, VIEW, float(user)) for user in range(600) for item in (0, old, *others)]
    events += [
        (user, item, VIEW, float(user)) for user in range(600, 700) for item in (0, new, *others)
    ]
    log = build_interactions(events, n_items=7)

    def list_items(shape: BlendShape) -> list[int]:
        blend = Ensemble({"transitions": TransitionModel()}, {"transitions": 1}, shape).fit(log)
        ranking = blend.recommend(build_history(0, *others), 2)
        return [int(item) for item in ranking.items]

    assert list_items(BlendShape()) == [old, new]
    assert list_items(BlendShape(trend_exponent=1.0)) == [new, old]


def make_candidates(*, first_is_new: bool) -> CandidateScores:
    """Each case has an item that is as ever, scored 1, and another that is scored a bit less.

    In half of the cases the first is wanted, in the other half the second.
    """
    n_cases = 40
    return CandidateScores(
        scores=np.tile(np.array([[1.0], [0.9]], np.float32), (n_cases, 1)),
        is_relevant=np.tile([True, False, False, True], n_cases // 2),
        is_young=np.tile([False, first_is_new], n_cases),
        priors=ItemPriors(
            np.ones(2 * n_cases, np.float32), np.tile(np.array([0.5, 0.9], np.float32), n_cases)
        ),
        items=np.tile(np.arange(2, dtype=np.int32), n_cases),
        all_priors=ItemPriors.neutral(2),
        normalizers=np.ones((n_cases, 1), dtype=np.float32),
        starts=np.arange(0, 2 * n_cases + 1, 2),
        cases=np.arange(n_cases),
        n_relevant=np.ones(n_cases, dtype=np.int64),
    )


@pytest.mark.parametrize("first_is_new", [True, False])
def test_of_equally_good_shapes_the_one_that_finds_young_items_is_taken(
    first_is_new: bool,
) -> None:
    candidates = make_candidates(first_is_new=first_is_new)

    shape, ndcg = find_shape(
        candidates, np.ones(1, np.float32), np.zeros(1, dtype=bool), BlendShape(), 10
    )

    assert (shape.trend_exponent > 0) is first_is_new
    assert ndcg.mean() == pytest.approx((1 + 1 / np.log2(3)) / 2)


def test_a_shape_that_costs_too_much_is_refused() -> None:
    candidates = make_candidates(first_is_new=True)
    all_but_one_want_the_first = np.tile([True, False], 40)
    all_but_one_want_the_first[:2] = [False, True]

    shape, _ = find_shape(
        replace(candidates, is_relevant=all_but_one_want_the_first),
        np.ones(1, np.float32),
        np.zeros(1, dtype=bool),
        BlendShape(),
        10,
    )

    assert shape == BlendShape()
