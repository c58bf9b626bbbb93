"""Random walks from an item to a shopper and on to another item."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import scipy.sparse as sp

from recommendations.ml.data import Interactions
from recommendations.ml.models.base import Grid, PositionDecay
from recommendations.ml.models.item_to_item import ItemToItemRecommender, top_n_per_row
from recommendations.ml.models.registry import register
from recommendations.ml.sequences import Sequences

ITEMS_PER_BLOCK = 1_000
MAX_ITEMS_PER_SHOPPER = 2_000
"""How many of a shopper's newest items count: their pairs grow with the square of them."""


@register("item graph")
@dataclass(eq=False, kw_only=True)
class ItemGraphModel(ItemToItemRecommender):
    """RP3beta (Paudel et al. 2017): P(a walk item → shopper → item ends at the other item).

    Each step chooses uniformly among the shoppers of the item, then among the items of the shopper.
    The similarity is that probability to the power `alpha`, divided by the other item's count of
    shoppers to the power `beta`, which penalizes popular items. Training ignores the order of
    interactions; the history's decay does not.
    """

    alpha: Annotated[float, Grid((0.6, 0.8, 1.0, 1.2, 1.5))] = 1.0
    beta: Annotated[float, Grid((0.0, 0.15, 0.3, 0.45, 0.6))] = 0.3
    position_decay: PositionDecay = 0.6

    def similarity_matrix(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return the largest similarities of each item, computed block by block.

        Walks are summed in double precision, as an engine sums them.
        """
        n_items = interactions.n_items
        counts = np.bincount(sequences.items, minlength=n_items)
        sequences = sequences.keep_newest(len(interactions), per_user=MAX_ITEMS_PER_SHOPPER)
        touched = sp.csr_array(
            (np.ones(len(sequences.items)), sequences.items, sequences.starts),
            shape=(interactions.n_users, n_items),
        )
        items_per_shopper = np.maximum(np.diff(sequences.starts), 1).astype(np.float64)
        shoppers_per_item = np.maximum(counts, 1).astype(np.float64)
        to_items = sp.csr_array(sp.diags_array(1 / items_per_shopper) @ touched)
        to_shoppers = sp.csr_array(sp.diags_array(1 / shoppers_per_item) @ touched.T.tocsr())
        popularity_penalty = sp.diags_array(shoppers_per_item**-self.beta)
        blocks = []
        for first in range(0, n_items, ITEMS_PER_BLOCK):
            walks = sp.csr_array(to_shoppers[first : first + ITEMS_PER_BLOCK] @ to_items)
            walks.data **= self.alpha
            similarities = sp.csr_array(walks @ popularity_penalty)
            blocks.append(top_n_per_row(similarities, self.n_neighbors, first_row=first))
        return sp.csr_array(sp.vstack(blocks)) if blocks else sp.csr_array((n_items, n_items))
