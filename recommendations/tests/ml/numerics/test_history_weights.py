import pytest

from recommendations.choices import InteractionType
from recommendations.ml.data import History
from recommendations.ml.numerics.scoring_kernels import (
    AFTER_PURCHASE_FACTOR,
    history_weights,
    mark_superseded,
)
from recommendations.tests.ml.builders import history_of

VIEW, CART, PURCHASE = InteractionType.VIEW, InteractionType.CART, InteractionType.PURCHASE
PHONE, COVER = 0, 1


def weights_of(history: History) -> list[float]:
    """Relative to the newest entry."""
    weights = history_weights(history, position_decay=1.0, decay_per_day=0.0)
    return [float(weight / weights[-1]) for weight in weights]


def test_a_purchase_settles_what_was_done_to_the_product_until_then() -> None:
    history = history_of(
        *(PHONE, PHONE, PHONE, COVER),
        ages_in_days=[3.0, 2.0, 2.0, 1.0],
        interaction_types=[VIEW, CART, PURCHASE, VIEW],
    )

    assert mark_superseded(history).tolist() == [True, True, True, False]
    assert weights_of(history) == pytest.approx(
        [AFTER_PURCHASE_FACTOR, AFTER_PURCHASE_FACTOR, AFTER_PURCHASE_FACTOR, 1]
    )


def test_a_look_after_the_purchase_is_open_again() -> None:
    history = history_of(PHONE, PHONE, ages_in_days=[2.0, 1.0], interaction_types=[PURCHASE, VIEW])

    assert mark_superseded(history).tolist() == [True, False]


def test_where_everything_was_bought_nothing_counts_less_than_the_rest() -> None:
    bought = history_of(
        PHONE, COVER, ages_in_days=[2.0, 1.0], interaction_types=[PURCHASE, PURCHASE]
    )

    assert weights_of(bought) == pytest.approx([1, 1])


def test_a_history_that_does_not_say_what_was_done_is_one_of_views() -> None:
    history = history_of(PHONE, COVER, ages_in_days=[2.0, 1.0])

    assert not mark_superseded(history).any()
