"""Trains the arrays of `SequenceModel` with PyTorch."""

from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray
from recommendations.ml.neural.torch_library import seed_torch
from recommendations.ml.neural.windows import Batch, Windows
from recommendations.progress import Progress
from recommendations.sentences import say

TEMPERATURE = 0.07
"""Scores are cosines divided by this, as in CORE (Hou et al. 2022)."""
EMBEDDING_DEVIATION = 0.05
ATTRIBUTE_DEVIATION = 0.2
"""Words and categories begin with more than items have of their own, so rare items learn first from
what they have in common."""


@dataclass(frozen=True, slots=True)
class AttentionArrays:
    """What `train_attention` learns; rows are items.

    A score is `item_factors · user vector + bias`, with a user vector of length 1. `age_logits`
    have the shape (n_heads, history_length); all others have a row for each item.
    """

    queries: FloatArray
    keys: FloatArray
    values: FloatArray
    item_factors: FloatArray
    bias: FloatArray
    age_logits: FloatArray


def train_attention(
    windows: Windows,
    attributes: sp.csr_array,
    touched: NDArray[np.int64],
    *,
    n_factors: int,
    n_heads: int,
    n_epochs: int,
    n_negatives: int,
    learning_rate: float,
    dropout: float,
    history_length: int,
    seed: int,
    progress: Progress,
) -> AttentionArrays:
    """Return the arrays after `n_epochs` passes over all windows; the same seed, the same arrays.

    Every next item is a case of a softmax over itself and `n_negatives` random items, which stand
    for all items (sampled softmax, Jean et al. 2015); if there are no more, over all items.

    Raises:
        TrainingLibraryError: PyTorch is not installed.
    """
    rng = np.random.default_rng(seed)
    with seed_torch(seed) as torch:
        network = _Network(
            torch,
            attributes,
            n_factors=n_factors,
            n_heads=n_heads,
            dropout=dropout,
            history_length=history_length,
        )
        optimizer = torch.optim.Adam(network.parameters, lr=learning_rate)
        for epoch in range(n_epochs):
            progress(say("Learning sequences"), epoch, n_epochs)
            for batch in windows.iter_batches(rng):
                negatives = _draw(touched, n_negatives, rng)
                loss = network.compute_loss(batch, negatives, len(touched))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return network.export(touched)


