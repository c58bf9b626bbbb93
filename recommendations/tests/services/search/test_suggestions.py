import pytest

from recommendations.services.search.suggestions import SuggestionKind, suggest
from recommendations.services.shop.catalogue import set_active
from recommendations.services.shop.categories import set_categories
from recommendations.tests.builders import make_product

pytestmark = pytest.mark.django_db


def list_names(text: str, kind: SuggestionKind) -> list[str]:
    return [one.text for one in suggest(text=text) if one.kind is kind]


def test_names_that_begin_with_the_text_stand_before_those_with_such_a_word() -> None:
    for brand in ("Zur Lampe", "Lampenwelt", "Old Lamps", "Other"):
        make_product(name="Chair", brand=brand)

    assert list_names("LAM", SuggestionKind.BRAND) == ["Lampenwelt", "Old Lamps"]


def test_categories_of_all_levels_are_suggested_by_the_last_one() -> None:
    product = make_product(name="Chair")
    set_categories({product.pk: ["Möbel > Lampen > Stehlampen"]})

    found = [list_names(text, SuggestionKind.CATEGORY) for text in ("mob", "lampe", "steh", "cha")]

    assert found == [["Möbel"], ["Möbel > Lampen"], ["Möbel > Lampen > Stehlampen"], []]


def test_what_no_product_on_sale_has_is_not_suggested() -> None:
    hidden, changed = make_product(brand="Lampo"), make_product(brand="Lampe")
    before = list_names("lamp", SuggestionKind.BRAND)

    set_active([hidden.pk], active=False)
    changed.brand = "Lamps & Co"
    changed.save()

    assert before == ["Lampe", "Lampo"]
    assert list_names("lamp", SuggestionKind.BRAND) == ["Lamps & Co"]


def test_signs_of_patterns_are_ordinary_letters() -> None:
    make_product(brand="Lamp")

    assert [suggest(text=text) for text in ("%", "_", ".*")] == [[], [], []]
