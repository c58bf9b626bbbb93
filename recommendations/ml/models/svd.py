"""Collaborative filtering by truncated singular value decomposition."""

from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.ml.data import Catalogue, Interactions
from recommendations.ml.models.base import DECAYS_PER_DAY, Grid, ParamGrid, PositionDecay
from recommendations.ml.models.cold_start import add_attribute_prior
from recommendations.ml.models.latent_factors import (
    MIN_FACTORS,
    LatentFactorRecommender,
    limit_factors,
)
from recommendations.ml.models.registry import register
from recommendations.ml.models.transitions import count_transitions
from recommendations.ml.numerics.svd_solver import (
    Decomposition,
    compute_svd,
    decompose_columns,
    decompose_gram,
)
from recommendations.ml.sequences import Sequences, build_sequences

ITEMS_PER_FACTOR = 20
"""A catalogue needs this many items for each factor, lest the factors overfit."""
MAX_NEIGHBORS = 1_000
"""How many of the largest transitions of each item are decomposed."""
MAX_GRAM_ITEMS = 25_000
"""The Gram matrix of users × items of a larger catalogue may not fit into memory."""
MIN_NORM = 1e-30


@register("collaborative")
@dataclass(eq=False, kw_only=True)
class CollaborativeFilteringModel(LatentFactorRecommender):
    """Truncated singular value decomposition of item transitions or of the user × item matrix.

    If timestamps order the interactions, the item × item matrix of `count_transitions` is
    decomposed into `U s Vᵀ`. The similarities are `U √s Vᵀ`: the exponent ½ keeps the largest
    singular values, which stand for popular items, from outweighing the others.

    If most consecutive interactions are tied (baskets, imported ratings), the user × item matrix is
    decomposed, with its rows divided by their norms and its columns by the square roots of their
    norms. Ratings, repeats and age weigh the matrix; interaction types do not, since a purchase
    says no more about which items go together than a view does. The similarities are `V s Vᵀ`, with
    the columns' scale restored. Singular values of baskets lie close together: an approximate
    decomposition leaves the last factors to chance, so up to `MAX_GRAM_ITEMS` items it is exact.

    A user vector is the weighted sum of the history items' input factors. Items with few shoppers
    get a prior from their attributes on their input factors (`cold_start`); an item without
    interactions can stand in a history but is not recommended.

    Small catalogues get fewer factors lest they overfit, large ones lest requests take long.
    """

    n_factors: int = 512
    window: int = 50
    distance_exponent: float = 0.4
    backward_weight: float = 0.2
    position_decay: PositionDecay = 0.6
    decay_per_day: Annotated[float, Grid(DECAYS_PER_DAY), Grid(DECAYS_PER_DAY, refit=False)] = 0.1
    seed: int = 42

    def fit(self, interactions: Interactions) -> Self:
        """Decompose the matrix of the interactions; items without any get no opinion."""
        n_items, catalogue = interactions.n_items, interactions.catalogue
        untyped = interactions.with_uniform_type_weights()
        sequences = build_sequences(untyped, untyped.decay_weights(self.decay_per_day))
        n_users = np.bincount(sequences.items, minlength=n_items)
        if sequences.is_sequential:
            transitions = count_transitions(
                sequences,
                n_items,
                window=self.window,
                distance_exponent=self.distance_exponent,
                backward_weight=self.backward_weight,
                n_neighbors=MAX_NEIGHBORS,
            )
            return self.fit_transitions(transitions, n_users, catalogue)
        matrix, column_norms = _normalize_matrix(sequences, n_items)
        n_factors = self._limit_factors(matrix.shape)
        decompose = decompose_columns if n_items <= MAX_GRAM_ITEMS else compute_svd
        svd = decompose(matrix, n_factors, seed=self.seed) if n_factors and matrix.nnz else None
        return self._set_decomposition(svd, n_users, catalogue, column_norms=column_norms)

    def fit_transitions(
        self, transitions: sp.csr_array, n_users: NDArray[np.int64], catalogue: Catalogue
    ) -> Self:
        """Learn from the transitions between items that `n_users` users touched."""
        n_factors = self._limit_factors(transitions.shape)
        is_possible = n_factors and transitions.nnz
        svd = compute_svd(transitions, n_factors, seed=self.seed) if is_possible else None
        return self._set_decomposition(svd, n_users, catalogue)

    def fit_gram(
        self,
        gram: sp.csr_array,
        column_norms: NDArray[np.float64],
        n_users: NDArray[np.int64],
        catalogue: Catalogue,
        *,
        n_rows: int,
    ) -> Self:
        """Learn from the Gram matrix of the normalized user × item matrix of `n_rows` users."""
        n_factors = self._limit_factors((n_rows, gram.shape[0]))
        svd = decompose_gram(gram, n_factors, seed=self.seed) if n_factors and gram.nnz else None
        return self._set_decomposition(svd, n_users, catalogue, column_norms=column_norms)

    def _limit_factors(self, shape: tuple[int, ...]) -> int:
        """Return how many factors a matrix of this shape has at most; its columns are items."""
        return max(min(self.n_factors, choose_n_factors(shape[1]), min(shape) - 1), 0)

    def _set_decomposition(
        self,
        svd: Decomposition | None,
        n_users: NDArray[np.int64],
        catalogue: Catalogue,
        *,
        column_norms: NDArray[np.float64] | None = None,
    ) -> Self:
        """Set the factors; those of users × items have the norms of its columns."""
        n_items = len(n_users)
        is_sequential = column_norms is None
        norms = np.ones(n_items) if column_norms is None else column_norms
        if svd is None:
            left, right = np.zeros((n_items, 1)), np.zeros((n_items, 1))
        else:
            # Each side gets half the power: U √s Vᵀ of transitions, V s Vᵀ of users × items.
            power = svd.singular ** (0.25 if is_sequential else 0.5)
            left = (svd.left if is_sequential else svd.right) * power
            right = svd.right * power
        input_factors = (left * norms[:, np.newaxis] ** -0.5).astype(np.float32)
        has_opinion = (n_users > 0) & (svd is not None)
        return self.set_factors(
            add_attribute_prior(input_factors, n_users, catalogue),
            np.ascontiguousarray(right * norms[:, np.newaxis] ** 0.5, dtype=np.float32),
            np.where(has_opinion, 0, np.nan).astype(np.float32),
            is_sequential=is_sequential,
        )

    def inference_param_grid(self) -> ParamGrid:
        """Return the decays of a history; `decay_per_day` of the user × item matrix needs a fit."""
        grid = dict(super().inference_param_grid())
        if not self.is_sequential_:
            del grid["decay_per_day"]
        return grid


def choose_n_factors(n_items: int) -> int:
    """Return the number of factors that neither overfits nor slows requests down."""
    max_factors, _ = limit_factors(n_items)
    return max(MIN_FACTORS, min(n_items // ITEMS_PER_FACTOR, max_factors))


def _normalize_matrix(
    sequences: Sequences, n_items: int
) -> tuple[sp.csr_array, NDArray[np.float64]]:
    """Return users × items with both sides normalized, and the norm of each item's column."""
    n_users = len(sequences.starts) - 1
    matrix = sp.csr_array(
        (sequences.weights, sequences.items, sequences.starts), shape=(n_users, n_items)
    )
    row_norms = np.sqrt(np.asarray(matrix.power(2).sum(axis=1)).ravel())
    unit_rows = sp.csr_array(sp.diags_array(1 / np.maximum(row_norms, MIN_NORM)) @ matrix)
    column_norms = np.sqrt(np.asarray(unit_rows.power(2).sum(axis=0)).ravel())
    column_norms = np.where(column_norms > 0, column_norms, 1)
    return sp.csr_array(unit_rows @ sp.diags_array(column_norms**-0.5)), column_norms
