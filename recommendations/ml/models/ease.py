"""EASE: each product is explained by the others, in closed form."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import scipy.sparse as sp

from recommendations.ml.data import Catalogue, FloatArray, Interactions
from recommendations.ml.models.base import Grid, PositionDecay
from recommendations.ml.models.dense_neighbors import add_attributes, invert, keep_largest
from recommendations.ml.models.item_to_item import ItemToItemRecommender
from recommendations.ml.models.next_item_equations import build_equations
from recommendations.ml.models.registry import register
from recommendations.ml.sequences import Sequences

MAX_ITEMS = 6_000
"""At this size, a fit takes a few seconds and 0.3 GB; time grows with the cube of it."""


@register("ease")
@dataclass(eq=False, kw_only=True)
class EaseModel(ItemToItemRecommender):
    """EASE (Steck 2019) with attributes: B minimizes ‖X − XB‖² + λ‖B‖², with a diagonal of 0.

    X is the user × item matrix, completed by a row for each attribute. With
    `P = (XᵀX + λ I)⁻¹`, B is `−P` with each column divided by its diagonal value. Each row of B
    keeps its largest values. The order of a history counts by its decay only.

    P is dense during the fit, so the model has no opinion on any item of a catalogue with more than
    `MAX_ITEMS`.
    """

    regularization: Annotated[float, Grid((20.0, 50.0, 100.0, 200.0, 500.0, 1000.0))] = 100.0
    attribute_weight: Annotated[float, Grid((0.0, 1.0, 3.0, 10.0, 30.0))] = 1.0
    n_neighbors: int = 500
    position_decay: PositionDecay = 0.6

    def similarity_matrix(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return the largest values of B."""
        n_items = interactions.n_items
        if n_items > MAX_ITEMS or not len(interactions):
            return sp.csr_array((n_items, n_items))
        touched = build_equations(sequences, n_items, order_share=0.0).left
        return self.solve(touched, interactions.catalogue)

    def solve(self, touched: sp.csr_array, catalogue: Catalogue) -> sp.csr_array:
        """Return the largest values of B; `touched` is XᵀX without the rows of attributes."""
        gram = add_attributes(touched, catalogue, self.attribute_weight)
        inverse = invert(gram, self.regularization)
        scale = -1 / np.diag(inverse)

        def compute_rows(first: int, last: int) -> FloatArray:
            rows: FloatArray = (inverse[first:last] * scale).astype(np.float32)
            return rows

        return keep_largest(compute_rows, len(catalogue), self.n_neighbors)