def _draw(
    touched: NDArray[np.int64], n_negatives: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    return touched if len(touched) <= n_negatives else rng.choice(touched, n_negatives)


class _Network:
    """The network; its parameters are tensors of PyTorch."""

    def __init__(
        self,
        torch: Any,
        attributes: sp.csr_array,
        *,
        n_factors: int,
        n_heads: int,
        dropout: float,
        history_length: int,
    ) -> None:
        self._torch = torch
        self._attributes = attributes
        self._n_heads = n_heads
        self._dropout = dropout
        n_items, n_attributes = attributes.shape

        def draw(*shape: int, deviation: float) -> Any:
            return (torch.randn(*shape) * deviation).requires_grad_()

        wide = 2 * n_factors
        self._items = draw(n_items, n_factors, deviation=EMBEDDING_DEVIATION)
        self._of_attributes = draw(max(n_attributes, 1), n_factors, deviation=ATTRIBUTE_DEVIATION)
        self._bias = torch.zeros(n_items, requires_grad=True)
        self._query = draw(n_factors, n_factors, deviation=1 / sqrt(n_factors))
        self._key = draw(n_factors, n_factors, deviation=1 / sqrt(n_factors))
        self._age_logits = torch.zeros(n_heads, history_length, requires_grad=True)
        self._widen = draw(n_factors, wide, deviation=1 / sqrt(n_factors))
        self._widen_bias = torch.zeros(wide, requires_grad=True)
        self._narrow = draw(wide, n_factors, deviation=0.1 / sqrt(wide))
        self.parameters = [
            self._items,
            self._of_attributes,
            self._bias,
            self._query,
            self._key,
            self._age_logits,
            self._widen,
            self._widen_bias,
            self._narrow,
        ]

    def compute_loss(self, batch: Batch, negatives: NDArray[np.int64], n_items: int) -> Any:
        """Return the mean cross-entropy of the next items of a batch."""
        torch = self._torch
        has_target = batch.has_target
        targets = batch.targets[has_target]
        rows, places = np.unique(
            np.concatenate([batch.inputs.ravel(), targets, negatives]), return_inverse=True
        )
        embedded = self._embed(rows)
        ends = np.cumsum([batch.inputs.size, len(targets)])
        of_inputs, of_targets, of_negatives = (
            torch.from_numpy(part) for part in np.split(places, ends)
        )
        inputs = self._drop(embedded[of_inputs]).view(*batch.inputs.shape, -1)
        user_vectors = self._attend(inputs)[torch.from_numpy(has_target)]
        item_factors = self._compute_factors(embedded)
        bias = self._bias[torch.from_numpy(rows)]
        wanted = (user_vectors * item_factors[of_targets]).sum(1) + bias[of_targets]
        others = user_vectors @ item_factors[of_negatives].T + bias[of_negatives]
        if len(negatives) < n_items:
            others = others + log(n_items / len(negatives))
        is_wanted = torch.from_numpy(targets[:, np.newaxis] == negatives)
        others = others.masked_fill(is_wanted, -torch.inf)
        total = torch.logsumexp(torch.cat([wanted[:, None], others], 1), 1)
        return (total - wanted).mean()

    def export(self, touched: NDArray[np.int64]) -> AttentionArrays:
        """Return what serving needs; the mean score of the touched items is 0 for everybody."""
        torch = self._torch
        with torch.no_grad():
            embedded = self._embed(np.arange(self._attributes.shape[0]))
            factors = self._compute_factors(embedded)
            arrays = [
                self._compute_queries(embedded),
                embedded @ self._key,
                self._compute_values(embedded),
                factors - factors[torch.from_numpy(touched)].mean(0),
                self._bias - self._bias[torch.from_numpy(touched)].mean(),
                self._age_logits,
            ]
            return AttentionArrays(*(array.numpy().astype(np.float32) for array in arrays))

    def _embed(self, rows: NDArray[np.int64]) -> Any:
        """Return the vectors of these items: their own and those of their attributes."""
        torch = self._torch
        own = self._items[torch.from_numpy(rows)]
        attributes = self._attributes[rows]
        if not attributes.nnz:
            return own
        return own + torch.nn.functional.embedding_bag(
            torch.from_numpy(attributes.indices.astype(np.int64)),
            self._of_attributes,
            torch.from_numpy(attributes.indptr[:-1].astype(np.int64)),
            mode="sum",
            per_sample_weights=torch.from_numpy(attributes.data),
        )

    def _compute_factors(self, embedded: Any) -> Any:
        return self._torch.nn.functional.normalize(embedded, dim=-1) / TEMPERATURE

    def _compute_queries(self, embedded: Any) -> Any:
        return embedded @ self._query / sqrt(embedded.shape[-1] / self._n_heads)

    def _compute_values(self, embedded: Any) -> Any:
        hidden = self._torch.nn.functional.gelu(embedded @ self._widen + self._widen_bias)
        return embedded + self._drop(hidden) @ self._narrow

    def _attend(self, inputs: Any) -> Any:
        """Return the user vector after each input, shape (users, longest, n_factors)."""
        torch = self._torch
        n_users, longest, n_factors = inputs.shape

        def split_heads(vectors: Any) -> Any:
            return vectors.view(n_users, longest, self._n_heads, -1).transpose(1, 2)

        queries, keys, values = (
            split_heads(vectors)
            for vectors in (
                self._compute_queries(inputs),
                inputs @ self._key,
                self._compute_values(inputs),
            )
        )
        places = torch.arange(longest)
        ages = places[:, None] - places[None, :]
        logits = queries @ keys.transpose(2, 3) + self._age_logits[:, ages.clamp(min=0)]
        weights = logits.masked_fill(ages < 0, -torch.inf).softmax(3)
        vectors = (weights @ values).transpose(1, 2).reshape(n_users, longest, n_factors)
        return torch.nn.functional.normalize(vectors, dim=-1)

    def _drop(self, tensor: Any) -> Any:
        """Return the tensor with dropout, or as it is while nothing is learnt."""
        torch = self._torch
        return torch.nn.functional.dropout(tensor, self._dropout, torch.is_grad_enabled())
