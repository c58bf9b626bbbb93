"""Models of the library implicit, ranked by the same evaluation as our own."""

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
"""How much more a touched item counts than an untouched one; implicit's default is 1."""
REGULARIZATIONS = (0.01, 10.0)
FACTORS = (32, 128, 256)
LEARNING_RATES = (0.01, 0.05)
NEIGHBOURS = (20, 100, 500)
LENGTH_NORMS = (0.2, 0.75)


class Peer:
    """A model of implicit. Histories are folded in where the model can.

    BPR cannot: it scores with the factors that it learnt for the user of the case, and those who
    are new get none.
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
        """Learn from who touched what."""
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
            scores = (self._given(histories) @ self.model.similarity).toarray()
            return np.asarray(scores, dtype=np.float32)
        if not self.folds_in:
            users = np.array([self.user_of[id(history)] for history in histories])
            scores = self.model.user_factors[users] @ self.model.item_factors.T
            scores[~self.trained[users]] = np.nan
            return np.asarray(scores, dtype=np.float32)
        given = self._given(histories)
        shoppers = self.model.recalculate_user(np.arange(len(histories)), given)
        return np.asarray(shoppers @ self.model.item_factors.T, dtype=np.float32)

    def _given(self, histories: Sequence[History]) -> sp.csr_matrix:
        rows = np.repeat(np.arange(len(histories)), [len(history) for history in histories])
        items = np.concatenate([history.items for history in histories])
        given = sp.csr_matrix(
            (np.ones(len(rows), dtype=np.float32), (rows, items)),
            shape=(len(histories), self.n_items),
        )
        given.data[:] = 1
        return given.tocsr()


def peers(split: Split, validation: Split, *, seed: int = 42) -> dict[str, Peer]:
    """Return the models to stand beside ours, not fitted, each as strong as we can make it.

    Their settings are those with the best NDCG@10 on validation; ours are found there, too.
    """
    als = {
        f"ALS, {factors} factors, alpha {alpha:g}, regularization {regularization:g}": _als(
            factors, alpha, regularization, seed
        )
        for factors in FACTORS
        for alpha in ALPHAS
        for regularization in REGULARIZATIONS
    }
    bpr = {f"BPR, 64 factors, learning rate {rate:g}": _bpr(rate, seed) for rate in LEARNING_RATES}
    bm25 = {
        f"BM25, {neighbours} neighbours, B {norm:g}": _bm25(neighbours, norm)
        for neighbours in NEIGHBOURS
        for norm in LENGTH_NORMS
    }
    return {
        **_best(als, split, validation),
        **_best(bpr, split, validation, folds_in=False),
        **_best(bm25, split, validation),
    }


def _als(factors: int, alpha: float, regularization: float, seed: int) -> Callable[[], Any]:
    return lambda: AlternatingLeastSquares(
        factors=factors, alpha=alpha, regularization=regularization, random_state=seed
    )


def _bpr(learning_rate: float, seed: int) -> Callable[[], Any]:
    return lambda: BayesianPersonalizedRanking(
        factors=64, learning_rate=learning_rate, random_state=seed
    )


def _bm25(neighbours: int, length_norm: float) -> Callable[[], Any]:
    return lambda: BM25Recommender(K=neighbours, B=length_norm)


def _best(
    makers: Mapping[str, Callable[[], Any]],
    split: Split,
    validation: Split,
    *,
    folds_in: bool = True,
) -> dict[str, Peer]:
    """Return the one with the best NDCG@10 on validation, to be fitted for the split."""
    cases = sample_cases(validation, VALIDATION_CASES, seed=0)
    found = {}
    for name, make in makers.items():
        peer = Peer(make, cases, folds_in=folds_in)
        peer.fit(cases.training)
        found[name] = compute_accuracy(rank_ground_truth(peer, cases))["ndcg"].mean()
    best = max(found, key=found.__getitem__)
    return {f"implicit {best}": Peer(makers[best], split, folds_in=folds_in)}
