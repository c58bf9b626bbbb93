"""The second stage of a blend: trees that multiply blended scores."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.ml.data import FloatArray, History
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.item_kinds import ItemKinds
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.numerics.choice_trees import DEPTH, ChoiceTrees
from recommendations.ml.numerics.rerank_signals import BRAND_LIKE_LAST
from recommendations.ml.presets import default_ensemble
from recommendations.ml.reranker import Reranker
from recommendations.ml.tuning.weights import Tuning, tune_weights
from recommendations.tests.ml.builders import (
    TASTE_SIZE,
    UNTOUCHED,
    build_catalogue,
    build_history,
    build_interactions,
    make_two_taste_events,
)

N_ITEMS, N_BRANDS, N_CASES = 200, 20, 900
N_YOUNG = N_ITEMS // 10
FIRST_YOUNG = N_ITEMS - N_YOUNG
VIEW = InteractionType.VIEW


def build_reranker(n_members: int, *, correction: float) -> Reranker:
    """Return one tree that corrects the items of the last item's brand."""
    signal = 2 * n_members + BRAND_LIKE_LAST
    values = np.zeros((1, 2**DEPTH), dtype=np.float32)
    values[0, -1] = correction
    return Reranker(
        ChoiceTrees(
            np.full((1, DEPTH), signal, dtype=np.int32),
            np.full((1, DEPTH), 0.5, dtype=np.float32),
            values,
        ),
        steepness=2.0,
    )


@pytest.fixture
def ensemble() -> Ensemble:
    """Two tastes; in each, every second product is of the brand "Even"."""
    n_items = UNTOUCHED + 1
    catalogue = build_catalogue(
        n_items, brands=["Even" if item % 2 == 0 else "Odd" for item in range(n_items)]
    )
    log = build_interactions(make_two_taste_events(), n_items=n_items, catalogue=catalogue)
    return default_ensemble().fit(log)


def test_a_lifted_score_is_the_blended_score_times_the_lift(ensemble: Ensemble) -> None:
    history = build_history(1, 2)
    items = np.arange(3, TASTE_SIZE, dtype=np.int32)
    before = ensemble.score_items(ensemble.fold_in(history), items)

    ensemble.set_reranker(build_reranker(2, correction=np.log(4)))
    after = ensemble.score_items(ensemble.fold_in(history), items)

    # exp(log 4 / steepness 2) = 2 for the even ones; one factor for all keeps the best score.
    ratios = after / before
    assert ratios[1::2] == pytest.approx(2 * ratios[0])
    assert ratios[0::2] == pytest.approx(ratios[0])


def test_the_best_score_stays_as_high_as_without_lifts(ensemble: Ensemble) -> None:
    plain = ensemble.recommend(build_history(1, 2), 5)

    ensemble.set_reranker(build_reranker(2, correction=3.0))
    lifted = ensemble.recommend(build_history(1, 2), 5)

    assert lifted.scores.max() == pytest.approx(plain.scores.max())
    assert lifted.items[0] % 2 == 0
    assert (np.diff(lifted.scores) <= 0).all()


def test_what_explains_a_lifted_score_adds_up_to_it(ensemble: Ensemble) -> None:
    history = build_history(9, 0, 1)
    plain = ensemble.break_down(ensemble.fold_in(history), np.array([3], dtype=np.int32))
    ensemble.set_reranker(build_reranker(2, correction=1.0))

    ranking = ensemble.recommend(history, 5)
    found = ensemble.break_down(ranking.folded, ranking.items)
    of_third = ensemble.break_down(ranking.folded, np.array([3], dtype=np.int32))

    np.testing.assert_allclose(found.parts.sum(axis=0), ranking.scores, rtol=1e-6)
    np.testing.assert_allclose(
        of_third.contributions / of_third.parts.sum(),
        plain.contributions / plain.parts.sum(),
        rtol=1e-5,
    )


def test_serving_and_evaluation_lift_alike(ensemble: Ensemble) -> None:
    history = build_history(1, 9, 4)
    ensemble.set_reranker(build_reranker(2, correction=1.0))

    everything = ensemble.score([history])[0]
    ranking = ensemble.recommend(history, 6)
    found = ensemble.score_items(ensemble.fold_in(history), ranking.items)

    np.testing.assert_allclose(everything[ranking.items], ranking.scores, rtol=1e-5)
    np.testing.assert_array_equal(found, ranking.scores)


def test_saved_equals_loaded(ensemble: Ensemble) -> None:
    learnt = Reranker.from_trees(build_reranker(2, correction=1 / 3).trees, 1.2345678)
    ensemble.set_reranker(learnt)

    params = json.loads(json.dumps(ensemble.get_params()))
    loaded = Ensemble.from_state(params, ensemble.state())

    expected = ensemble.recommend(build_history(1, 2), 5)
    ranking = loaded.recommend(build_history(1, 2), 5)
    assert ranking.items.tolist() == expected.items.tolist()
    assert ranking.scores.tolist() == expected.scores.tolist()


def test_other_weights_have_no_reranker(ensemble: Ensemble) -> None:
    ensemble.set_reranker(build_reranker(2, correction=1.0))

    ensemble.set_members(ensemble.members, ensemble.weights)

    assert not ensemble.reranker


