from dataclasses import replace

import numpy as np
import pytest

from recommendations.retrieval.covering import cover_by_meaning
from recommendations.retrieval.documents import Document
from recommendations.retrieval.queries import read_query
from recommendations.retrieval.segments import ProductState, SegmentedIndex
from recommendations.retrieval.word_vectors import WordVectors, choose_words
from recommendations.tests.retrieval.builders import TOKENIZER, make_index

ON_SALE = ProductState(is_on_sale=True, in_stock=True)
NAMES = ["Oak sofa", "Oak couch", "Oak kettle", "Sofa", "Couch", "Kettle"]
SOFA, COUCH, KETTLE, OAK = [127, 0, 0], [114, 56, 0], [0, 0, 127], [0, 127, 0]
"""The cosine of sofa and couch is 0.9."""


def cover(text: str, index: SegmentedIndex, product_ids: list[int]) -> tuple[list[float], ...]:
    terms = read_query(text, index).terms
    found = cover_by_meaning(index, np.array(product_ids), [terms])
    return tuple(one.round(2).tolist() for one in found)


def make_furniture() -> SegmentedIndex:
    index = make_index(*NAMES)
    segment = index.segments[0]
    words = choose_words(segment.index, TOKENIZER)
    known = {"sofa": SOFA, "couch": COUCH, "kettle": KETTLE, "oak": OAK}
    vectors = np.array([known[word] for word in words.values()], dtype=np.int8)
    found = WordVectors.build(words, vectors, len(segment.index.terms))
    return SegmentedIndex(TOKENIZER, [replace(segment, word_vectors=found)])


def test_a_word_of_the_name_that_means_nearly_the_same_counts_nearly_as_much() -> None:
    coverage, _ = cover("sofa", make_furniture(), [4, 5, 6])

    assert coverage == [1.0, pytest.approx(0.8, abs=0.02), 0.0]


def test_without_vectors_of_words_only_the_same_word_counts() -> None:
    coverage, _ = cover("sofa", make_index(*NAMES), [4, 5, 6])

    assert coverage == [1.0, 0.0, 0.0]


def test_a_word_in_the_description_covers_less_than_in_the_name() -> None:
    documents = [
        Document(1, "Sofa"),
        Document(2, "Dumbbell", description="From the sofa to the marathon."),
        Document(3, "Kettle", brand="Sofa"),
    ]
    index = SegmentedIndex(TOKENIZER, ()).follow(dict.fromkeys((1, 2, 3), ON_SALE), documents)

    (named, described, branded), _ = cover("sofa", index, [1, 2, 3])

    assert named == 1.0
    assert 0 < described < 0.3 < branded < 1


def test_the_longest_run_of_the_words_of_a_query_counts_by_its_share() -> None:
    index = make_index("Steel kettle stand", "Stand, steel, for a kettle", "Kettle", "Mug")

    _, runs = cover("steel kettle stand", index, [1, 2, 3, 4])

    assert runs == [1.0, pytest.approx(0.33), pytest.approx(0.33), 0.0]


def test_a_product_that_changed_since_is_covered_by_its_new_name() -> None:
    index = make_furniture().follow({6: ON_SALE}, [Document(6, "Sofa bed")])

    coverage, _ = cover("sofa", index, [6])

    assert coverage == [1.0]
