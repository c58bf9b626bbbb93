import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.models.svd import CollaborativeFilteringModel
from recommendations.tests.ml.builders import (
    DAY,
    TASTE_SIZE,
    UNTOUCHED,
    build_history,
    build_interactions,
    build_two_taste_catalogue,
    find_candidates,
    make_two_taste_events,
)

N_ITEMS = 2 * TASTE_SIZE
VIEW, PURCHASE = InteractionType.VIEW, InteractionType.PURCHASE


def test_in_baskets_a_purchase_weighs_as_much_as_a_view() -> None:
    viewed = make_two_taste_events(in_order=False)
    some_bought = [
        (user, item, PURCHASE if (user + item) % 3 == 0 else VIEW, time)
        for user, item, _, time in viewed
    ]

    scores, of_bought = (
        CollaborativeFilteringModel()
        .fit(build_interactions(events, n_items=N_ITEMS))
        .score([build_history(0, 9, 1)])
        for events in (viewed, some_bought)
    )

    np.testing.assert_array_equal(scores, of_bought)


def test_in_baskets_old_interactions_weigh_less_than_new_ones() -> None:
    # Users touched 2 and 3 a month ago, 0 and 1 lately; 4 and 5 are another taste.
    days_of = {2: 0.0, 3: 0.0, 0: 30.0, 1: 30.0}
    events = [
        (user, item, VIEW, days * DAY) for user in range(10) for item, days in days_of.items()
    ]
    others = [(user, item, VIEW, 0.0) for user in range(10, 20) for item in (4, 5)]

    model = CollaborativeFilteringModel().fit(build_interactions([*events, *others], n_items=6))

    lately, long_ago = model.score([build_history(0)])[0, [1, 2]]
    assert lately > long_ago


@pytest.mark.parametrize("in_order", [True, False])
def test_a_view_of_a_new_item_leads_to_items_with_its_attributes(in_order: bool) -> None:
    catalogue = build_two_taste_catalogue(untouched=("Copper pan", "Kitchen"))
    model = CollaborativeFilteringModel().fit(
        build_interactions(
            make_two_taste_events(in_order=in_order), n_items=len(catalogue), catalogue=catalogue
        )
    )

    found = find_candidates(model, build_history(UNTOUCHED), TASTE_SIZE).items

    assert sorted(found.tolist()) == list(range(TASTE_SIZE, 2 * TASTE_SIZE))
