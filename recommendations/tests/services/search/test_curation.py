from typing import Any

import pytest
from django.db import OperationalError

from recommendations.errors import InvalidInputError
from recommendations.models import (
    IgnoredWord,
    PinnedProduct,
    PinnedSearch,
    Product,
    SearchRedirect,
    SearchRule,
    SearchSynonym,
)
from recommendations.retrieval.curation import Rules
from recommendations.services.search import curation
from recommendations.services.search.query import find_products
from recommendations.services.search.ranking import search_products
from recommendations.services.search.rule_inputs import find_same, parse_page_address
from recommendations.tests.builders import make_product

pytestmark = pytest.mark.django_db


def add_synonym(phrase: str, means: str, **columns: Any) -> SearchSynonym:
    synonym = SearchSynonym.objects.create(phrase=phrase, means=means, **columns)
    curation.note_change()
    return synonym


def ignore_word(word: str) -> None:
    IgnoredWord.objects.create(word=word)
    curation.note_change()


def add_redirect(query: str, path: str) -> None:
    SearchRedirect.objects.create(query=query, path=path)
    curation.note_change()


def pin(query: str, *products: Product) -> PinnedSearch:
    search = PinnedSearch.objects.create(query=query)
    for position, product in enumerate(products):
        PinnedProduct.objects.create(search=search, product=product, position=position)
    curation.note_change()
    return search


def find(text: str) -> list[int]:
    return list(find_products(text=text).product_ids)


def test_a_synonym_works_both_ways() -> None:
    sofa, couch = make_product(name="Sofa"), make_product(name="Couch")
    make_product(name="Lamp")
    before = find("sofa"), find("couch")

    add_synonym("sofa", "couch")

    assert before == ([sofa.pk], [couch.pk])
    assert find("sofa") == find("couch") == [couch.pk, sofa.pk]


def test_a_synonym_may_work_one_way_and_have_several_words() -> None:
    tv, television = make_product(name="TV stand"), make_product(name="Television set")

    add_synonym("tv", "television set", is_two_way=False)

    assert find("tv") == [television.pk, tv.pk]
    assert find("television set") == [television.pk]


def test_a_synonym_stands_in_the_place_of_its_phrase() -> None:
    blue, red = make_product(name="Blue couch"), make_product(name="Red couch")

    add_synonym("sofa", "couch")

    assert find("red sofa")[0] == red.pk
    assert find("blue sofa")[0] == blue.pk


@pytest.mark.parametrize("typed", ["MÜLLER mugs", "muller mug", "  mueller   MUG "])
def test_case_accents_spaces_and_inflections_do_not_matter(typed: str) -> None:
    cup = make_product(name="Cup")

    add_synonym("Müller mug", "cup")

    assert find(typed) == [cup.pk]


def test_a_word_with_a_synonym_is_not_corrected() -> None:
    make_product(name="Sofa chair")
    couch = make_product(name="Couch")
    corrected = find_products(text="soffa").correction

    add_synonym("soffa", "couch")

    found = find_products(text="soffa")
    assert corrected is not None
    assert (found.product_ids, found.correction) == ([couch.pk], None)


def test_synonyms_in_a_circle_do_no_harm() -> None:
    products = [make_product(name=name) for name in ("Sofa", "Couch", "Settee")]

    add_synonym("sofa", "couch")
    add_synonym("couch", "settee")
    add_synonym("settee", "sofa")

    assert sorted(find("sofa")) == [product.pk for product in products]


def test_a_word_being_typed_has_its_synonyms() -> None:
    couch = make_product(name="Couch")

    add_synonym("sofa", "couch")

    assert find_products(text="sofa", is_typing=True).product_ids == [couch.pk]


def test_an_ignored_word_finds_nothing_unless_it_stands_alone() -> None:
    lamp, buy = make_product(name="Lamp"), make_product(name="Buy a house, the game")

    ignore_word("buy")

    assert find("buy lamp") == [lamp.pk]
    assert find("buy") == [buy.pk]


