from dataclasses import replace

import numpy as np

from recommendations.retrieval.neighbours import DOUBLE_COST, spread_doubles
from recommendations.retrieval.segments import SegmentedIndex
from recommendations.tests.retrieval.builders import TOKENIZER, make_index


def test_a_double_of_a_better_product_stands_behind_what_is_nearly_as_good() -> None:
    index = make_index("Red lamp", "Blue lamp", "Desk", "Stool")
    vectors = np.array([[127, 0], [127, 0], [0, 127], [0, 0]], dtype=np.int8)
    index = SegmentedIndex(TOKENIZER, [replace(index.segments[0], vectors=vectors)])
    relevance = np.array([0.9, 0.89, 0.88, 0.87], dtype=np.float32)

    apart = spread_doubles(relevance, np.arange(1, 5), index)

    assert np.allclose(apart, [0.9, 0.89 - DOUBLE_COST, 0.88, 0.87])


def test_what_is_far_more_relevant_stays_before_others() -> None:
    index = make_index("Red lamp", "Blue lamp", "Desk")
    vectors = np.array([[127, 0], [127, 0], [0, 127]], dtype=np.int8)
    index = SegmentedIndex(TOKENIZER, [replace(index.segments[0], vectors=vectors)])

    apart = spread_doubles(np.array([0.9, 0.89, 0.5], dtype=np.float32), np.arange(1, 4), index)

    assert apart[0] > apart[1] > apart[2]
