from dataclasses import replace

import numpy as np
import pytest

from recommendations.retrieval.documents import Document
from recommendations.retrieval.likeness import find_like
from recommendations.retrieval.segments import ProductState, SegmentedIndex
from recommendations.tests.retrieval.builders import make_index

KETTLE, SAME, HALF, OTHER = 1, 2, 3, 4
NAMES = ("steel kettle", "kettle steel", "steel bucket", "wooden desk")
WEIGHTS = {"steel": 1.0, "kettl": 1.0}
EAST, NORTH, NO_VECTOR = (127, 0), (0, 127), (0, 0)


def make_index_with_vectors(*vectors: tuple[int, int]) -> SegmentedIndex:
    index = make_index(*NAMES)
    stored = np.array(vectors, dtype=np.int8)
    return SegmentedIndex(index.tokenizer, [replace(index.segments[0], vectors=stored)])


def compare(
    index: SegmentedIndex, product_id: int = KETTLE, *, least: float = 0.0, by_meaning: bool = True
) -> dict[int, float]:
    found, likeness = find_like(index, product_id, WEIGHTS, 10, least=least, by_meaning=by_meaning)
    return dict(zip(found.tolist(), likeness.tolist(), strict=True))


def test_by_words_the_likeness_is_the_share_of_what_the_product_has_itself() -> None:
    assert compare(make_index(*NAMES)) == pytest.approx({SAME: 1.0, HALF: 0.5})


def test_where_both_have_a_vector_the_cosine_decides_three_tenths() -> None:
    index = make_index_with_vectors(EAST, NORTH, EAST, EAST)

    expected = {SAME: 0.7, HALF: 0.7 * 0.5 + 0.3, OTHER: 0.3}
    assert compare(index) == pytest.approx(expected)


def test_what_is_less_alike_is_left_out() -> None:
    index = make_index_with_vectors(EAST, NORTH, EAST, EAST)

    assert list(compare(index, least=0.5)) == [SAME, HALF]
    assert find_like(index, KETTLE, WEIGHTS, 1)[0].tolist() == [SAME]


def test_words_alone_decide_if_either_has_no_vector_or_the_shop_wants_no_meaning() -> None:
    by_words = pytest.approx({SAME: 1.0, HALF: 0.5})
    own_missing = make_index_with_vectors(NO_VECTOR, NORTH, EAST, EAST)
    all_there = make_index_with_vectors(EAST, NORTH, EAST, EAST)
    theirs_missing = make_index_with_vectors(EAST, NO_VECTOR, NORTH, NO_VECTOR)

    assert compare(own_missing) == by_words
    assert compare(all_there, by_meaning=False) == by_words
    assert compare(theirs_missing) == pytest.approx({SAME: 1.0, HALF: 0.35})


def test_a_product_without_a_vector_yet_is_compared_by_its_words() -> None:
    index = make_index_with_vectors(EAST, NORTH, EAST, EAST)
    on_sale = ProductState(is_on_sale=True, in_stock=True)
    new = 5
    index = index.follow({new: on_sale}, [Document(new, "steel kettle")])

    assert compare(index)[new] == pytest.approx(1.0)
    assert compare(index, new) == pytest.approx({KETTLE: 1.0, SAME: 1.0, HALF: 0.5})


def test_what_is_not_on_sale_is_not_like_anything() -> None:
    index = make_index_with_vectors(EAST, EAST, EAST, EAST)
    index = index.follow({SAME: ProductState(is_on_sale=False, in_stock=True)}, [])

    assert SAME not in compare(index)
    assert compare(index, SAME) == {}
    assert compare(SegmentedIndex(index.tokenizer, ())) == {}
