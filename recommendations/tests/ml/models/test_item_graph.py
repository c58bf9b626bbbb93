import pytest

from recommendations.choices import InteractionType
from recommendations.ml.models.item_graph import ItemGraphModel
from recommendations.tests.ml.builders import build_history, build_interactions

VIEW = InteractionType.VIEW


def test_a_walk_ends_at_items_of_the_same_shoppers_and_popular_items_are_penalized() -> None:
    # Shopper 0 touched 0, 1 and 2, shopper 1 touched 0 and 1.
    events = [(0, 0, VIEW, 0.0), (0, 1, VIEW, 1.0), (0, 2, VIEW, 2.0)]
    events += [(1, 0, VIEW, 3.0), (1, 1, VIEW, 4.0)]

    model = ItemGraphModel(beta=1.0).fit(build_interactions(events, n_items=3))

    scores = model.score([build_history(0)])[0]
    assert scores[1] == pytest.approx((1 / 2 * 1 / 3 + 1 / 2 * 1 / 2) / 2)
    assert scores[2] == pytest.approx(1 / 2 * 1 / 3)
