"""Models of the library implicit, ranked by the same evaluation as our own."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import BM25Recommender

from recommendations.ml.evaluation import Split
from recommendations.ml.interactions import FloatArray, History, Interactions


class Peer:
    """A model of implicit. Histories are folded in where the model can.

    BPR cannot: it scores with the factors that it learnt for the user of the case, and those who
    are new get none.
    """

    def __init__(self, model: Any, split: Split, *, folds_in: bool = True) -> None:
        self.model = model
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


def peers(split: Split, *, seed: int = 42) -> dict[str, Peer]:
    """Return the models to stand beside ours, not fitted."""
    bpr = BayesianPersonalizedRanking(factors=64, random_state=seed)
    return {
        **{
            f"implicit ALS, {factors} factors": Peer(
                AlternatingLeastSquares(factors=factors, random_state=seed), split
            )
            for factors in (32, 128)
        },
        "implicit BPR, 64 factors": Peer(bpr, split, folds_in=False),
        "implicit BM25, 100 neighbours": Peer(BM25Recommender(K=100), split),
    }
