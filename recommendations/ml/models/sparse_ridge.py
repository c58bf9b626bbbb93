"""The next-item ridge with each item explained by its nearest neighbors only."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import scipy.sparse as sp
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.attributes import build_attribute_matrix
from recommendations.ml.data import Catalogue, FloatArray, Interactions, RowArray
from recommendations.ml.models.base import Grid
from recommendations.ml.models.content import find_nearest
from recommendations.ml.models.item_to_item import ItemToItemRecommender, top_n_per_row
from recommendations.ml.models.next_item_equations import build_equations
from recommendations.ml.models.registry import register
from recommendations.ml.sequences import Sequences

MAX_STEPS = 1_000_000
"""How many interactions are learnt from: of larger logs, the newest ones."""
MAX_ITEMS_PER_USER = 200
"""How many of a user's newest items: the equations have a cell for each pair of them."""
CONTENT_SHARE = 0.5
"""At most this share of an item's inputs comes from its attributes alone."""


@register("sparse ridge")
@dataclass(eq=False, kw_only=True)
class SparseRidge(ItemToItemRecommender):
    """Solves the equations of `NextItemRidge` for each item on a small support, as SLIM does.

    The scores of an item depend on the `n_inputs` items that the right side of the equations names
    first, measured in standard deviations of the left side; all other weights are 0 (Ning and
    Karypis 2011). So nothing is dense: an item costs about a millisecond, in a catalogue of any
    size.

    The grids have what `NextItemRidge` explains.
    """

    order_share: Annotated[float, Grid((0.3, 0.5, 0.7, 0.85))] = 0.7
    attribute_weight: Annotated[float, Grid((0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0))] = 5.0
    regularization: Annotated[float, Grid((2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0))] = 50.0
    past_decay: float = 0.5
    future_decay: float = 0.5
    n_inputs: int = 200
    n_neighbors: int = 500

    def similarity_matrix(self, interactions: Interactions, sequences: Sequences) -> sp.csr_array:
        """Return B."""
        newest = sequences.keep_newest(MAX_STEPS, per_user=MAX_ITEMS_PER_USER)
        return self.solve(newest, interactions.catalogue, is_sequential=sequences.is_sequential)

    def solve(
        self, newest: Sequences, catalogue: Catalogue, *, is_sequential: bool
    ) -> sp.csr_array:
        """Return B, learnt from these newest items of the users."""
        n_items = len(catalogue)
        if not len(newest.items):
            return sp.csr_array((n_items, n_items))
        equations = build_equations(
            newest,
            n_items,
            order_share=self.order_share if is_sequential else 0.0,
            past_decay=self.past_decay,
            future_decay=self.future_decay,
        )
        attributes = build_attribute_matrix(catalogue)
        alike = find_nearest(attributes, int(CONTENT_SHARE * self.n_inputs))
        right = equations.left + equations.beyond + self.attribute_weight * alike
        diagonal = equations.left.diagonal() + self.attribute_weight * (
            np.diff(attributes.indptr) > 0
        )
        scale = sp.diags_array((diagonal + self.regularization) ** -0.5)
        inputs = top_n_per_row(sp.csr_array((scale @ right).T.tocsr()), self.n_inputs)
        weights = _solve_columns(
            _to_arrays(inputs),
            _to_arrays(sp.csr_array(right.T.tocsr())),
            _to_arrays(equations.left),
            _to_arrays(attributes),
            attributes.shape[1],
            self.attribute_weight,
            self.regularization,
        )
        solution = sp.csr_array((weights, inputs.indices, inputs.indptr), shape=inputs.shape)
        return sp.csr_array(solution.T.tocsr())


CsrArrays = tuple[NDArray[np.int64], RowArray, FloatArray]


def _to_arrays(matrix: sp.csr_array) -> CsrArrays:
    matrix.sort_indices()
    return (
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float32),
    )


@njit(cache=True, nogil=True)
def _solve_columns(
    inputs: CsrArrays,
    right: CsrArrays,
    left: CsrArrays,
    attributes: CsrArrays,
    n_attributes: int,
    attribute_weight: float,
    regularization: float,
) -> FloatArray:
    """Return the weight of each input of each item; row i of `inputs` and `right` is item i's.

    The left side of an item's equations has the rows and columns of its inputs.
    """
    starts, items, _ = inputs
    right_starts, right_items, right_values = right
    left_starts, left_items, left_values = left
    weights = np.zeros(len(items), dtype=np.float32)
    place_of_item = np.full(len(starts) - 1, -1, dtype=np.int64)
    for item in range(len(starts) - 1):
        own = items[starts[item] : starts[item + 1]]
        if len(own) == 0:
            continue
        for place, other in enumerate(own):
            place_of_item[other] = place
        gram = _multiply_attributes(own, attributes, n_attributes, attribute_weight)
        wanted = np.zeros(len(own))
        for place, other in enumerate(own):
            gram[place, place] += regularization
            for cell in range(left_starts[other], left_starts[other + 1]):
                if place_of_item[left_items[cell]] >= 0:
                    gram[place, place_of_item[left_items[cell]]] += left_values[cell]
        for cell in range(right_starts[item], right_starts[item + 1]):
            if place_of_item[right_items[cell]] >= 0:
                wanted[place_of_item[right_items[cell]]] = right_values[cell]
        weights[starts[item] : starts[item + 1]] = np.linalg.solve(gram, wanted)
        for other in own:
            place_of_item[other] = -1
    return weights


@njit(cache=True, nogil=True)
def _multiply_attributes(
    items: RowArray, attributes: CsrArrays, n_attributes: int, weight: float
) -> NDArray[np.float64]:
    """Return the cosines of the attributes of each pair of these items times the weight."""
    starts, columns, values = attributes
    products = np.zeros((len(items), len(items)))
    dense = np.zeros(n_attributes)
    for row, item in enumerate(items):
        for cell in range(starts[item], starts[item + 1]):
            dense[columns[cell]] = weight * values[cell]
        for column in range(row, len(items)):
            total = 0.0
            other = items[column]
            for cell in range(starts[other], starts[other + 1]):
                total += dense[columns[cell]] * values[cell]
            products[row, column] = products[column, row] = total
        for cell in range(starts[item], starts[item + 1]):
            dense[columns[cell]] = 0
    return products
