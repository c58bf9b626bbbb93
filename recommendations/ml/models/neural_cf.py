"""Neural collaborative filtering: a network judges how a shopper's vector and an item's fit."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.models.base import HistoryRecommender, ParamGrid, State
from recommendations.ml.models.network import NetworkRecommender
from recommendations.ml.models.reach import ReachRecommender
from recommendations.ml.models.registry import register
from recommendations.ml.neural.collaborative_training import (
    CollaborativeArrays,
    train_collaborative,
)
from recommendations.ml.neural.windows import Windows
from recommendations.ml.numerics.scoring_kernels import weigh_rows
from recommendations.ml.numerics.topk import TopK, build_top_k
from recommendations.ml.sequences import build_sequences
from recommendations.progress import Progress

LATER_SHARE = 0.3
"""A recency-weighted mean says less of order than of taste, so more targets are later items."""
N_JUDGED = 500
"""The factors choose this many items for the layers, so that a request costs the same in any
catalogue."""
WIDE, NARROW = 128, 64
N_PATH_STEPS = 16


@dataclass(frozen=True, slots=True)
class FoldedHistory:
    """A history's vectors, and the items that the layers judged, ascending, with their scores."""

    history_vectors: FloatArray
    """Each entry's weighted input factors, shape (len(history), n_factors)."""
    entry_weights: FloatArray
    items: RowArray
    scores: FloatArray


