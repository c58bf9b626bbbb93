import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.models.svd import CollaborativeFilteringModel
from recommendations.tests.ml.builders import (
    DAY,
    TASTE_SIZE,
    UNTOUCHED,
    described_tastes,
    find_candidates,
    history_of,
    interactions_of,
    two_tastes,
)

N_ITEMS = 2 * TASTE_SIZE
VIEW, PURCHASE = InteractionType.VIEW, InteractionType.PURCHASE


def test_in_baskets_a_purchase_says_no_more_of_what_goes_together_than_a_view() -> None:
    viewed = two_tastes(in_order=False)
    some_bought = [
        (user, item, PURCHASE if (user + item) % 3 == 0 else VIEW, time)
        for user, item, _, time in viewed
    ]

    scores, of_bought = (
        CollaborativeFilteringModel()
        .fit(interactions_of(events, n_items=N_ITEMS))
        .score([history_of(0, 9, 1)])
        for events in (viewed, some_bought)
    )

    np.testing.assert_array_equal(scores, of_bought)


def test_in_baskets_what_one_user_did_long_ago_says_less_of_what_goes_together() -> None:
    # Item 0 was touched beside 1 lately and a month after 2; 4 and 5 are another taste.
    days_of = {2: 0.0, 3: 0.0, 0: 30.0, 1: 30.0}
    events = [
        (user, item, VIEW, days * DAY) for user in range(10) for item, days in days_of.items()
    ]
    others = [(user, item, VIEW, 0.0) for user in range(10, 20) for item in (4, 5)]

    model = CollaborativeFilteringModel().fit(interactions_of([*events, *others], n_items=6))

    lately, long_ago = model.score([history_of(0)])[0, [1, 2]]
    assert lately > long_ago


@pytest.mark.parametrize("in_order", [True, False])
def test_whoever_looked_at_something_new_is_shown_its_kind(in_order: bool) -> None:
    catalogue = described_tastes(untouched=("Copper pan", "Kitchen"))
    model = CollaborativeFilteringModel().fit(
        interactions_of(two_tastes(in_order=in_order), n_items=len(catalogue), catalogue=catalogue)
    )

    found = find_candidates(model, history_of(UNTOUCHED), TASTE_SIZE).items

    assert sorted(found.tolist()) == list(range(TASTE_SIZE, 2 * TASTE_SIZE))
