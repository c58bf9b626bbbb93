from typing import Any

import pytest

from recommendations.choices import RuleAction
from recommendations.errors import InvalidInputError
from recommendations.models import MerchandisingRule, Product
from recommendations.services.people.subjects import Subject
from recommendations.services.search import live_index, query
from recommendations.services.search.query import (
    Correction,
    find_products,
    rank_matches,
    search_products,
)
from recommendations.services.shop.catalogue import set_active
from recommendations.services.shop.categories import set_categories
from recommendations.tests.builders import make_product, make_products, make_variant

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
    everywhere = make_product(name="Desk", brand="Lamp & Son", category="Lamp", description="Lamp")
    named = make_product(name="Lamp")

    found = search_products(text="lamp", subject=None, count=10)

    assert [entry.product for entry in found] == [named, everywhere]


def test_a_product_that_has_few_of_the_words_is_not_found() -> None:
    make_product(name="Lamp")
    words = "brass desk lamp with a green glass shade and a switch"
    asked = make_product(name=words)

    found = find_products(text=words)

    assert found.product_ids == [asked.pk]


def test_a_long_query_is_cut() -> None:
    lamp = make_product(name="Lamp")

    found = find_products(text="lamp " + " ".join(f"word{number}" for number in range(500)))

    assert found.product_ids == [lamp.pk]


def test_inflections_and_units_are_one_word() -> None:
    drill = make_product(name="Drills, 5 lbs, 10x12")

    found = [find_products(text=text).product_ids for text in ("drill", "5 pound", "10 X 12")]

    assert found == [[drill.pk]] * 3


def test_the_forms_of_the_words_that_matched_are_named() -> None:
    make_product(name="Battery with two batteries")

    assert list(find_products(text="battery").terms) == ["batteries", "battery"]


@pytest.mark.parametrize("code", ["AB-1200", "ab1200", "sku 77"])
def test_a_sku_or_an_own_id_finds_its_product_first(code: str) -> None:
    make_product(name="AB 1200 SKU 77")
    named = make_product(name="Lamp", sku="SKU-77", external_id="AB-1200", source="shop")

    found = find_products(text=code)

    assert (found.product_ids[0], found.relevance[0]) == (named.pk, 1.0)


def test_a_word_that_is_being_typed_is_found_by_its_beginning() -> None:
    kettle, _ = make_product(name="Steel kettle"), make_product(name="Steel pan")

    assert find_products(text="steel ket", is_typing=True).product_ids[0] == kettle.pk
    assert find_products(text="ket").product_ids == []


@pytest.mark.parametrize("text", ["MÜLLER", "muller", "mueller"])
def test_all_spellings_of_an_umlaut_are_found(text: str) -> None:
    mill = make_product(name="Müllers Mühle")

    assert find_products(text=text).product_ids == [mill.pk]


def test_a_correction_says_what_was_searched_instead() -> None:
    kettle = make_product(name="Kettle")

    mended = find_products(text="kettel")
    as_typed = find_products(text="kettel", as_typed=True)

    assert mended.correction == Correction(original="kettel", searched="kettle")
    assert (mended.product_ids, as_typed.product_ids) == ([kettle.pk], [])
    assert as_typed.correction is None


def test_a_changed_product_is_found_by_its_new_words_at_once() -> None:
    product, other = make_product(name="Lamp"), make_product(name="Chair")
    assert find_products(text="lamp").product_ids == [product.pk]

    Product.objects.filter(pk=product.pk).update(name="Kettle")
    other.name = "Lamp"
    other.save(update_fields=["name"])

    assert find_products(text="lamp").product_ids == [other.pk]
    assert find_products(text="kettle").product_ids == [product.pk]


def test_a_product_is_found_while_it_is_on_sale() -> None:
    product = make_product(name="Lamp", is_active=False)
    found = [find_products(text="lamp").product_ids]

    for is_active in (True, False, True):
        set_active([product.pk], active=is_active)
        found.append(find_products(text="lamp").product_ids)

    assert found == [[], [product.pk], [], [product.pk]]


