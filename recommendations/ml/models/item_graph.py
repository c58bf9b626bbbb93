"""Random walks from item to shopper to item."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp

from recommendations.ml.data import Interactions
from recommendations.ml.models.base import ParamGrid
from recommendations.ml.models.item_to_item import ItemToItemRecommender, top_n_per_row
from recommendations.ml.sequences import Sequences

ITEMS_AT_ONCE = 1_000


class ItemGraphModel(ItemToItemRecommender):
    """RP3beta (Paudel et al. 2017): where a walk ends that goes to a shopper and on to an item.

    Both steps choose among all that lead on alike. The chance of an end, to the power `alpha`, is
    divided by the end's count of shoppers to the power `beta`, which holds popular items back.
    Order plays a part in the history alone.
    """

    name: ClassVar[str] = "item graph"
    uses_order: ClassVar[bool] = True
    param_grid: ClassVar[ParamGrid] = {
        "alpha": (0.6, 0.8, 1.0, 1.2, 1.5),
        "beta": (0.0, 0.15, 0.3, 0.45, 0.6),
    }

    def __init__(
        self,
        *,
        alpha: float = 1.0,
        beta: float = 0.3,
        n_neighbors: int = 300,
        position_decay: float = 0.6,
        position_decay_nonsequential: float = 0.95,
        decay_per_day: float = 0.1,
    ) -> None:
        self.alpha = alpha
        self.beta = beta
        self.n_neighbors = n_neighbors
        self.position_decay = position_decay
        self.position_decay_nonsequential = position_decay_nonsequential
        self.decay_per_day = decay_per_day

    def kernel(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return the chances of the likeliest ends, found for some items at a time."""
        n_items = interactions.n_items
        touched = sp.csr_array(
            (np.ones(len(sequences.items), np.float32), sequences.items, sequences.starts),
            shape=(interactions.n_users, n_items),
        )
        lengths = np.maximum(np.diff(sequences.starts), 1).astype(np.float32)
        counts = np.bincount(sequences.items, minlength=n_items)
        shoppers = np.maximum(counts, 1).astype(np.float32)
        to_items = sp.csr_array(sp.diags_array(1 / lengths) @ touched)
        to_shoppers = sp.csr_array(sp.diags_array(1 / shoppers) @ touched.T.tocsr())
        held_back = sp.diags_array(shoppers**-self.beta)
        blocks = []
        for first in range(0, n_items, ITEMS_AT_ONCE):
            walks = sp.csr_array(to_shoppers[first : first + ITEMS_AT_ONCE] @ to_items)
            walks.data **= self.alpha
            blocks.append(
                top_n_per_row(sp.csr_array(walks @ held_back), self.n_neighbors, first_row=first)
            )
        return sp.csr_array(sp.vstack(blocks)) if blocks else sp.csr_array((n_items, n_items))

    def get_params(self) -> Mapping[str, Any]:
        """Return the constructor's arguments."""
        return {
            "alpha": self.alpha,
            "beta": self.beta,
            "n_neighbors": self.n_neighbors,
            "position_decay": self.position_decay,
            "position_decay_nonsequential": self.position_decay_nonsequential,
            "decay_per_day": self.decay_per_day,
        }