@register("neural collaborative")
@dataclass(eq=False, kw_only=True)
class NeuralCollaborativeFiltering(NetworkRecommender, ReachRecommender, HistoryRecommender):
    """Scores by the sum of a product of vectors and a network of two layers (He et al. 2017).

    This is NeuMF whose user vector is the recency-weighted mean of the vectors of the history, so a
    shopper unseen in training is scored like any other. The product chooses the `N_JUDGED` best
    items for a user vector; the layers judge these; other items have no score.

    The score less the score of an empty history is divided among the entries by integrated
    gradients (Sundararajan et al. 2017): along the path from no history to this one, each entry
    gets what its vector adds. So the contributions of an item differ from its score by the same
    amount for every history.
    """

    n_factors: int = 64
    n_epochs: int = 20
    n_negatives: int = 8
    learning_rate: float = 0.003
    dropout: float = 0.3
    history_length: int = 20
    seed: int = 42

    def fit_in_steps(self, interactions: Interactions, progress: Progress) -> Self:
        """Fit, and report each epoch."""
        n_items = interactions.n_items
        sequences = build_sequences(interactions)
        self.is_sequential_ = sequences.is_sequential
        windows = Windows.of(sequences, history_length=self.history_length, later_share=LATER_SHARE)
        touched = np.unique(interactions.items).astype(np.int64)
        n_epochs = self.count_epochs(windows, n_items)
        if not n_epochs:
            return self._set_arrays(_make_silent_arrays(n_items, self.n_factors))
        arrays = train_collaborative(
            windows,
            n_items,
            touched,
            n_factors=self.n_factors,
            layer_sizes=(WIDE, NARROW),
            n_epochs=n_epochs,
            n_negatives=self.n_negatives,
            learning_rate=self.learning_rate,
            dropout=self.dropout,
            position_decay=self.history_decay,
            seed=self.seed,
            progress=progress,
        )
        is_untouched = np.ones(n_items, dtype=bool)
        is_untouched[touched] = False
        arrays.input_factors[is_untouched] = 0
        arrays.bias[is_untouched] = np.nan
        return self._set_arrays(arrays)

    def inference_param_grid(self) -> ParamGrid:
        """Return the grid without position decays: the network is trained for one."""
        grid = super().inference_param_grid()
        return {name: grid[name] for name in grid if not name.startswith("position_decay")}

    @property
    def n_items(self) -> int:
        """How many items the catalogue had at the last fit."""
        return len(self.bias_)

    def fold_in(self, history: History) -> FoldedHistory:
        """Return the history's vectors and the scores of the items that the factors chose."""
        entry_weights = self.weigh_entries(history)
        vectors = weigh_rows(self.input_factors_, history.items, entry_weights)
        user_vector = vectors.sum(axis=0, dtype=np.float32)
        if not user_vector.any():
            nothing = np.empty(0, dtype=np.int32)
            return FoldedHistory(vectors, entry_weights, nothing, nothing.astype(np.float32))
        items = np.sort(self._top_k.search(user_vector, N_JUDGED).items)
        scores, _ = self._judge(user_vector, items)
        return FoldedHistory(vectors, entry_weights, items, scores)

    def contributions(self, folded: FoldedHistory, items: RowArray) -> FloatArray:
        """Return what each history entry adds to the scores, shape (len(items), len(history)).

        Items that the factors did not choose get zeros.
        """
        user_vector = folded.history_vectors.sum(axis=0, dtype=np.float32)
        parts = np.zeros((len(items), len(folded.history_vectors)), dtype=np.float32)
        is_judged = np.isin(items, folded.items)
        if not is_judged.any():
            return parts
        judged = items[is_judged]
        scores, _ = self._judge(user_vector, judged)
        base, _ = self._judge(np.zeros_like(user_vector), judged)
        steps = (np.arange(N_PATH_STEPS, dtype=np.float32) + 0.5) / N_PATH_STEPS
        gradients = np.mean([self._judge(step * user_vector, judged)[1] for step in steps], axis=0)
        by_entry = gradients @ folded.history_vectors.T
        # The path has steps, so the sum misses the whole by a little; all known entries share that.
        shares = folded.entry_weights * folded.history_vectors.any(axis=1)
        missing = scores - base - by_entry.sum(axis=1)
        parts[is_judged] = by_entry + missing[:, np.newaxis] * shares / shares.sum()
        return parts

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return {
            "input_factors": self.input_factors_,
            "item_factors": self.item_factors_,
            "embeddings": self.embeddings_,
            "bias": self.bias_,
            "is_sequential": np.array([self.is_sequential_]),
            **{f"layers.{name}": layer for name, layer in self.layers_.items()},
        }

    def set_state(self, state: State) -> None:
        """Restore what `state` returned; raises ValueError if the arrays do not fit each other."""
        self.is_sequential_ = bool(state["is_sequential"][0])
        self._set_arrays(
            CollaborativeArrays(
                input_factors=state["input_factors"],
                item_factors=state["item_factors"],
                embeddings=state["embeddings"],
                bias=state["bias"],
                layers={
                    array.removeprefix("layers."): layer
                    for array, layer in state.items()
                    if array.startswith("layers.")
                },
            )
        )

    def _set_arrays(self, arrays: CollaborativeArrays) -> Self:
        n_items, n_factors = arrays.embeddings.shape
        shapes = {name: layer.shape for name, layer in arrays.layers.items()}
        fits = (
            arrays.input_factors.shape == arrays.item_factors.shape == arrays.embeddings.shape
            and len(arrays.bias) == n_items
            and shapes == _describe_layers(n_factors)
        )
        if not fits:
            raise ValueError(f"The arrays of {self.name} do not fit each other.")
        self.input_factors_ = arrays.input_factors
        self.item_factors_ = arrays.item_factors
        self.embeddings_ = arrays.embeddings
        self.bias_ = arrays.bias
        self.layers_ = arrays.layers
        self._top_k: TopK = build_top_k(arrays.item_factors, arrays.bias)
        return self

    def _judge(self, user_vector: FloatArray, items: RowArray) -> tuple[FloatArray, FloatArray]:
        """Return the scores of these items, and their gradients by the user vector."""
        layers, factors = self.layers_, self.item_factors_[items]
        wide = self.embeddings_[items] @ layers["item"] + layers["wide_bias"]
        wide += user_vector @ layers["user"]
        narrow = np.maximum(wide, 0) @ layers["narrow"] + layers["narrow_bias"]
        scores = factors @ user_vector + self.bias_[items]
        scores += np.maximum(narrow, 0) @ layers["output"]
        of_wide = ((narrow > 0) * layers["output"]) @ layers["narrow"].T
        gradients = factors + ((wide > 0) * of_wide) @ layers["user"].T
        return scores.astype(np.float32), gradients.astype(np.float32)


def _describe_layers(n_factors: int) -> dict[str, tuple[int, ...]]:
    return {
        "user": (n_factors, WIDE),
        "item": (n_factors, WIDE),
        "wide_bias": (WIDE,),
        "narrow": (WIDE, NARROW),
        "narrow_bias": (NARROW,),
        "output": (NARROW,),
    }


def _make_silent_arrays(n_items: int, n_factors: int) -> CollaborativeArrays:
    """Return arrays without an opinion on any item."""
    rows = np.zeros((n_items, n_factors), dtype=np.float32)
    return CollaborativeArrays(
        input_factors=rows,
        item_factors=rows,
        embeddings=rows,
        bias=np.full(n_items, np.nan, dtype=np.float32),
        layers={
            name: np.zeros(shape, dtype=np.float32)
            for name, shape in _describe_layers(n_factors).items()
        },
    )
