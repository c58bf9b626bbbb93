import pytest

from recommendations.retrieval.queries import read_query
from recommendations.retrieval.searching import search
from recommendations.tests.retrieval.builders import make_index

SHOP = make_index(
    *["Kettle", "Steel kettle", "Kettle stand"],
    *["Coffee grinder", "Coffee cup", "Steel mug"],
    *["Dish washer", "Small dish washer", "Dish washer salt"],
    *["Doorbell", "Wireless doorbell"],
    *["Kaffee Tasse", "Käse Reibe"],
)


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("kettel", ["kettle"]),
        ("ketle", ["kettle"]),
        ("cofee cupp", ["coffee", "cup"]),
        ("dishwasher", ["dish", "washer"]),
        ("kaffeetasse", ["kaffee", "tasse"]),
        ("Käsereibe", ["käse", "reibe"]),
    ],
)
def test_a_word_that_no_product_has_is_split_or_corrected(typed: str, searched: list[str]) -> None:
    query = read_query(typed, SHOP)

    assert (query.words, query.is_mended) == (searched, True)


@pytest.mark.parametrize("typed", ["kettles", "mug", "mgu", "refrigerator"])
def test_a_known_a_short_or_a_distant_word_stays_as_it_was_typed(typed: str) -> None:
    query = read_query(typed, SHOP)

    assert (query.words, query.is_mended) == ([typed], False)


def test_nothing_is_corrected_where_the_shopper_insists() -> None:
    query = read_query("kettel", SHOP, mends=False)

    assert (query.words, query.terms.weights) == (["kettel"], {})


def test_two_words_are_also_searched_as_the_one_that_the_shop_writes() -> None:
    query = read_query("door bell", SHOP)

    assert (query.words, query.is_mended) == (["door", "bell"], False)
    assert SHOP.find(query.terms, 10).product_ids.tolist() == [10, 11]


def test_the_word_that_is_being_typed_is_not_corrected() -> None:
    query = read_query("stel kettel", SHOP, is_typing=True)

    assert (query.words, query.is_mended) == (["steel", "kettel"], True)


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("shirrt", "shirt"),
        ("tommatoe", "tomato"),
        ("Kaffee", "coffee"),
        ("ettle", "kettle"),
        ("xettle", "kettle"),
        ("sneakers", "sneakers"),
        ("sneaker", "sneaker"),
        ("couch", "couch"),
        ("Müller", "müller"),
    ],
)
def test_doubled_letters_and_vowels_are_mistaken_first_and_real_words_never(
    typed: str, searched: str
) -> None:
    index = make_index(
        "Shirt",
        "Shirt",
        *["Skirt"] * 9,
        *["Speaker", "Touch", "Smaller"] * 2,
        *["Tomato", "Coffee", "Kettle", "Settee"] * 2,
    )

    assert search(typed, index).query.words == [searched]


def test_two_words_that_are_both_common_are_split_without_reading_all_names() -> None:
    index = make_index(*["Dish washer"] * 3, *["Dish"] * 20, *["Washer"] * 30)

    assert read_query("dishwasher", index).words == ["dish", "washer"]


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        *(("Tasse", "tasse"), ("Hemd", "hemd"), ("Zelt", "zelt"), ("Brot", "brot")),
        *(("tazte", "taste"), ("testt", "test"), ("baht", "bath"), ("tust", "test")),
        *(("hesd", "head"), ("bootz", "boot")),
    ],
)
def test_in_a_short_word_only_letters_that_are_mistaken_stand_for_another(
    typed: str, searched: str
) -> None:
    index = make_index(*["Taste", "Head", "Belt", "Boot", "Bath", "Test"] * 2)

    assert read_query(typed, index).words == [searched]
