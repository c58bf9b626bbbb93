"""Ridge regression of the next items on the items before, in closed form."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import scipy.sparse as sp

from recommendations.ml.data import Catalogue, FloatArray, Interactions
from recommendations.ml.models.base import Grid
from recommendations.ml.models.dense_neighbors import add_attributes, invert, keep_largest
from recommendations.ml.models.item_to_item import ItemToItemRecommender
from recommendations.ml.models.next_item_equations import NextItemEquations, build_equations
from recommendations.ml.models.registry import register
from recommendations.ml.sequences import Sequences

MAX_ITEMS = 25_000
"""Larger catalogues are not fitted: at this size, a dense items × items matrix takes 2.5 GB."""


@register("ridge")
@dataclass(eq=False, kw_only=True)
class NextItemRidge(ItemToItemRecommender):
    """Predicts the items after each step of a user linearly from the items before it.

    Let X be the decayed past of every step, Y its decayed future, Z the user × item matrix, A the
    similarity of attributes, a the `attribute_weight`, λ the `regularization` and f the
    `order_share`. The model solves
    `(f XᵀX + (1-f) ZᵀZ + a A + λ I) B = f XᵀY + (1-f) ZᵀZ + a A`, with the diagonal of the right
    side set to 0. This is EASE (Steck 2019) with order and side information. Each row of B keeps
    its largest values.

    A matrix is dense during the fit, so the model has no opinion on any item of a catalogue
    with more than `MAX_ITEMS`.
    """

    order_share: float = 0.7
    attribute_weight: Annotated[float, Grid((0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0))] = 10.0
    regularization: Annotated[float, Grid((5.0, 10.0, 20.0, 50.0, 100.0, 200.0))] = 20.0
    past_decay: float = 0.7
    future_decay: float = 0.5
    n_neighbors: int = 500

    def similarity_matrix(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return the largest values of B."""
        n_items = interactions.n_items
        if n_items > MAX_ITEMS or not len(interactions):
            return sp.csr_array((n_items, n_items))
        equations = build_equations(
            sequences,
            n_items,
            order_share=self.order_share if sequences.is_sequential else 0.0,
            past_decay=self.past_decay,
            future_decay=self.future_decay,
        )
        return self.solve(equations, interactions.catalogue)

    def solve(self, equations: NextItemEquations, catalogue: Catalogue) -> sp.csr_array:
        """Return the largest values of B of these equations."""
        gram = add_attributes(equations.left, catalogue, self.attribute_weight)
        # B = P (P⁻¹ − λ I + beyond) = I − λ P + P beyond, so no second dense matrix is needed.
        right_diagonal = sp.diags_array(gram.diagonal() + equations.beyond.diagonal())
        beyond = sp.csr_array(equations.beyond - right_diagonal).astype(np.float32)
        inverse = invert(gram, self.regularization)
        columns_of_beyond = beyond.T.tocsr()

        def compute_rows(first: int, last: int) -> FloatArray:
            # The inverse is symmetric, so its rows are its columns.
            columns = np.ascontiguousarray(inverse[:, first:last])
            rows: FloatArray = (
                columns_of_beyond @ columns - self.regularization * columns
            ).T.astype(np.float32)
            return rows

        return keep_largest(compute_rows, len(catalogue), self.n_neighbors)
