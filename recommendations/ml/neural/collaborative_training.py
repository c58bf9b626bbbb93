"""Trains the arrays of `NeuralCollaborativeFiltering` with PyTorch."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray
from recommendations.ml.neural.torch_library import seed_torch
from recommendations.ml.neural.windows import Batch, Windows
from recommendations.progress import Progress
from recommendations.sentences import say

EMBEDDING_DEVIATION = 0.1


@dataclass(frozen=True, slots=True)
class CollaborativeArrays:
    """What `train_collaborative` learns.

    A pair's score is `user · item_factors + bias` plus the output of the layers for the user
    vector and the item's embedding.
    """

    input_factors: FloatArray
    item_factors: FloatArray
    embeddings: FloatArray
    bias: FloatArray
    layers: dict[str, FloatArray]
    """`user` and `item` (n_factors, wide), `wide_bias`, `narrow` (wide, n), `narrow_bias`,
    `output`."""


def train_collaborative(
    windows: Windows,
    n_items: int,
    touched: NDArray[np.int64],
    *,
    n_factors: int,
    layer_sizes: tuple[int, int],
    n_epochs: int,
    n_negatives: int,
    learning_rate: float,
    dropout: float,
    position_decay: float,
    seed: int,
    progress: Progress,
) -> CollaborativeArrays:
    """Return the arrays after `n_epochs` passes over all windows; the same seed, the same arrays.

    Each next item is told from `n_negatives` random items by binary cross-entropy, once by both
    parts together and once by the factors alone, because these choose what the layers judge.

    Raises:
        TrainingLibraryError: PyTorch is not installed.
    """
    rng = np.random.default_rng(seed)
    with seed_torch(seed) as torch:
        network = _Network(torch, n_items, n_factors, layer_sizes, dropout, position_decay)
        optimizer = torch.optim.Adam(network.parameters, lr=learning_rate)
        for epoch in range(n_epochs):
            progress(say("Learning pairs"), epoch, n_epochs)
            for batch in windows.iter_batches(rng):
                negatives = rng.choice(touched, (int(batch.has_target.sum()), n_negatives))
                loss = network.compute_loss(batch, negatives)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        return network.export()


class _Network:
    """The network; its parameters are tensors of PyTorch."""

    def __init__(
        self,
        torch: Any,
        n_items: int,
        n_factors: int,
        layer_sizes: tuple[int, int],
        dropout: float,
        position_decay: float,
    ) -> None:
        self._torch = torch
        self._dropout = dropout
        self._position_decay = position_decay
        wide, narrow = layer_sizes

        def draw(*shape: int, deviation: float) -> Any:
            return (torch.randn(*shape) * deviation).requires_grad_()

        self._inputs = draw(n_items, n_factors, deviation=EMBEDDING_DEVIATION)
        self._embeddings = draw(n_items, n_factors, deviation=EMBEDDING_DEVIATION)
        self._product = torch.ones(n_factors, requires_grad=True)
        self._bias = torch.zeros(n_items, requires_grad=True)
        self._layers = {
            "user": draw(n_factors, wide, deviation=1 / sqrt(n_factors)),
            "item": draw(n_factors, wide, deviation=1 / sqrt(n_factors)),
            "wide_bias": torch.zeros(wide, requires_grad=True),
            "narrow": draw(wide, narrow, deviation=sqrt(2 / wide)),
            "narrow_bias": torch.zeros(narrow, requires_grad=True),
            "output": draw(narrow, deviation=1 / sqrt(narrow)),
        }
        self.parameters = [
            self._inputs,
            self._embeddings,
            self._product,
            self._bias,
            *self._layers.values(),
        ]

    def compute_loss(self, batch: Batch, negatives: NDArray[np.int64]) -> Any:
        """Return the mean binary cross-entropy of next items and negatives."""
        torch = self._torch
        users = self._drop(self._compute_user_vectors(batch))
        targets = batch.targets[batch.has_target]
        items = torch.from_numpy(np.concatenate([targets[:, np.newaxis], negatives], axis=1))
        embeddings = self._drop(self._embeddings[items])
        by_factors = (users[:, None] * self._product * embeddings).sum(2) + self._bias[items]
        layers = self._layers
        hidden = (users @ layers["user"])[:, None] + embeddings @ layers["item"]
        hidden = torch.relu(hidden + layers["wide_bias"])
        hidden = torch.relu(self._drop(hidden) @ layers["narrow"] + layers["narrow_bias"])
        together = by_factors + hidden @ layers["output"]
        truth = torch.zeros_like(together)
        truth[:, 0] = 1
        # A target drawn as a negative of its own case says nothing.
        weights = np.ones(tuple(items.shape), dtype=np.float32)
        weights[:, 1:] = negatives != targets[:, np.newaxis]
        losses = [
            torch.nn.functional.binary_cross_entropy_with_logits(
                logits, truth, torch.from_numpy(weights), reduction="sum"
            )
            for logits in (together, by_factors)
        ]
        return (losses[0] + losses[1]) / len(targets)

    def export(self) -> CollaborativeArrays:
        """Return what serving needs."""

        def copy(tensor: Any) -> FloatArray:
            array: FloatArray = tensor.detach().numpy().astype(np.float32)
            return array

        return CollaborativeArrays(
            input_factors=copy(self._inputs),
            item_factors=copy(self._embeddings * self._product),
            embeddings=copy(self._embeddings),
            bias=copy(self._bias),
            layers={name: copy(tensor) for name, tensor in self._layers.items()},
        )

    def _compute_user_vectors(self, batch: Batch) -> Any:
        """Return the decayed mean of the inputs up to each one that has a next item."""
        torch = self._torch
        places = np.arange(batch.inputs.shape[1])
        ages = places[:, np.newaxis] - places
        decays = np.where(ages >= 0, self._position_decay ** np.maximum(ages, 0.0), 0)
        decays /= decays.sum(axis=1, keepdims=True)
        inputs = self._inputs[torch.from_numpy(batch.inputs)]
        vectors = torch.from_numpy(decays.astype(np.float32)) @ inputs
        return vectors[torch.from_numpy(batch.has_target)]

    def _drop(self, tensor: Any) -> Any:
        return self._torch.nn.functional.dropout(tensor, self._dropout)