def test_trees_that_ask_for_another_member_are_refused(ensemble: Ensemble) -> None:
    with pytest.raises(ValueError, match="do not fit 2 members"):
        ensemble.set_reranker(build_reranker(5, correction=1.0))

    assert not ensemble.reranker


def test_kinds_are_levels_of_the_main_category_and_brands_whatever_the_case() -> None:
    catalogue = build_catalogue(
        4,
        categories=["A > B > C > D", "a > b > c > E", "A > X", ""],
        brands=["Acme", "ACME", "", "Other"],
    )

    kinds = ItemKinds.of(catalogue)

    assert kinds.levels.tolist() == [[0, 0, 1, -1], [0, 0, 1, -1], [0, 1, 2, -1]]
    assert kinds.brands.tolist() == [0, 0, -1, 1]


class Vague(PopularityModel):
    """Scores twenty items of each case above the others, among them the wanted one, at random."""

    def score(self, histories: Sequence[History]) -> FloatArray:
        scores = np.zeros((len(histories), N_ITEMS), dtype=np.float32)
        for row, history in enumerate(histories):
            case, wanted = int(history.items[0]), int(history.ages_in_days[0])
            rng = np.random.default_rng((case, wanted))
            likely = rng.permutation(N_ITEMS)[:20]
            scores[row, likely] = 0.5 + rng.random(20) / 2
            scores[row, wanted] = 0.5 + rng.random() / 2
        return scores


def tune(
    wanted: Sequence[int] | NDArray[np.int64],
    last: NDArray[np.int64],
    *,
    is_warm: NDArray[np.bool_] | None = None,
) -> Tuning:
    """Tune on cases with these wanted and last items; all items were touched once, in order.

    So the last tenth of the items is young. The history says which item is wanted by its age, for
    `Vague`.
    """
    catalogue = build_catalogue(N_ITEMS, brands=[str(item % N_BRANDS) for item in range(N_ITEMS)])
    events = [(0, item, VIEW, float(item)) for item in range(N_ITEMS)]
    split = Split(
        training=build_interactions(events, n_items=N_ITEMS, catalogue=catalogue),
        users=np.zeros(N_CASES, dtype=np.int32),
        histories=[
            build_history(int(item), ages_in_days=[float(target)])
            for item, target in zip(last, wanted, strict=True)
        ],
        ground_truth=[np.array([item], dtype=np.int32) for item in wanted],
        is_warm=np.ones(N_CASES, dtype=bool) if is_warm is None else is_warm,
        excluded=[np.array([item], dtype=np.int32) for item in last],
    )
    return tune_weights({"vague": Vague()}, split)


def draw_last_items() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return last items, for each another one of its brand, and for each any other one."""
    rng = np.random.default_rng(7)
    last = rng.integers(0, N_ITEMS, N_CASES)
    of_brand = (last + N_BRANDS * rng.integers(1, N_ITEMS // N_BRANDS, N_CASES)) % N_ITEMS
    return last, of_brand, (last + rng.integers(1, N_ITEMS, N_CASES)) % N_ITEMS


def test_trees_learn_what_the_weights_cannot_say() -> None:
    last, of_brand, _ = draw_last_items()

    tuning = tune(of_brand, last)

    assert tuning.reranker
    assert tuning.ndcg > tuning.ndcg_alone["vague"] + 0.1


def test_the_same_seed_learns_the_same_trees() -> None:
    last, of_brand, _ = draw_last_items()

    first, second = tune(of_brand, last), tune(of_brand, last)

    assert first.reranker.get_params() == second.reranker.get_params()


def test_where_nothing_is_left_to_learn_there_are_no_trees() -> None:
    last, _, other = draw_last_items()

    tuning = tune(other, last)

    assert not tuning.reranker
    assert tuning.ndcg == pytest.approx(tuning.ndcg_alone["vague"])


def test_trees_that_cost_older_items_are_refused_whatever_they_gain() -> None:
    last, _, other = draw_last_items()
    young = np.random.default_rng(8).integers(FIRST_YOUNG, N_ITEMS, N_CASES)
    wants_young = (np.arange(N_CASES) % 2 == 0) & (last < FIRST_YOUNG)

    tuning = tune(np.where(wants_young, young, other), last)

    assert not tuning.reranker


def test_trees_that_cost_young_items_are_refused_whatever_they_gain() -> None:
    last, _, other = draw_last_items()
    older = np.random.default_rng(8).integers(0, FIRST_YOUNG // 2, N_CASES)
    wants_young = np.arange(N_CASES) % 25 == 0

    tuning = tune(np.where(wants_young, FIRST_YOUNG + other % N_YOUNG, older), last)

    assert not tuning.reranker


def test_what_trees_gain_for_strangers_does_not_pay_where_known_shoppers_gain_nothing() -> None:
    last, of_brand, other = draw_last_items()
    is_warm = np.arange(N_CASES) % 2 == 0
    wanted = np.where(is_warm, other, of_brand)

    assert tune(wanted, last, is_warm=np.ones(N_CASES, dtype=bool)).reranker
    assert not tune(wanted, last, is_warm=is_warm).reranker


def test_where_nobody_is_known_strangers_judge() -> None:
    last, of_brand, _ = draw_last_items()

    tuning = tune(of_brand, last, is_warm=np.zeros(N_CASES, dtype=bool))

    assert tuning.reranker
