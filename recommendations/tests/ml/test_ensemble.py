import numpy as np
import pytest

from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.presets import default_ensemble
from recommendations.tests.ml.builders import UNTOUCHED, history_of, interactions_of, two_tastes

N_ITEMS = UNTOUCHED + 1


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    return default_ensemble().fit(interactions_of(two_tastes(), n_items=N_ITEMS))


def test_scores_are_between_0_and_1_fall_with_rank_and_leave_the_history_out(
    ensemble: Ensemble,
) -> None:
    blend = ensemble.recommend(history_of(0, 1, 2), 5)

    assert len(blend) == 5
    assert blend.scores.max() <= 1
    assert blend.scores.min() >= 0
    assert (np.diff(blend.scores) <= 0).all()
    assert not set(blend.items) & {0, 1, 2}


def test_the_members_shares_add_up_to_the_score(ensemble: Ensemble) -> None:
    blend = ensemble.recommend(history_of(0, 1, 2), 5)

    assert set(blend.member_scores) == {"collaborative", "factorization"}
    np.testing.assert_allclose(
        blend.member_scores["collaborative"] + blend.member_scores["factorization"],
        blend.scores,
        rtol=1e-6,
    )
    assert blend.member_scores["collaborative"].max() <= 0.7 + 1e-6
    assert blend.member_scores["factorization"].max() <= 0.3 + 1e-6


def test_ranking_among_the_members_best_is_ranking_everything(ensemble: Ensemble) -> None:
    history = history_of(1, 9, 4)

    everything = ensemble.score([history])[0]
    everything[history.items] = np.nan

    blend = ensemble.recommend(history, 6)
    expected = np.sort(everything[~np.isnan(everything)])[::-1][:6]
    np.testing.assert_allclose(blend.scores, expected, rtol=1e-5)


def test_what_each_entry_added_explains_the_score(ensemble: Ensemble) -> None:
    history = history_of(9, 0, 1)
    liked = int(ensemble.recommend(history, 1).items[0])

    parts = ensemble.contributions(history, liked)

    biases = {name: member.bias_[liked] for name, (member, _) in ensemble.active_members.items()}  # type: ignore[attr-defined]
    shares = ensemble.recommend(history, 1).member_scores
    row = np.array([liked], dtype=np.int32)
    unexplained = sum(
        shares[name][0] * biases[name] / member.score_items(history, row)[0]
        for name, (member, _) in ensemble.active_members.items()
    )
    assert parts.shape == (3,)
    np.testing.assert_array_equal(ensemble.all_contributions(history, row), parts[np.newaxis])
    assert parts.sum() + unexplained == pytest.approx(ensemble.score_items(history, row)[0])
    assert parts[2] > parts[0], "the last touched item of the same taste says more than the other"


def test_the_scales_of_a_blend_spare_its_explanation_a_second_look(ensemble: Ensemble) -> None:
    history = history_of(9, 0, 1)
    blend = ensemble.recommend(history, 5)

    parts = ensemble.all_contributions(history, blend.items, tops=blend.tops)

    np.testing.assert_array_equal(parts, ensemble.all_contributions(history, blend.items))
    assert len(blend.tops) == len(blend.member_scores)
    assert blend.tops.min() > 0


def test_a_member_without_weight_is_kept_for_the_cold_but_not_asked(ensemble: Ensemble) -> None:
    popularity = ensemble.members["popularity"]

    assert len(popularity.candidates(history_of(), 3).items) == 3
    assert "popularity" not in ensemble.recommend(history_of(0), 3).member_scores


def test_without_a_history_the_blend_is_empty(ensemble: Ensemble) -> None:
    assert len(ensemble.recommend(history_of(), 5)) == 0


def test_weights_are_brought_to_the_sum_one() -> None:
    members = {"one": PopularityModel(), "other": PopularityModel()}

    blended = Ensemble(dict(members), {"one": 3.0, "other": 1.0}).active_members

    assert [weight for _, weight in blended.values()] == [0.75, 0.25]


@pytest.mark.parametrize(
    "weights", [{"one": 0.0}, {"one": -1.0}, {"other": 1.0}, {}], ids=["zero", "negative", "x", "-"]
)
def test_impossible_weights_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"[Ww]eights"):
        Ensemble({"one": PopularityModel()}, weights)