def test_pins_stand_first_in_the_order_of_staff() -> None:
    lamp, desk, chair = (make_product(name=name) for name in ("Lamp", "Desk", "Chair"))

    pin("lamps", chair, desk)

    found = search_products(text="Lamp", subject=None, count=2)
    assert find("lamp") == [chair.pk, desk.pk, lamp.pk]
    assert [entry.product for entry in found] == [chair, desk]


def test_pins_that_cannot_be_bought_are_left_out() -> None:
    lamp = make_product(name="Lamp")
    sold_out = make_product(name="Desk", stock=0)
    inactive = make_product(name="Chair", is_active=False)

    pin("lamp", sold_out, inactive)

    assert find("lamp") == [lamp.pk]


def test_a_query_leads_to_a_page() -> None:
    add_redirect("returns", "/account")
    ignore_word("please")

    assert curation.find_redirect(text="Return please") == "/account"
    assert curation.find_redirect(text="lamp") is None


def test_a_rule_that_is_off_does_nothing() -> None:
    make_product(name="Couch")

    add_synonym("sofa", "couch", is_active=False)

    assert find("sofa") == []


def test_a_rule_that_is_deleted_does_nothing_any_more() -> None:
    make_product(name="Couch")
    synonym = add_synonym("sofa", "couch")
    before = find("sofa")

    synonym.delete()
    curation.note_change()

    assert (len(before), find("sofa")) == (1, [])


def test_rules_that_did_not_change_cost_one_query(django_assert_num_queries: Any) -> None:
    make_product(name="Lamp")
    add_synonym("sofa", "couch")
    curation.get_current()

    with django_assert_num_queries(1):
        curation.get_current()


def test_a_change_by_another_process_is_in_the_next_search() -> None:
    # The other process cannot tell this one: only the version in the database does.
    curation.get_current()
    SearchRedirect.objects.create(query="returns", path="/account")

    curation.note_change()

    assert curation.find_redirect(text="returns") == "/account"


def test_search_keeps_its_rules_while_they_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    couch = make_product(name="Couch")
    add_synonym("sofa", "couch")
    before = find("sofa")

    def fail(**_: Any) -> Rules:
        raise OperationalError("The database went away.")

    monkeypatch.setattr(curation, "read_rules", fail)
    curation.note_change()

    assert before == find("sofa") == [couch.pk]


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/category/clothing", "/category/clothing"),
        ("/products?sort=price#top", "/products?sort=price"),
        ("https://shop.example/product/5", "/product/5"),
    ],
)
def test_an_address_of_the_shop_becomes_a_path(settings: Any, address: str, path: str) -> None:
    settings.ALLOWED_HOSTS = ["shop.example"]

    assert parse_page_address(address) == path


@pytest.mark.parametrize(
    "address",
    [
        "",
        "category/clothing",
        "javascript:alert(1)",
        "data:text/html,hello",
        "//elsewhere.example/",
        "/\\elsewhere.example/",
        "/\t/elsewhere.example/",
        "http://shop.example/product/5",
        "https://elsewhere.example/product/5",
        "https://shop.example//elsewhere.example/",
        "https://shop.example@elsewhere.example/",
        "https://[broken/",
    ],
)
def test_no_redirect_leaves_the_shop(settings: Any, address: str) -> None:
    settings.ALLOWED_HOSTS = ["shop.example"]

    with pytest.raises(InvalidInputError):
        parse_page_address(address)


def test_the_same_query_is_found_however_it_is_written() -> None:
    first = SearchRedirect.objects.create(query="Käse reiben", path="/products")

    same = find_same(SearchRedirect(query="KAESE  Reibe"), fields=["query"])
    other = find_same(SearchRedirect(query="Reibe"), fields=["query"])

    found: list[SearchRule | None] = [same, other, find_same(first, fields=["query"])]
    assert found == [first, None, None]
