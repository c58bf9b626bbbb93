"""Attention over the items of a history, learnt by a network."""

from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.attributes import build_attribute_matrix
from recommendations.ml.data import FloatArray, History, Interactions, RowArray
from recommendations.ml.models.base import DECAYS_PER_DAY, Grid, ParamGrid, State
from recommendations.ml.models.latent_factors import FoldedHistory, LatentFactorRecommender
from recommendations.ml.models.network import NetworkRecommender
from recommendations.ml.models.registry import register
from recommendations.ml.neural.attention_training import AttentionArrays, train_attention
from recommendations.ml.neural.windows import Windows
from recommendations.ml.numerics.scoring_kernels import weigh_history
from recommendations.ml.sequences import build_sequences
from recommendations.progress import Progress

LATER_SHARE = 0.05
"""Where everybody goes the same way, items that are never the next would otherwise score as low as
those of another taste."""
MIN_SUM = np.float32(1e-30)


@register("sequence")
@dataclass(eq=False, kw_only=True)
class SequenceModel(NetworkRecommender, LatentFactorRecommender):
    """Predicts the next item by attention over the items before, in the manner of SASRec.

    As in SASRec (Kang and McAuley 2018), the newest item asks, and each item of the history gets
    attention for what it is and for how many other items were touched since. As in CORE (Hou et al.
    2022), what is summed are vectors of the items themselves, and a score is a cosine divided by a
    temperature; so the contributions of the entries add up to the score, given the attention. An
    item's vector is one of its own plus those of its categories, its brand and the words of its
    name.

    Queries, keys and values depend on an item alone. They are computed for all items when training
    ends, so serving looks up rows and needs no PyTorch. The signal weights of a history multiply
    the attention. Items without interactions get neither attention nor a score.

    Args:
        n_factors: The length of the vectors, a multiple of `n_heads`.
        n_negatives: The number of random items that a next item is compared with.
        history_length: The number of items whose age makes a difference; older ones count as old
            as the last of these.
    """

    n_factors: int = 96
    n_heads: int = 4
    n_epochs: int = 10
    n_negatives: int = 2_048
    learning_rate: float = 0.003
    dropout: float = 0.45
    history_length: int = 50
    decay_per_day: Annotated[float, Grid(DECAYS_PER_DAY, refit=False)] = 0.0
    seed: int = 42

    def fit_in_steps(self, interactions: Interactions, progress: Progress) -> Self:
        """Fit, and report each epoch."""
        n_items = interactions.n_items
        sequences = build_sequences(interactions)
        windows = Windows.of(sequences, history_length=self.history_length, later_share=LATER_SHARE)
        touched = np.unique(interactions.items).astype(np.int64)
        n_epochs = self.count_epochs(windows, n_items)
        if not n_epochs:
            return self._set_arrays(
                _make_silent_arrays(n_items, self.n_factors, self.n_heads, self.history_length),
                is_sequential=sequences.is_sequential,
            )
        arrays = train_attention(
            windows,
            build_attribute_matrix(interactions.catalogue),
            touched,
            n_factors=self.n_factors,
            n_heads=self.n_heads,
            n_epochs=n_epochs,
            n_negatives=self.n_negatives,
            learning_rate=self.learning_rate,
            dropout=self.dropout,
            history_length=self.history_length,
            seed=self.seed,
            progress=progress,
        )
        is_untouched = np.ones(n_items, dtype=bool)
        is_untouched[touched] = False
        arrays.values[is_untouched] = 0
        arrays.bias[is_untouched] = np.nan
        return self._set_arrays(arrays, is_sequential=sequences.is_sequential)

    def fold_in(self, history: History) -> FoldedHistory:
        """Return the attention of each entry times the value of its item, and their sum.

        All are divided by the length of the sum: training knew user vectors of length 1 only.
        """
        is_known = ~np.isnan(self.bias_[history.items])
        known = history.select(is_known)
        vectors = np.zeros((len(history), self.item_factors_.shape[1]), dtype=np.float32)
        if len(known):
            attention = self._attend(known)
            values = self.input_factors_[known.items].reshape(*attention.shape, -1)
            vectors[is_known] = (values * attention[:, :, np.newaxis]).reshape(len(known), -1)
        length = np.linalg.norm(vectors.sum(axis=0))
        if not length:
            return FoldedHistory(vectors, np.full(vectors.shape[1], np.nan, dtype=np.float32))
        vectors /= length
        return FoldedHistory(vectors, vectors.sum(axis=0, dtype=np.float32))

    def inference_param_grid(self) -> ParamGrid:
        """Return the decay by time alone: attention has learnt what positions mean."""
        return {"decay_per_day": DECAYS_PER_DAY}

    def state(self) -> State:
        """Return what was learnt as named arrays."""
        return super().state() | {
            "queries": self.queries_,
            "keys": self.keys_,
            "age_logits": self.age_logits_,
        }

    def set_state(self, state: State) -> None:
        """Restore what `state` returned; raises ValueError if the arrays do not fit each other."""
        self._set_arrays(
            AttentionArrays(
                queries=state["queries"],
                keys=state["keys"],
                values=state["input_factors"],
                item_factors=state["item_factors"],
                bias=state["bias"],
                age_logits=state["age_logits"],
            ),
            is_sequential=bool(state["is_sequential"][0]),
        )

    def _set_arrays(self, arrays: AttentionArrays, *, is_sequential: bool) -> Self:
        shape = arrays.values.shape
        n_heads, n_ages = arrays.age_logits.shape
        fits = (
            arrays.queries.shape == arrays.keys.shape == arrays.item_factors.shape == shape
            and len(arrays.bias) == shape[0]
            and n_heads
            and n_ages
            and shape[1] % n_heads == 0
        )
        if not fits:
            raise ValueError(f"The arrays of {self.name} do not fit each other.")
        self.queries_ = arrays.queries
        self.keys_ = arrays.keys
        self.age_logits_ = arrays.age_logits
        return self.set_factors(
            arrays.values, arrays.item_factors, arrays.bias, is_sequential=is_sequential
        )

    def _attend(self, history: History) -> FloatArray:
        """Return the attention of each entry in each head, which sums to 1 in each head."""
        n_heads, n_ages = self.age_logits_.shape
        ages = np.minimum(_count_later_items(history.items), n_ages - 1)
        keys = self.keys_[history.items].reshape(len(history), n_heads, -1)
        query = self.queries_[history.items[-1]].reshape(n_heads, -1)
        logits = (keys * query).sum(axis=2) + self.age_logits_[:, ages].T
        weights = self._weigh_signals(history)
        weighted = np.exp(logits - logits.max(axis=0)) * weights[:, np.newaxis]
        attention: FloatArray = weighted / np.maximum(weighted.sum(axis=0), MIN_SUM)
        return attention

    def _weigh_signals(self, history: History) -> FloatArray:
        """Return the weight of each entry, whatever its position."""
        weights: FloatArray = weigh_history(
            history.items,
            history.weights,
            history.ages_in_days,
            history.interaction_types,
            1.0,
            self.decay_per_day,
        )
        return weights


def _count_later_items(items: RowArray) -> NDArray[np.intp]:
    """Return for each entry how many other items come after its item's last entry."""
    _, newest_first, item_of_entry = np.unique(items[::-1], return_index=True, return_inverse=True)
    n_later = np.empty(len(newest_first), dtype=np.intp)
    n_later[np.argsort(newest_first)] = np.arange(len(newest_first))
    return n_later[item_of_entry][::-1]


def _make_silent_arrays(n_items: int, n_factors: int, n_heads: int, n_ages: int) -> AttentionArrays:
    """Return arrays without an opinion on any item."""
    rows = np.zeros((n_items, n_factors), dtype=np.float32)
    return AttentionArrays(
        queries=rows,
        keys=rows,
        values=rows,
        item_factors=rows,
        bias=np.full(n_items, np.nan, dtype=np.float32),
        age_logits=np.zeros((n_heads, n_ages), dtype=np.float32),
    )
