"""Which items the same shoppers touch."""

import numpy as np
import scipy.sparse as sp

from recommendations.ml.data import Interactions
from recommendations.ml.models.item_to_item import top_n_per_row

ITEMS_PER_BLOCK = 1_000


def find_what_goes_together(interactions: Interactions, n_neighbors: int) -> sp.csr_array:
    """Return the cosines of the columns of the shopper × item matrix whose rows have length 1."""
    shape = (interactions.n_users, interactions.n_items)
    touched = sp.csr_array(
        (np.ones(len(interactions)), (interactions.users, interactions.items)), shape=shape
    )
    touched.sum_duplicates()
    touched.data[:] = 1
    per_user = np.maximum(np.asarray(touched.sum(axis=1)).ravel(), 1)
    per_item = np.maximum(np.asarray(touched.sum(axis=0)).ravel(), 1)
    scaled = sp.csr_array(sp.diags_array(per_user**-0.5) @ touched @ sp.diags_array(per_item**-0.5))
    of_items = scaled.T.tocsr()
    blocks = [
        top_n_per_row(
            sp.csr_array(of_items[first : first + ITEMS_PER_BLOCK] @ scaled),
            n_neighbors,
            first_row=first,
        )
        for first in range(0, interactions.n_items, ITEMS_PER_BLOCK)
    ]
    if not blocks:
        return sp.csr_array((0, 0))
    return sp.csr_array(sp.vstack(blocks))
