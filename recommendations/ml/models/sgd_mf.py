"""Matrix factorization by stochastic gradient descent."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, History, Interactions
from recommendations.ml.models.base import DECAYS_PER_DAY, ParamGrid
from recommendations.ml.models.latent_factors import LatentFactorRecommender, max_factors_for
from recommendations.ml.numerics.sgd_kernels import rating_pass, rows_by_user, sampled_softmax_epoch
from recommendations.ml.sequences import build_sequences

Objective = Literal["next_item", "rating"]

MAX_TRAINING_STEPS = 4_000_000
"""After how many steps enough is learnt; with a million next items more made lists worse."""
MIN_EPOCHS = 4
PARTS_PER_THREAD = 16
"""Threads take parts of the users as they get done: one that is held up holds up no other."""


class MatrixFactorizationModel(LatentFactorRecommender):
    """User and item factors by stochastic gradient descent, compiled.

    `next_item`: a shopper is the recency-weighted sum of the source vectors of the items before
    (as in FISM, Kabbur et al. 2013), trained to tell the item that came next from `n_negatives`
    drawn at random (sampled softmax), with AdaGrad steps (Duchi et al. 2011). Where most
    neighbours in time are tied, each pass shuffles every user's items: any of them may be asked
    for, given others. The more there is to learn from, the fewer of the `n_epochs` are needed:
    they end after `MAX_TRAINING_STEPS` steps, but not before `MIN_EPOCHS`.

    `rating`: biased squared error of the interaction weights, which ratings scale (Koren et al.
    2009); each pass shuffles the users and what each of them did. A shopper's vector is the ridge
    solution on the fixed item factors, so one unseen in training is scored like any other. It
    predicts how much an item will be liked, not whether it is touched at all: rankings of
    everything are better from `next_item`.

    On one thread the same seed gives the same factors. More threads move the same factors without
    locks (Hogwild, Recht et al. 2011): faster, as good, and never twice the same.
    """

    name: ClassVar[str] = "factorization"
    uses_order: ClassVar[bool] = True

    def __init__(
        self,
        *,
        objective: Objective = "next_item",
        n_factors: int = 64,
        n_epochs: int = 20,
        n_negatives: int = 32,
        learning_rate: float = 0.1,
        dropout: float = 0.3,
        history_length: int = 12,
        position_decay: float = 0.7,
        position_decay_nonsequential: float = 0.95,
        rating_learning_rate: float = 0.01,
        rating_regularization: float = 0.05,
        decay_per_day: float = 0.1,
        n_threads: int = 1,
        seed: int = 42,
    ) -> None:
        self.objective = objective
        self.n_factors = n_factors
        self.n_epochs = n_epochs
        self.n_negatives = n_negatives
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.history_length = history_length
        self.position_decay = position_decay
        self.position_decay_nonsequential = position_decay_nonsequential
        self.rating_learning_rate = rating_learning_rate
        self.rating_regularization = rating_regularization
        self.decay_per_day = decay_per_day
        self.n_threads = n_threads
        self.seed = seed

    def fit(self, interactions: Interactions) -> Self:
        """Learn the factors; items without interactions get no opinion."""
        rng = np.random.default_rng(self.seed)
        touched = np.bincount(interactions.items, minlength=interactions.n_items) > 0
        if self.objective == "rating":
            self._fit_ratings(interactions, rng)
        else:
            self._fit_next_items(interactions, rng)
        self.input_factors_[~touched] = 0
        self.bias_[~touched] = np.nan
        return self

    def entry_vectors(self, history: History) -> FloatArray:
        """Return each entry's source vector times its weight, or its part in the ridge solution."""
        if self.objective == "next_item":
            return super().entry_vectors(history)
        factors = self.input_factors_[history.items]
        surprise = history.weights - np.nan_to_num(self.bias_[history.items])
        ridge = self.rating_regularization * len(history) * np.eye(factors.shape[1])
        solved = np.linalg.solve(factors.T @ factors + ridge, factors.T).T
        vectors: FloatArray = (solved * surprise[:, np.newaxis]).astype(np.float32)
        return vectors

    def inference_param_grid(self) -> ParamGrid:
        """Return how fast a history may age; how fast it fades by position is trained with."""
        return {"decay_per_day": DECAYS_PER_DAY}

    def get_params(self) -> Mapping[str, Any]:
        """Return the constructor's arguments."""
        return {
            "objective": self.objective,
            "n_factors": self.n_factors,
            "n_epochs": self.n_epochs,
            "n_negatives": self.n_negatives,
            "learning_rate": self.learning_rate,
            "dropout": self.dropout,
            "history_length": self.history_length,
            "position_decay": self.position_decay,
            "position_decay_nonsequential": self.position_decay_nonsequential,
            "rating_learning_rate": self.rating_learning_rate,
            "rating_regularization": self.rating_regularization,
            "decay_per_day": self.decay_per_day,
            "n_threads": self.n_threads,
            "seed": self.seed,
        }

    def _fit_next_items(self, interactions: Interactions, rng: np.random.Generator) -> None:
        sequences = build_sequences(interactions)
        self.is_sequential_ = ordered = sequences.is_sequential
        _, affordable = max_factors_for(interactions.n_items)
        shape = (interactions.n_items, min(self.n_factors, affordable))
        self.input_factors_, self.item_factors_ = (_random_factors(shape, rng) for _ in range(2))
        self.bias_ = np.zeros(interactions.n_items, dtype=np.float32)
        adagrad_accumulators = np.zeros((3, interactions.n_items), dtype=np.float32)
        states = self._random_states()
        touched = np.unique(sequences.items)
        owners = np.repeat(np.arange(interactions.n_users), np.diff(sequences.starts))
        items = sequences.items
        enough = max(MAX_TRAINING_STEPS // max(len(items), 1), MIN_EPOCHS)

        def learn(part: int, users: NDArray[np.int64]) -> None:
            sampled_softmax_epoch(
                users,
                sequences.starts,
                items,
                touched,
                self.input_factors_,
                self.item_factors_,
                self.bias_,
                adagrad_accumulators,
                states[part],
                self.n_negatives,
                self.history_length,
                self.history_decay,
                self.learning_rate,
                self.dropout,
            )

        for _ in range(min(self.n_epochs, enough)):
            users = rng.permutation(interactions.n_users)
            if not ordered:
                items = sequences.items[np.lexsort((rng.random(len(owners)), owners))]
            _side_by_side(learn, users, self.n_threads)

    def _fit_ratings(self, interactions: Interactions, rng: np.random.Generator) -> None:
        mean = interactions.weights.mean() if len(interactions) else np.float32(0)
        users = _random_factors((interactions.n_users, self.n_factors), rng)
        items = _random_factors((interactions.n_items, self.n_factors), rng)
        user_bias = np.zeros(interactions.n_users, dtype=np.float32)
        item_bias = np.zeros(interactions.n_items, dtype=np.float32)
        states = self._random_states()
        starts, rows = rows_by_user(interactions.users, interactions.n_users)
        # A user's rows stand side by side, and are shuffled there.
        rated, given = interactions.items[rows], interactions.weights[rows] - mean

        def learn(part: int, visited: NDArray[np.int64]) -> None:
            rating_pass(
                visited,
                starts,
                rated,
                given,
                users,
                items,
                user_bias,
                item_bias,
                states[part],
                self.rating_learning_rate,
                self.rating_regularization,
            )

        for _ in range(self.n_epochs):
            _side_by_side(learn, rng.permutation(interactions.n_users), self.n_threads)
        self.input_factors_ = self.item_factors_ = items
        self.bias_ = item_bias + mean
        self.is_sequential_ = False

    def _random_states(self) -> list[NDArray[np.uint64]]:
        """Return where each part's random numbers begin."""
        return [
            np.array([2 * self.seed + 1 + (part << 40)], dtype=np.uint64)
            for part in range(_n_parts(self.n_threads))
        ]


def _random_factors(shape: tuple[int, int], rng: np.random.Generator) -> FloatArray:
    return rng.normal(0, 0.1, shape).astype(np.float32)


def _n_parts(n_threads: int) -> int:
    return PARTS_PER_THREAD * n_threads if n_threads > 1 else 1


def _side_by_side(
    learn: Callable[[int, NDArray[np.int64]], None], users: NDArray[np.int64], n_threads: int
) -> None:
    """Let threads learn from the parts of the users; compiled passes hold no lock."""
    if n_threads == 1:
        learn(0, users)
        return
    n_parts = _n_parts(n_threads)
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(learn, range(n_parts), np.array_split(users, n_parts)))
