from typing import Any

import pytest

from recommendations.errors import InvalidInputError
from recommendations.services.people.subjects import Subject
from recommendations.services.search import query
from recommendations.services.search.query import search_products
from recommendations.tests.builders import make_product

pytestmark = pytest.mark.django_db


def test_equal_matches_stand_in_the_order_of_taste(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, liked = make_product(name="Plain lamp"), make_product(name="Liked lamp")
    described = make_product(name="Desk", description="for a lamp")

    def taste(**asked: Any) -> dict[int, float]:
        return dict.fromkeys(asked["product_ids"], 0.1) | {liked.pk: 0.6, described.pk: 0.9}

    monkeypatch.setattr(query, "score_personalization", taste)

    found = search_products(text="lamp", subject=Subject(session_id="visitor"), count=10)

    assert [(entry.product, entry.personalization_score) for entry in found] == [
        (liked, 0.6),
        (plain, 0.1),
        (described, 0.9),
    ]


def test_a_search_without_a_subject_computes_no_taste(monkeypatch: pytest.MonkeyPatch) -> None:
    older, newer = make_product(name="Lamp"), make_product(name="Lamp")
    monkeypatch.delattr(query, "score_personalization")

    found = search_products(text="lamp", subject=None, count=10)

    assert [entry.product for entry in found] == [newer, older]


def test_a_name_weighs_more_than_all_other_fields_of_another_product() -> None:
    everywhere = make_product(name="Desk", brand="Lamp", category="Lamp", description="Lamp")
    named = make_product(name="Lamp")

    found = search_products(text="lamp", subject=None, count=10)

    assert [entry.product for entry in found] == [named, everywhere]


@pytest.mark.parametrize("text", ["", "   ", "a b c d e f g h i"])
def test_a_search_without_words_or_with_too_many_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        search_products(text=text, subject=None, count=10)

    assert refusal.value.field == "q"
