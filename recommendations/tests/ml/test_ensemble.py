from typing import Self

import numpy as np
import pytest

from recommendations.ml.data import FloatArray, History, Interactions
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.base import Folded, Recommender
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.numerics.topk import top_k
from recommendations.ml.presets import default_ensemble
from recommendations.tests.ml.builders import (
    UNTOUCHED,
    build_history,
    build_interactions,
    find_candidates,
    make_two_taste_events,
    score_items,
)

N_ITEMS = UNTOUCHED + 1


class Fixed(PopularityModel):
    """Gives every history the same scores."""

    def __init__(self, scores: FloatArray) -> None:
        super().__init__()
        self.given = scores

    def fit(self, interactions: Interactions) -> Self:
        self.scores_ = self.given[0]
        self.best_ = top_k(self.scores_, len(self.scores_)).items
        return self


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    return default_ensemble().fit(build_interactions(make_two_taste_events(), n_items=N_ITEMS))


def test_scores_are_between_0_and_1_fall_with_rank_and_leave_the_history_out(
    ensemble: Ensemble,
) -> None:
    ranking = ensemble.recommend(build_history(0, 1, 2), 5)

    assert len(ranking.items) == 5
    assert ranking.scores.max() <= 1
    assert ranking.scores.min() >= 0
    assert (np.diff(ranking.scores) <= 0).all()
    assert not set(ranking.items) & {0, 1, 2}


def test_the_member_scores_sum_to_the_score(ensemble: Ensemble) -> None:
    ranking = ensemble.recommend(build_history(0, 1, 2), 5)

    assert set(ranking.member_scores) == {"collaborative", "factorization"}
    np.testing.assert_allclose(
        ranking.member_scores["collaborative"] + ranking.member_scores["factorization"],
        ranking.scores,
        rtol=1e-6,
    )
    assert ranking.member_scores["collaborative"].max() <= 0.7 + 1e-6
    assert ranking.member_scores["factorization"].max() <= 0.3 + 1e-6


def test_blending_the_members_best_items_gives_the_list_of_blending_all_items(
    ensemble: Ensemble,
) -> None:
    history = build_history(1, 9, 4)

    everything = ensemble.score([history])[0]
    everything[history.items] = np.nan

    ranking = ensemble.recommend(history, 6)
    expected = np.sort(everything[~np.isnan(everything)])[::-1][:6]
    np.testing.assert_allclose(ranking.scores, expected, rtol=1e-5)


def test_contributions_and_biases_sum_to_the_score(ensemble: Ensemble) -> None:
    history = build_history(9, 0, 1)
    ranking = ensemble.recommend(history, 1)
    best = ranking.items

    parts = ensemble.contributions(ranking.folded, best)[0]

    from_biases = sum(
        ranking.member_scores[name][0]
        * member.bias_[best[0]]  # type: ignore[attr-defined]
        / score_items(member, history, *best)[0]
        for name, member in ensemble.active_members.items()
    )
    assert parts.shape == (3,)
    assert parts.sum() + from_biases == pytest.approx(ranking.scores[0])
    assert parts[2] > parts[0], "the last touched item of the same taste says more than the other"


def test_a_ranking_and_a_folded_history_have_the_same_normalizers(ensemble: Ensemble) -> None:
    history = build_history(9, 0, 1)
    ranking = ensemble.recommend(history, 5)
    folded = ensemble.fold_in(history)

    assert ranking.folded.normalizers.tolist() == folded.normalizers.tolist()
    assert folded.normalizers.min() > 0
    np.testing.assert_array_equal(ensemble.score_items(folded, ranking.items), ranking.scores)


def test_a_history_is_folded_in_once_for_a_ranking_and_its_explanation(
    ensemble: Ensemble, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded: list[str] = []

    def count(member: Recommender) -> None:
        fold_in = member.fold_in

        def counted(history: History) -> Folded:
            folded.append(member.name)
            return fold_in(history)

        monkeypatch.setattr(member, "fold_in", counted)

    for member in ensemble.members.values():
        count(member)

    ranking = ensemble.recommend(build_history(9, 0, 1), 5)
    ensemble.contributions(ranking.folded, ranking.items)

    assert folded == ["collaborative", "factorization"]


def test_evaluation_and_serving_blend_by_the_same_formula() -> None:
    one, other = np.array([[4.0, 1.0, np.nan, -1.0]]), np.array([[0.0, 9.0, np.nan, 9.0]])
    blend = Ensemble(
        {"one": Fixed(one.astype(np.float32)), "other": Fixed(other.astype(np.float32))},
        {"one": 3.0, "other": 1.0},
    ).fit(build_interactions(make_two_taste_events()[:1], n_items=4))

    served = blend.recommend(build_history(), 4)

    # Roots of the ratios to the members' best scores, 4 and 9, weighted 3 to 1.
    expected = [0.75, 0.75 * 0.5 + 0.25, np.nan, 0.25]
    assert blend.score([build_history()])[0].tolist() == pytest.approx(expected, nan_ok=True)
    assert served.items.tolist() == [0, 1, 3]
    assert served.scores.tolist() == pytest.approx([0.75, 0.625, 0.25])


def test_a_member_without_weight_is_fitted_but_takes_no_part_in_the_blend(
    ensemble: Ensemble,
) -> None:
    popularity = ensemble.members["popularity"]

    assert len(find_candidates(popularity, build_history(), 3).items) == 3
    assert "popularity" not in ensemble.recommend(build_history(0), 3).member_scores


def test_without_a_history_the_blend_is_empty(ensemble: Ensemble) -> None:
    assert len(ensemble.recommend(build_history(), 5).items) == 0


def test_weights_are_scaled_to_the_sum_one() -> None:
    members = {"one": PopularityModel(), "other": PopularityModel()}

    ensemble = Ensemble(members, {"one": 3.0, "other": 1.0})

    assert ensemble.active_weights.tolist() == [0.75, 0.25]


@pytest.mark.parametrize(
    "weights", [{"one": 0.0}, {"one": -1.0}, {"other": 1.0}, {}], ids=["zero", "negative", "x", "-"]
)
def test_impossible_weights_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"[Ww]eights"):
        Ensemble({"one": PopularityModel()}, weights)


class FixedWithHistory(Fixed):
    ranks_history = True


@pytest.mark.parametrize(
    ("member_type", "expected"),
    [(Fixed, [1, 1, 1, 0.5]), (FixedWithHistory, [1, 0.8, 0.5, 0.25])],
)
def test_only_members_that_rank_the_history_keep_the_order_of_its_products(
    member_type: type[Fixed], expected: list[float]
) -> None:
    member = member_type(np.array([[1.0, 0.64, 0.25, 0.0625]], dtype=np.float32))
    ensemble = Ensemble({"popularity": member}, {"popularity": 1.0})
    ensemble.fit(build_interactions([], n_items=4))

    blended = ensemble.score([build_history(0, 1)])[0]

    np.testing.assert_allclose(blended, expected, rtol=1e-6)
    np.testing.assert_allclose(
        score_items(ensemble, build_history(0, 1), 0, 1, 2, 3), expected, rtol=1e-6
    )
