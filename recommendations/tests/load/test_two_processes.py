"""An interaction that one web process records is in the next list of another process."""

from pathlib import Path

import pytest

from recommendations.services.training.train import train
from recommendations.tests.builders import make_two_taste_shop
from recommendations.tests.load.servers import web_process
from recommendations.tests.load.traffic import Browser

pytestmark = pytest.mark.django_db(transaction=True)


def test_three_views_told_to_one_process_shape_the_next_list_of_the_other(tmp_path: Path) -> None:
    shop = make_two_taste_shop(categories=("Lamps", "Tents", "Books"))
    books = {product.pk for product in shop["Books"]}
    train()
    visitor = Browser()

    with web_process(tmp_path) as one, web_process(tmp_path) as other:
        _, before = visitor.ask(other, "/api/recommendations/me/?count=10")
        responses = [
            visitor.ask(
                one, "/api/interaction/", {"product_id": product.pk, "interaction_type": "view"}
            )[0]
            for product in shop["Books"][:3]
        ]
        status, after = visitor.ask(other, "/api/recommendations/me/?count=10")

    assert (responses, status) == ([201, 201, 201], 200)
    assert (before["source"], before["personalized"]) == ("trending", False)
    assert (after["source"], after["personalized"]) == ("model", True)
    first = [entry["product_id"] for entry in after["recommendations"][:5]]
    assert set(first) <= books
