import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.data import History
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.repurchase import PRIOR_STRENGTH, BuyAgainModel
from recommendations.tests.ml.builders import (
    DAY,
    Event,
    build_history,
    build_interactions,
    find_contributions,
)

VIEW, CART, PURCHASE = InteractionType.VIEW, InteractionType.CART, InteractionType.PURCHASE
OFTEN, ONCE, NEVER = 0, 1, 2


def fit_without_returns(**half_lives: float) -> BuyAgainModel:
    """Return a model that was fit_without_returns on data in which nobody touched an item twice."""
    events = [(user, item, VIEW, 0.0) for user in range(3) for item in range(3)]
    return BuyAgainModel(**half_lives).fit(build_interactions(events, n_items=4))


def make_purchases(shoppers: int, *, again: int) -> list[Event]:
    """`shoppers` buy an item, and `again` of them buy it once more."""
    once = [(user, ONCE, PURCHASE, user * DAY) for user in range(shoppers)]
    return [*once, *((user, ONCE, PURCHASE, (user + 100) * DAY) for user in range(again))]


def test_every_repeat_counts_in_full_and_nothing_outside_the_history_has_a_score() -> None:
    # The repeat factor damps five events to a weight of 2.
    history = History(
        items=np.array([OFTEN, ONCE], dtype=np.int32),
        weights=np.array([2.0, 1.0], dtype=np.float32),
        ages_in_days=np.zeros(2, dtype=np.float32),
        repeats=np.array([5, 1], dtype=np.int32),
    )

    scores = fit_without_returns().score([history])[0]

    assert scores.tolist() == pytest.approx([5, 1, np.nan, np.nan], nan_ok=True)


@pytest.mark.parametrize(("days", "left"), [(0, 1.0), (10, 1 / 2), (20, 1 / 3), (90, 1 / 10)])
def test_interest_decays_by_a_power_law(days: float, left: float) -> None:
    model = fit_without_returns(interest_half_life_days=10.0)

    scores = model.score([build_history(0, 1, ages_in_days=[3.0 + days, 3.0])])[0]

    assert scores[0] == pytest.approx(left * scores[1])


def test_purchases_have_a_half_life_of_their_own() -> None:
    model = fit_without_returns(half_life_days=60.0, interest_half_life_days=1.0)

    scores = model.score(
        [build_history(0, 1, ages_in_days=[60.0, 0.0], interaction_types=[PURCHASE, PURCHASE])]
    )[0]

    assert scores[0] == pytest.approx(0.5 * scores[1])


def test_a_purchase_supersedes_earlier_interest_and_not_later_interest() -> None:
    model = fit_without_returns(interest_half_life_days=np.inf, half_life_days=np.inf)
    until_then = build_history(
        0, 0, 0, ages_in_days=[3, 2, 2], interaction_types=[VIEW, CART, PURCHASE]
    )
    and_since = build_history(
        0, 0, 0, 0, ages_in_days=[3, 2, 2, 1], interaction_types=[VIEW, CART, PURCHASE, VIEW]
    )

    bought = model.score([until_then])[0, 0]
    wanted_again = model.score([and_since])[0, 0]

    assert bought == pytest.approx(model.repurchase_rate_)
    assert wanted_again == pytest.approx(bought + 1)
    assert find_contributions(model, until_then, 0)[0].tolist() == pytest.approx([0, 0, bought])


def test_a_purchase_counts_by_the_share_of_purchases_that_are_repeated() -> None:
    seldom = BuyAgainModel().fit(build_interactions(make_purchases(80, again=0), n_items=2))
    mostly = BuyAgainModel().fit(build_interactions(make_purchases(80, again=60), n_items=2))

    assert seldom.repurchase_rate_ == pytest.approx(1 / (80 + PRIOR_STRENGTH))
    assert mostly.repurchase_rate_ == pytest.approx(61 / (80 + PRIOR_STRENGTH))


def test_an_item_untouched_in_training_is_scored_if_it_is_in_the_history() -> None:
    scores = fit_without_returns().score([build_history(3)])[0]

    assert scores.tolist() == pytest.approx([np.nan, np.nan, np.nan, 1], nan_ok=True)


def test_items_that_more_shoppers_return_to_score_higher() -> None:
    once = [(user, item, PURCHASE, user * DAY) for user in range(60) for item in (OFTEN, ONCE)]
    again = [(user, OFTEN, PURCHASE, (user + 100) * DAY) for user in range(60)]
    model = BuyAgainModel().fit(build_interactions([*once, *again], n_items=2))

    often, seldom = model.score([build_history(OFTEN, ONCE)])[0]

    # Half of all pairs of user and item are repeated: all sixty of one item, none of the other.
    assert often / seldom == pytest.approx((60 + PRIOR_STRENGTH * 0.5) / (PRIOR_STRENGTH * 0.5))


def test_in_a_blend_it_is_scaled_by_its_best_item_of_the_history() -> None:
    ensemble = Ensemble({"buy again": fit_without_returns()}, {"buy again": 1.0})
    ensemble.fit(build_interactions([(0, 0, VIEW, 0.0), (0, 1, VIEW, 0.0)], n_items=2))

    blend = ensemble.recommend(build_history(0, 1, repeats=[4, 1]), 2, with_history=True)
    everything = ensemble.score([build_history(0, 1, repeats=[4, 1])])[0]

    assert blend.items.tolist() == [0, 1]
    assert blend.scores[0] == 1
    np.testing.assert_allclose(everything[blend.items], blend.scores, rtol=1e-6)
    assert len(ensemble.recommend(build_history(0, 1), 2).items) == 0
