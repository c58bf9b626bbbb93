"""Models of the library implicit, for the same evaluation as ours."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import BM25Recommender

from recommendations.ml.data import FloatArray, History, Interactions
from recommendations.ml.evaluation.metrics import compute_accuracy, rank_ground_truth
from recommendations.ml.evaluation.splits import Split
from recommendations.ml.tuning.hyperparameters import sample_cases

VALIDATION_CASES = 2_000
ALPHAS = (1.0, 10.0, 40.0)
"""Confidence of an interaction relative to none; the default of implicit is 1."""
REGULARIZATIONS = (0.01, 10.0)
FACTORS = (32, 128, 256)
LEARNING_RATES = (0.01, 0.05)
NEIGHBOURS = (20, 100, 500)
LENGTH_NORMS = (0.2, 0.75)


class Peer:
    """A model of implicit, which scores histories by fold-in if the model can.

    BPR cannot fold in: it scores with the factors that it learnt for the user of the case. A new
    user has no scores.
    """

    def __init__(self, make: Callable[[], Any], split: Split, *, folds_in: bool = True) -> None:
        self.make = make
        self.folds_in = folds_in
        self.user_of = {
            id(history): int(user)
            for history, user in zip(split.histories, split.users, strict=True)
        }
        self.trained = np.bincount(split.training.users, minlength=split.training.n_users) > 0

    def fit(self, training: Interactions) -> None:
        """Fit the model to the binary user-item matrix."""
        self.n_items = training.n_items
        matrix = sp.csr_matrix(
            (np.ones(len(training), dtype=np.float32), (training.users, training.items)),
            shape=(training.n_users, training.n_items),
        )
        matrix.data[:] = 1
        self.model = self.make()
        self.model.fit(matrix, show_progress=False)

    def score(self, histories: Sequence[History]) -> FloatArray:
        """Return scores of every item, shape (len(histories), n_items)."""
        if hasattr(self.model, "similarity"):
            scores = (self._build_matrix(histories) @ self.model.similarity).toarray()
            return np.asarray(scores, dtype=np.float32)
        if not self.folds_in:
            users = np.array([self.user_of[id(history)] for history in histories])
            scores = self.model.user_factors[users] @ self.model.item_factors.T
            scores[~self.trained[users]] = np.nan
            return np.asarray(scores, dtype=np.float32)
        matrix = self._build_matrix(histories)
        shoppers = self.model.recalculate_user(np.arange(len(histories)), matrix)
        return np.asarray(shoppers @ self.model.item_factors.T, dtype=np.float32)

    def _build_matrix(self, histories: Sequence[History]) -> sp.csr_matrix:
        rows = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
        items = np.concatenate([history.items for history in histories])
        matrix = sp.csr_matrix(
            (np.ones(len(rows), dtype=np.float32), (rows, items)),
            shape=(len(histories), self.n_items),
        )
        matrix.data[:] = 1
        return matrix.tocsr()


def make_peers(split: Split, validation: Split, *, seed: int = 42) -> dict[str, Peer]:
    """Return the unfitted models of implicit, with the settings of the best NDCG@10 on validation.

    The parameters of our models are tuned on validation, too.
    """
    als = {
        f"ALS, {factors} factors, alpha {alpha:g}, regularization {regularization:g}": _make_als(
            factors, alpha, regularization, seed
        )
        for factors in FACTORS
        for alpha in ALPHAS
        for regularization in REGULARIZATIONS
    }
    bpr = {
        f"BPR, 64 factors, learning rate {rate:g}": _make_bpr(rate, seed) for rate in LEARNING_RATES
    }
    bm25 = {
        f"BM25, {neighbours} neighbours, B {norm:g}": _make_bm25(neighbours, norm)
        for neighbours in NEIGHBOURS
        for norm in LENGTH_NORMS
    }
    return {
        **_choose_best(als, split, validation),
        **_choose_best(bpr, split, validation, folds_in=False),
        **_choose_best(bm25, split, validation),
    }


def _make_als(factors: int, alpha: float, regularization: float, seed: int) -> Callable[[], Any]:
    return lambda: AlternatingLeastSquares(
        factors=factors, alpha=alpha, regularization=regularization, random_state=seed
    )


def _make_bpr(learning_rate: float, seed: int) -> Callable[[], Any]:
    return lambda: BayesianPersonalizedRanking(
        factors=64, learning_rate=learning_rate, random_state=seed
    )


def _make_bm25(neighbours: int, length_norm: float) -> Callable[[], Any]:
    return lambda: BM25Recommender(K=neighbours, B=length_norm)


def _choose_best(
    makers: Mapping[str, Callable[[], Any]],
    split: Split,
    validation: Split,
    *,
    folds_in: bool = True,
) -> dict[str, Peer]:
    """Return the model with the best NDCG@10 on validation, unfitted."""
    cases = sample_cases(validation, VALIDATION_CASES, seed=0)
    ndcg = {}
    for name, make in makers.items():
        peer = Peer(make, cases, folds_in=folds_in)
        peer.fit(cases.training)
        ndcg[name] = compute_accuracy(rank_ground_truth(peer, cases))["ndcg"].mean()
    best = max(ndcg, key=ndcg.__getitem__)
    return {f"implicit {best}": Peer(makers[best], split, folds_in=folds_in)}
