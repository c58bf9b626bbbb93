"""Matrix factorization by stochastic gradient descent."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, Interactions
from recommendations.ml.models.base import ParamGrid
from recommendations.ml.models.latent_factors import LatentFactorRecommender, limit_factors
from recommendations.ml.models.registry import register
from recommendations.ml.numerics.sgd_kernels import run_softmax_epoch
from recommendations.ml.sequences import build_sequences

MAX_TRAINING_STEPS = 4_000_000
"""Training ends after this many steps; a million more made lists worse."""
MIN_EPOCHS = 4


@register("factorization")
@dataclass(eq=False, kw_only=True)
class MatrixFactorizationModel(LatentFactorRecommender):
    """Learns input and item factors by compiled stochastic gradient descent.

    A user vector is the recency-weighted sum of the input factors of the preceding items (as in
    FISM, Kabbur et al. 2013). A sampled softmax trains it to rank the next item above `n_negatives`
    random items, with AdaGrad steps (Duchi et al. 2011). If timestamps do not order the
    interactions, each epoch shuffles the items of every user, so that any item may be the next.
    Training ends after `n_epochs` or, if that is earlier, after `MAX_TRAINING_STEPS` steps but at
    least `MIN_EPOCHS`. The same seed gives the same factors.
    """

    n_factors: int = 64
    n_epochs: int = 20
    n_negatives: int = 32
    learning_rate: float = 0.1
    dropout: float = 0.3
    history_length: int = 12
    seed: int = 42

    def fit(self, interactions: Interactions) -> Self:
        """Learn the factors; items without interactions get no opinion."""
        rng = np.random.default_rng(self.seed)
        sequences = build_sequences(interactions)
        self.is_sequential_ = sequences.is_sequential
        _, max_factors = limit_factors(interactions.n_items)
        shape = (interactions.n_items, min(self.n_factors, max_factors))
        input_factors, item_factors = (_draw_factors(shape, rng) for _ in range(2))
        bias = np.zeros(interactions.n_items, dtype=np.float32)
        adagrad_accumulators = np.zeros((3, interactions.n_items), dtype=np.float32)
        random_state = np.array([2 * self.seed + 1], dtype=np.uint64)
        touched = np.unique(sequences.items)
        user_of_index = np.repeat(np.arange(interactions.n_users), np.diff(sequences.starts))
        items = sequences.items
        max_epochs = max(MAX_TRAINING_STEPS // max(len(items), 1), MIN_EPOCHS)
        for _ in range(min(self.n_epochs, max_epochs)):
            users: NDArray[np.int64] = rng.permutation(interactions.n_users)
            if not self.is_sequential_:
                items = sequences.items[np.lexsort((rng.random(len(user_of_index)), user_of_index))]
            run_softmax_epoch(
                users,
                sequences.starts,
                items,
                touched,
                input_factors,
                item_factors,
                bias,
                adagrad_accumulators,
                random_state,
                self.n_negatives,
                self.history_length,
                self.history_decay,
                self.learning_rate,
                self.dropout,
            )
        is_touched = np.bincount(interactions.items, minlength=interactions.n_items) > 0
        input_factors[~is_touched] = 0
        bias[~is_touched] = np.nan
        return self.set_factors(
            input_factors, item_factors, bias, is_sequential=self.is_sequential_
        )

    def inference_param_grid(self) -> ParamGrid:
        """Return the grid without position decays: the factors are trained for one."""
        grid = super().inference_param_grid()
        return {name: grid[name] for name in grid if not name.startswith("position_decay")}


def _draw_factors(shape: tuple[int, int], rng: np.random.Generator) -> FloatArray:
    return rng.normal(0, 0.1, shape).astype(np.float32)
