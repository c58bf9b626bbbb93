"""Collaborative filtering by truncated singular value decomposition."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.ml.data import Interactions
from recommendations.ml.models.base import DECAYS_PER_DAY, ParamGrid
from recommendations.ml.models.cold_start import add_attribute_prior
from recommendations.ml.models.latent_factors import (
    MIN_FACTORS,
    LatentFactorRecommender,
    max_factors_for,
)
from recommendations.ml.models.transitions import count_transitions
from recommendations.ml.numerics.svd_solver import truncated_svd
from recommendations.ml.sequences import Sequences, build_sequences

ITEMS_PER_FACTOR = 20
"""With fewer items to a factor, a small catalogue is learnt by heart instead of by its tastes."""
MAX_NEIGHBORS = 1_000
"""How many of an item's strongest neighbours are decomposed."""
SMALLEST = 1e-30


class CollaborativeFilteringModel(LatentFactorRecommender):
    """Truncated singular value decomposition of what follows what, or of who touched what.

    Where times order the interactions, an item × item kernel is decomposed: each pair of items
    that one user touched within `window` steps counts `steps ** -distance_exponent` from the
    earlier to the later and `backward_weight` of that the other way round; popular items are held
    back. The factors of `U s Vᵀ` become `U √s Vᵀ`, which keeps the head of the spectrum from
    drowning the niches.

    Where most neighbours in time are tied (baskets, imported ratings), the user × item matrix is
    decomposed, users brought to unit length and items divided by the square root of theirs. It is
    weighted by ratings, repeats and age; in it, a purchase says no more of what goes with what
    than a view does. Scores are `V s Vᵀ` of the history, brought back to the items' own scale: the
    smaller a singular value, the less its direction says, so the count of factors hardly matters.

    A shopper's vector is the history times the item factors. Each step back in the history counts
    `position_decay` where order means something, `position_decay_nonsequential` where it does not.
    In a history, items that few have touched also say what those described alike would
    (`ml.priors`); what nobody has touched is not recommended all the same.

    Small catalogues get fewer factors, or they would be learnt by heart, and so do large ones, so
    that a request still passes over them in milliseconds.
    """

    name: ClassVar[str] = "collaborative"
    uses_order: ClassVar[bool] = True
    param_grid: ClassVar[ParamGrid] = {"decay_per_day": DECAYS_PER_DAY}

    def __init__(
        self,
        *,
        n_factors: int = 512,
        window: int = 50,
        distance_exponent: float = 0.4,
        backward_weight: float = 0.2,
        position_decay: float = 0.6,
        position_decay_nonsequential: float = 0.95,
        decay_per_day: float = 0.1,
        seed: int = 42,
    ) -> None:
        self.n_factors = n_factors
        self.window = window
        self.distance_exponent = distance_exponent
        self.backward_weight = backward_weight
        self.position_decay = position_decay
        self.position_decay_nonsequential = position_decay_nonsequential
        self.decay_per_day = decay_per_day
        self.seed = seed

    def fit(self, interactions: Interactions) -> Self:
        """Decompose the kernel of the interactions; items without any get no opinion."""
        n_items = interactions.n_items
        alike = interactions.with_uniform_type_weights()
        sequences = build_sequences(alike, alike.decay_weights(self.decay_per_day))
        ordered = sequences.is_sequential
        if ordered:
            kernel = count_transitions(
                sequences,
                n_items,
                window=self.window,
                distance_exponent=self.distance_exponent,
                backward_weight=self.backward_weight,
                n_neighbors=MAX_NEIGHBORS,
            )
            before, after = np.ones(n_items), np.ones(n_items)
        else:
            kernel, lengths = _normalised_matrix(sequences, n_items)
            before, after = lengths**-0.5, lengths**0.5
        n_factors = min(self.n_factors, choose_n_factors(n_items), min(kernel.shape) - 1)
        if n_factors < 1 or not kernel.nnz:
            left, right = np.zeros((n_items, 1)), np.zeros((n_items, 1))
        else:
            found = truncated_svd(kernel, n_factors, seed=self.seed)
            # Scores are U √s Vᵀ of the kernel, or V s Vᵀ of the matrix, half the power each side.
            half = found.singular ** (0.25 if ordered else 0.5)
            left = (found.left if ordered else found.right) * half
            right = found.right * half
        n_users = np.bincount(sequences.items, minlength=n_items)
        sources = (left * before[:, np.newaxis]).astype(np.float32)
        self.input_factors_ = add_attribute_prior(sources, n_users, interactions.catalogue)
        self.item_factors_ = np.ascontiguousarray(right * after[:, np.newaxis], dtype=np.float32)
        opinions = (n_users > 0) & (n_factors > 0) & (kernel.nnz > 0)
        self.bias_ = np.where(opinions, 0, np.nan).astype(np.float32)
        self.is_sequential_ = ordered
        return self

    def inference_param_grid(self) -> ParamGrid:
        """Return how fast a history may fade; without order, what is decomposed ages as well."""
        free = dict(super().inference_param_grid())
        if not self.is_sequential_:
            del free["decay_per_day"]
        return free

    def get_params(self) -> Mapping[str, Any]:
        """Return the constructor's arguments."""
        return {
            "n_factors": self.n_factors,
            "window": self.window,
            "distance_exponent": self.distance_exponent,
            "backward_weight": self.backward_weight,
            "position_decay": self.position_decay,
            "position_decay_nonsequential": self.position_decay_nonsequential,
            "decay_per_day": self.decay_per_day,
            "seed": self.seed,
        }


def choose_n_factors(n_items: int) -> int:
    """Return how many factors a catalogue can fill and a request can afford."""
    affordable, _ = max_factors_for(n_items)
    return max(MIN_FACTORS, min(n_items // ITEMS_PER_FACTOR, affordable))


def _normalised_matrix(
    sequences: Sequences, n_items: int
) -> tuple[sp.csr_array, NDArray[np.float64]]:
    """Return users × items with both sides normalised, and the length of each item's column."""
    n_users = len(sequences.starts) - 1
    matrix = sp.csr_array(
        (sequences.weights, sequences.items, sequences.starts), shape=(n_users, n_items)
    )
    of_user = np.sqrt(np.asarray(matrix.power(2).sum(axis=1)).ravel())
    of_unit_length = sp.csr_array(sp.diags_array(1 / np.maximum(of_user, SMALLEST)) @ matrix)
    of_item = np.sqrt(np.asarray(of_unit_length.power(2).sum(axis=0)).ravel())
    of_item = np.where(of_item > 0, of_item, 1)
    return sp.csr_array(of_unit_length @ sp.diags_array(of_item**-0.5)), of_item
