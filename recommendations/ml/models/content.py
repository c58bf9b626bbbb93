"""Content-based similarity: items with similar attributes."""

from dataclasses import dataclass
from typing import ClassVar

import scipy.sparse as sp

from recommendations.ml.attributes import build_attribute_matrix
from recommendations.ml.data import Interactions
from recommendations.ml.models.item_to_item import ItemToItemRecommender, top_n_per_row
from recommendations.ml.models.registry import register
from recommendations.ml.sequences import Sequences

ITEMS_PER_BLOCK = 1_000


@register("content")
@dataclass(eq=False, kw_only=True)
class ContentModel(ItemToItemRecommender):
    """Scores by the cosine of attributes: categories, brand and words of the name, IDF-weighted.

    A new item has a score from the first training that has it in the catalogue.
    """

    knows_new_items: ClassVar[bool] = True

    def similarity_matrix(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return the cosines of the nearest items, computed block by block."""
        return find_nearest(build_attribute_matrix(interactions.catalogue), self.n_neighbors)


def find_nearest(attributes: sp.csr_array, n: int) -> sp.csr_array:
    """Return the n largest cosines of each item with the others; the rows have length 1 or 0."""
    n_items = attributes.shape[0]
    transposed = attributes.T.tocsr()
    blocks = []
    for first in range(0, n_items, ITEMS_PER_BLOCK):
        cosines = sp.csr_array(attributes[first : first + ITEMS_PER_BLOCK] @ transposed)
        blocks.append(top_n_per_row(cosines, n, first_row=first))
    return sp.csr_array(sp.vstack(blocks)) if blocks else sp.csr_array((n_items, n_items))
