from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.category_paths import get_name
from recommendations.retrieval.documents import Document
from recommendations.retrieval.meaning import add_meaning
from recommendations.retrieval.queries import read_query
from recommendations.retrieval.searching import search
from recommendations.retrieval.segments import Matches, ProductState, SegmentedIndex
from recommendations.retrieval.sentence_encoder import SentenceEncoder
from recommendations.tests.retrieval.builders import make_index
from recommendations.tests.sample_data.test_tastes import shop

NAMES = ("Trail running shoe", "Steel kettle", "Wooden desk", "Leather boot", "Bookshelf speaker")


def replace_vectors(index: SegmentedIndex, vectors: NDArray[np.int8]) -> SegmentedIndex:
    return SegmentedIndex(index.tokenizer, [replace(index.segments[0], vectors=vectors)])


def read_relevance(matches: Matches) -> dict[int, float]:
    return dict(zip(matches.product_ids.tolist(), matches.relevance.tolist(), strict=True))


@cache
def load_encoder() -> SentenceEncoder:
    return SentenceEncoder()


def make_index_with_vectors() -> SegmentedIndex:
    index = make_index(*NAMES)
    vectors = load_encoder().encode(NAMES)
    return SegmentedIndex(index.tokenizer, [replace(index.segments[0], vectors=vectors)])


def find(text: str, index: SegmentedIndex) -> list[int]:
    return list(search(text, index, encoder=load_encoder()).product_ids)


def test_texts_of_similar_meaning_have_a_high_cosine() -> None:
    vectors = load_encoder().encode(["running shoe", "sneaker", "kettle"]).astype(float)

    cosines = vectors @ vectors[0] / np.linalg.norm(vectors, axis=1) / np.linalg.norm(vectors[0])

    assert cosines[1] > 0.5 > cosines[2]


def test_the_order_of_texts_does_not_change_their_vectors() -> None:
    texts = ["kettle", "a much longer text about a wooden desk", "boot"]

    there, back = load_encoder().encode(texts), load_encoder().encode(texts[::-1])

    assert np.abs(there.astype(int) - back[::-1]).max() <= 2


def test_a_product_without_any_of_the_words_is_found_by_meaning() -> None:
    index = make_index_with_vectors()

    assert search("jogging footwear", index).product_ids == []
    assert find("jogging footwear", index)[0] == 1


def test_what_has_the_words_stands_before_what_only_means_the_same() -> None:
    assert find("leather boot", make_index_with_vectors())[0] == 4


def test_a_product_that_changed_since_is_found_by_its_words_alone() -> None:
    on_sale = ProductState(is_on_sale=True, in_stock=True)
    index = make_index_with_vectors().follow({1: on_sale}, [Document(1, "Tea pot")])

    assert find("tea pot", index)[0] == 1
    assert 1 not in find("jogging footwear", index)


def test_a_real_word_that_the_shop_does_not_know_is_not_taken_for_another() -> None:
    index = make_index_with_vectors()

    assert search("sneakers", index).product_ids == []
    assert find("sneakers", index)[0] in {1, 4}


def make_sample_index() -> SegmentedIndex:
    """Return an index of one product of each type of the sample shop."""
    by_type = {str(one.attributes["type"]): one for one in shop().catalogue.products}
    names = [f"{one.name}, {get_name(one.category)}" for one in by_type.values()]
    index = make_index(*names)
    return replace_vectors(index, load_encoder().encode(names))


SAMPLE = cache(make_sample_index)


@pytest.mark.parametrize(
    "text",
    [
        *("qwrtzx", "asdfgh", "asdf", "jkljkl", "yxcvbn", "lkjhgf", "zzzzzz", "qwertz uiopü"),
        *("saxophone", "poncho", "Gabel", "Teppich"),
    ],
)
def test_what_the_hand_slipped_to_and_what_the_shop_has_nothing_like_finds_nothing(
    text: str,
) -> None:
    assert find(text, SAMPLE()) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sofa", "Armchair"),
        ("couch", "Armchair"),
        ("sneakers", "Running Shoe"),
        ("earphones", "Earbuds"),
        ("wristwatch", "Smartwatch"),
        ("jogging footwear", "Running Shoe"),
        ("armchairs", "Armchair"),
    ],
)
def test_a_real_word_that_no_product_has_finds_what_means_the_same(text: str, kind: str) -> None:
    by_type = list({str(one.attributes["type"]): None for one in shop().catalogue.products})

    found = [by_type[product_id - 1] for product_id in find(text, SAMPLE())]

    assert kind in found[:3]


def test_a_product_is_lifted_by_its_neighbours_and_none_sinks() -> None:
    names = [*["Steel kettle, small"] * 6, *["Kettle jug"] * 2, *["Spare part of a kettle"] * 6]
    index = make_index(*names)
    kettles, parts = np.eye(2, dtype=np.int8) * 100
    vectors = np.array([*[kettles] * 7, *[parts] * 7])
    terms = read_query("steel kettle", index).terms
    matches = index.find(terms, 20)
    no_vector = np.zeros(2, dtype=np.int8)

    plain, lifted = (
        read_relevance(add_meaning(matches, [terms], replace_vectors(index, found), no_vector, 20))
        for found in (np.zeros_like(vectors), vectors)
    )

    assert plain[7] == plain[8]
    assert lifted[7] > lifted[8]
    assert all(lifted[one] >= plain[one] for one in plain)
