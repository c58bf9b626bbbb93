"""Items that are described alike."""

from collections.abc import Mapping
from typing import Any, ClassVar

import scipy.sparse as sp

from recommendations.ml.attributes import build_attribute_matrix
from recommendations.ml.data import Interactions
from recommendations.ml.models.item_to_item import ItemToItemRecommender, top_n_per_row
from recommendations.ml.sequences import Sequences

ITEMS_AT_ONCE = 1_000


class ContentModel(ItemToItemRecommender):
    """Scores by the cosine of attributes: categories, brand and words of the name, IDF-weighted.

    A new item has a score from the first training that sees it in the catalogue.
    """

    name: ClassVar[str] = "content"
    scores_new_items: ClassVar[bool] = True
    uses_order: ClassVar[bool] = True

    def __init__(
        self,
        *,
        n_neighbors: int = 300,
        position_decay: float = 0.7,
        position_decay_nonsequential: float = 0.95,
        decay_per_day: float = 0.1,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.position_decay = position_decay
        self.position_decay_nonsequential = position_decay_nonsequential
        self.decay_per_day = decay_per_day

    def kernel(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return the nearest by cosine, found for some items at a time."""
        attributes = build_attribute_matrix(interactions.catalogue)
        n_items = interactions.n_items
        of_all = attributes.T.tocsr()
        blocks = []
        for first in range(0, n_items, ITEMS_AT_ONCE):
            alike = sp.csr_array(attributes[first : first + ITEMS_AT_ONCE] @ of_all)
            blocks.append(top_n_per_row(alike, self.n_neighbors, first_row=first))
        if not blocks:
            return sp.csr_array((n_items, n_items))
        return sp.csr_array(sp.vstack(blocks))

    def get_params(self) -> Mapping[str, Any]:
        """Return the constructor's arguments."""
        return {
            "n_neighbors": self.n_neighbors,
            "position_decay": self.position_decay,
            "position_decay_nonsequential": self.position_decay_nonsequential,
            "decay_per_day": self.decay_per_day,
        }
