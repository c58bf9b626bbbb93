import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.buy_again import PRIOR, BuyAgainModel
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.interactions import History
from recommendations.tests.ml.builders import DAY, history_of, interactions_of

VIEW, PURCHASE = InteractionType.VIEW, InteractionType.PURCHASE
OFTEN, ONCE, NEVER = 0, 1, 2


def fitted(*, half_life_days: float = 10.0) -> BuyAgainModel:
    """Nobody came back to anything."""
    events = [(user, item, VIEW, 0.0) for user in range(3) for item in range(3)]
    return BuyAgainModel(half_life_days=half_life_days).fit(interactions_of(events, n_items=4))


def test_every_repeat_counts_in_full_and_nothing_outside_the_history_has_a_score() -> None:
    # Five events weigh 2 and not 5 where they are damped.
    history = History(
        items=np.array([OFTEN, ONCE], dtype=np.int32),
        weights=np.array([2.0, 1.0], dtype=np.float32),
        ages_in_days=np.zeros(2, dtype=np.float32),
        repeats=np.array([5, 1], dtype=np.int32),
    )

    scores = fitted().score([history])[0]

    assert scores.tolist() == pytest.approx([5, 1, np.nan, np.nan], nan_ok=True)


def test_an_event_one_half_life_before_the_newest_counts_half() -> None:
    scores = fitted(half_life_days=10.0).score([history_of(0, 1, ages_in_days=[13.0, 3.0])])[0]

    assert scores[0] == pytest.approx(0.5 * scores[1])


def test_what_shoppers_come_back_to_goes_first() -> None:
    once = [(user, item, PURCHASE, user * DAY) for user in range(60) for item in (OFTEN, ONCE)]
    again = [(user, OFTEN, PURCHASE, (user + 100) * DAY) for user in range(60)]
    model = BuyAgainModel().fit(interactions_of([*once, *again], n_items=2))

    often, seldom = model.score([history_of(OFTEN, ONCE)])[0]

    # Half of all pairs came back: all sixty of one item, none of the other.
    assert often / seldom == pytest.approx((60 + PRIOR * 0.5) / (PRIOR * 0.5))


def test_in_a_blend_it_is_scaled_by_its_best_item_of_the_history() -> None:
    ensemble = Ensemble({"buy again": fitted()}, {"buy again": 1.0})
    ensemble.fit(interactions_of([(0, 0, VIEW, 0.0), (0, 1, VIEW, 0.0)], n_items=2))

    blend = ensemble.rank(history_of(0, 1, repeats=[4, 1]), 2, with_history=True)
    everything = ensemble.score([history_of(0, 1, repeats=[4, 1])])[0]

    assert blend.items.tolist() == [0, 1]
    assert blend.scores[0] == 1
    np.testing.assert_allclose(everything[blend.items], blend.scores, rtol=1e-6)
    assert len(ensemble.rank(history_of(0, 1), 2)) == 0
