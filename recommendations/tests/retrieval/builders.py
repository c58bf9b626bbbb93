"""Indexes of names, which tests of retrieval state."""

import numpy as np

from recommendations.retrieval.documents import Document
from recommendations.retrieval.indexing import build_index
from recommendations.retrieval.segments import Segment, SegmentedIndex
from recommendations.retrieval.tokens import Tokenizer

TOKENIZER = Tokenizer(("en", "de"))


def make_index(*names: str) -> SegmentedIndex:
    """Return an index of products with these names, whose ids count from 1."""
    documents = [Document(number, name) for number, name in enumerate(names, start=1)]
    index = build_index(documents, TOKENIZER)
    is_current = np.ones(len(index), dtype=np.float32)
    return SegmentedIndex(TOKENIZER, [Segment(index, is_current, is_current > 0)])