def test_a_new_variant_and_a_new_category_are_found() -> None:
    product = make_product(name="Hoodie")
    assert find_products(text="petrol").product_ids == []

    make_variant(product, options={"Colour": "Petrol"}, sku="HOOD-P")
    set_categories({product.pk: ["Clothing > Jumpers", "Warm things"]})

    found = [
        find_products(text=text).product_ids for text in ("petrol", "hood-p", "warm", "jumper")
    ]
    assert found == [[product.pk]] * 4


def test_many_changes_are_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_index, "MAX_SEGMENTS", 2)
    products = make_products(6)
    find_products(text="product")

    for number, product in enumerate(products):
        Product.objects.filter(pk=product.pk).update(name=f"Lamp {number}")
        find_products(text="lamp")

    assert set(find_products(text="lamp").product_ids) == {product.pk for product in products}
    index = live_index.get_current()
    assert index is not None
    assert len(index.segments) == 2


@pytest.mark.parametrize("text", ["", "   "])
def test_a_blank_search_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        search_products(text=text, subject=None, count=10)

    assert refusal.value.field == "q"


def taste_of(product: Product) -> Any:
    return lambda **asked: dict.fromkeys(asked["product_ids"], 0.0) | {product.pk: 0.9}


def test_taste_orders_what_is_about_equally_relevant_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    described = make_product(name="Green desk", description="for a lamp")
    older, newer = make_product(name="Desk lamp"), make_product(name="Wall lamp")
    subject = Subject(session_id="visitor")

    found = {}
    for liked in (older, described):
        monkeypatch.setattr(query, "score_personalization", taste_of(liked))
        found[liked] = list(rank_matches(text="lamp", subject=subject).product_ids)

    assert found == {
        older: [older.pk, newer.pk, described.pk],
        described: [newer.pk, older.pk, described.pk],
    }


@pytest.mark.parametrize("text", ["desk lamp", "LP-1", "shop-lamp", "Norden"])
def test_what_is_named_exactly_stands_first_whatever_the_taste(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    columns = {"sku": "LP-1", "external_id": "shop-lamp", "source": "shop", "brand": "Norden"}
    named = make_product(name="Desk lamp", **columns)
    other = make_product(name="Desk lamp LP 1 shop lamp Norden")
    monkeypatch.setattr(query, "score_personalization", taste_of(other))

    ranked = rank_matches(text=text, subject=Subject(session_id="visitor"))

    assert ranked.product_ids == [named.pk, other.pk]


def test_sold_out_products_stand_last_unless_they_are_named_exactly() -> None:
    sold_out = make_product(name="Red desk lamp", sku="L1", stock=0)
    left = make_product(name="Desk lamp with a long arm", stock=1)
    found = [find_products(text=text) for text in ("lamp desk", "L1")]

    Product.objects.filter(pk=left.pk).update(stock=0)
    Product.objects.filter(pk=sold_out.pk).update(stock=5)

    assert [each.product_ids for each in found] == [[left.pk, sold_out.pk], [sold_out.pk]]
    assert found[0].sold_out == {sold_out.pk}
    assert find_products(text="lamp desk").product_ids == [sold_out.pk, left.pk]


def test_a_bury_decides_between_equal_matches_and_a_hide_does_not() -> None:
    older, newer = make_product(name="Desk lamp"), make_product(name="Wall lamp", brand="Norden")
    other = make_product(name="Lamp of quite another kind")
    MerchandisingRule.objects.create(action=RuleAction.BURY.value, brand="Norden")
    MerchandisingRule.objects.create(action=RuleAction.HIDE.value, product=older)

    ranked = rank_matches(text="lamp", subject=None)

    assert ranked.product_ids == [older.pk, newer.pk, other.pk]
