import pytest

from recommendations.errors import InvalidInputError
from recommendations.models import Product
from recommendations.services.search import live_index
from recommendations.services.search.query import Correction, find_products
from recommendations.services.search.ranking import search_products
from recommendations.services.shop.catalogue import set_active
from recommendations.services.shop.categories import set_categories
from recommendations.tests.builders import make_product, make_products, make_variant

pytestmark = pytest.mark.django_db


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


def test_sold_out_products_stand_last_unless_they_are_named_exactly() -> None:
    sold_out = make_product(name="Red desk lamp", sku="L1", stock=0)
    left = make_product(name="Desk lamp with a long arm", stock=1)
    found = [find_products(text=text) for text in ("lamp desk", "L1")]

    Product.objects.filter(pk=left.pk).update(stock=0)
    Product.objects.filter(pk=sold_out.pk).update(stock=5)

    assert [each.product_ids for each in found] == [[left.pk, sold_out.pk], [sold_out.pk]]
    assert found[0].sold_out == {sold_out.pk}
    assert find_products(text="lamp desk").product_ids == [sold_out.pk, left.pk]
