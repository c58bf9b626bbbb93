"""Boosted trees that correct utilities, learnt from choices in the manner of LambdaMART."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, RowArray

DEPTH = 5
MAX_TREES = 120
LEARNING_RATE = 0.2
LEAF_PENALTY = 20.0
"""What is added to the second derivatives of a leaf, so that a few cases move it little."""
MAX_BINS = 64
N_BLOCKS = 3
"""Each tree is learnt from one of so many blocks of cases, in turn."""
HELD_OUT_SHARE = 0.1
"""The last cases, which decide how many trees are kept."""
PATIENCE = 10
"""How many trees may follow the best number of them before the search ends."""

Bins = NDArray[np.uint8]


class ChoiceTrees(NamedTuple):
    """Oblivious trees: at each of its levels, a tree asks all options the same question.

    An option's leaf is a binary number whose digits say, level by level, whether the option's
    signal is above the threshold.
    """

    signals: RowArray
    """Shape (n_trees, DEPTH)."""
    thresholds: FloatArray
    """Shape (n_trees, DEPTH)."""
    values: FloatArray
    """What each leaf adds to a utility, shape (n_trees, 2 ** DEPTH)."""

    @classmethod
    def none(cls) -> "ChoiceTrees":
        """Return no tree: every correction is 0."""
        return cls(
            np.empty((0, DEPTH), dtype=np.int32),
            np.empty((0, DEPTH), dtype=np.float32),
            np.empty((0, 2**DEPTH), dtype=np.float32),
        )

    def __len__(self) -> int:
        return len(self.values)


@njit(cache=True, nogil=True)
def correct_utilities(
    features: FloatArray, signals: RowArray, thresholds: FloatArray, values: FloatArray
) -> NDArray[np.float64]:
    """Return what the trees add to the utility of each option, shape (n_options,)."""
    corrections = np.zeros(len(features))
    for option in range(len(features)):
        for tree in range(len(values)):
            leaf = 0
            for level in range(signals.shape[1]):
                is_above = features[option, signals[tree, level]] > thresholds[tree, level]
                leaf = 2 * leaf + is_above
            corrections[option] += values[tree, leaf]
    return corrections


def fit_choice_trees(
    features: FloatArray,
    starts: NDArray[np.int64],
    chosen: NDArray[np.int64],
    utilities: NDArray[np.float64],
) -> ChoiceTrees:
    """Return trees whose corrections make the choices likelier.

    P(option) is proportional to exp(utility + correction). Case c's options are the rows from
    `starts[c]` up to but without `starts[c + 1]`, and it took the option `chosen[c]` of them. Cases
    must be in random order: the last ones are held back, and as many trees are kept as make their
    choices likeliest, perhaps none.
    """
    n_learnt = len(chosen) - int(HELD_OUT_SHARE * len(chosen))
    if n_learnt < N_BLOCKS or n_learnt == len(chosen):
        return ChoiceTrees.none()
    taken = features[starts[:n_learnt] + chosen[:n_learnt]]
    edges = [
        _find_edges(column, of_chosen)
        for column, of_chosen in zip(features[: starts[n_learnt]].T, taken.T, strict=True)
    ]
    bins = np.stack(
        [
            np.searchsorted(of, column).astype(np.uint8)
            for of, column in zip(edges, features.T, strict=True)
        ]
    )
    n_cuts = np.array([len(of) for of in edges])
    corrected = utilities.astype(np.float64)
    held_out = slice(starts[n_learnt], starts[-1])
    held_out_starts = starts[n_learnt:] - starts[n_learnt]
    blocks = list(pairwise(np.linspace(0, n_learnt, N_BLOCKS + 1).astype(np.int64)))
    trees: list[tuple[list[int], list[float], FloatArray]] = []
    least_loss, n_best = np.inf, 0
    while True:
        loss, _, _ = _differentiate(corrected[held_out], held_out_starts, chosen[n_learnt:])
        if loss < least_loss:
            least_loss, n_best = loss, len(trees)
        if len(trees) == MAX_TREES or len(trees) - n_best >= PATIENCE:
            break
        first, last = blocks[len(trees) % N_BLOCKS]
        rows = slice(starts[first], starts[last])
        _, gradients, curvatures = _differentiate(
            corrected[rows], starts[first : last + 1] - starts[first], chosen[first:last]
        )
        signals, cuts, values = _grow_tree(bins[:, rows], n_cuts, gradients, curvatures)
        _add_tree(corrected, bins, np.array(signals), np.array(cuts), values)
        thresholds = [float(edges[signal][cut]) for signal, cut in zip(signals, cuts, strict=True)]
        trees.append((signals, thresholds, values))
    if not n_best:
        return ChoiceTrees.none()
    return ChoiceTrees(
        np.array([signals for signals, _, _ in trees[:n_best]], dtype=np.int32),
        np.array([thresholds for _, thresholds, _ in trees[:n_best]], dtype=np.float32),
        np.array([values for _, _, values in trees[:n_best]], dtype=np.float32),
    )


def _find_edges(column: FloatArray, of_chosen: FloatArray) -> FloatArray:
    """Return at most `MAX_BINS` - 1 ascending thresholds for the values of a signal.

    Few different values get a threshold between each two. Otherwise as many values lie between two
    thresholds, counted half among all options and half among those that were chosen: few options
    are worth telling apart.
    """
    values = np.unique(column)
    if len(values) <= MAX_BINS:
        between: FloatArray = ((values[1:] + values[:-1]) / 2).astype(np.float32)
        return between if len(between) else values
    shares = np.linspace(0, 1, MAX_BINS // 2 + 1)[1:-1]
    edges = np.concatenate([np.quantile(column, shares), np.quantile(of_chosen, shares)])
    distinct: FloatArray = np.unique(edges.astype(np.float32))
    return distinct


def _grow_tree(
    bins: Bins,
    n_cuts: NDArray[np.int64],
    gradients: NDArray[np.float64],
    curvatures: NDArray[np.float64],
) -> tuple[list[int], list[int], FloatArray]:
    """Return the signals and the bins by which the tree divides, and the values of its leaves."""
    leaves = np.zeros(bins.shape[1], dtype=np.int32)
    signals, cuts = [], []
    for level in range(DEPTH):
        sums = _sum_by_bin(bins, leaves, gradients, curvatures, 2**level)
        signal, cut = _find_split(sums, n_cuts)
        _divide(leaves, bins[signal], cut)
        signals.append(signal)
        cuts.append(cut)
    of_gradients = np.bincount(leaves, gradients, minlength=2**DEPTH)
    of_curvatures = np.bincount(leaves, curvatures, minlength=2**DEPTH)
    values = -LEARNING_RATE * of_gradients / (of_curvatures + LEAF_PENALTY)
    return signals, cuts, values.astype(np.float32)


@njit(cache=True, nogil=True)
def _differentiate(
    utilities: NDArray[np.float64], starts: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Return the negative log-likelihood of the choices, and its derivatives by the utilities."""
    loss = 0.0
    gradients = np.empty(len(utilities))
    curvatures = np.empty(len(utilities))
    for case in range(len(chosen)):
        begin, end = starts[case], starts[case + 1]
        highest = utilities[begin:end].max()
        total = np.exp(utilities[begin:end] - highest).sum()
        for option in range(begin, end):
            probability = np.exp(utilities[option] - highest) / total
            gradients[option] = probability
            curvatures[option] = probability * (1 - probability)
        gradients[begin + chosen[case]] -= 1
        loss += np.log(total) + highest - utilities[begin + chosen[case]]
    return loss, gradients, curvatures


@njit(cache=True, nogil=True)
def _sum_by_bin(
    bins: Bins,
    leaves: RowArray,
    gradients: NDArray[np.float64],
    curvatures: NDArray[np.float64],
    n_leaves: int,
) -> NDArray[np.float64]:
    """Return sums of both derivatives, shape (n_signals, n_leaves, MAX_BINS, 2)."""
    sums = np.zeros((len(bins), n_leaves, MAX_BINS, 2))
    for signal in range(len(bins)):
        for option in range(len(leaves)):
            leaf, place = leaves[option], bins[signal, option]
            sums[signal, leaf, place, 0] += gradients[option]
            sums[signal, leaf, place, 1] += curvatures[option]
    return sums


@njit(cache=True, nogil=True)
def _find_split(sums: NDArray[np.float64], n_cuts: NDArray[np.int64]) -> tuple[int, int]:
    """Return the signal, and of its cuts the one, that divide all leaves best.

    Bins up to the cut are below the threshold. Of equal gains, the first signal and cut win.
    """
    best_gain, best_signal, best_cut = -1.0, 0, 0
    for signal in range(len(sums)):
        gains = np.zeros(n_cuts[signal])
        for leaf in range(sums.shape[1]):
            whole = sums[signal, leaf, :, 0].sum()
            curvature = sums[signal, leaf, :, 1].sum()
            before = whole**2 / (curvature + LEAF_PENALTY)
            below = below_curvature = 0.0
            for cut in range(n_cuts[signal]):
                below += sums[signal, leaf, cut, 0]
                below_curvature += sums[signal, leaf, cut, 1]
                gains[cut] += (
                    below**2 / (below_curvature + LEAF_PENALTY)
                    + (whole - below) ** 2 / (curvature - below_curvature + LEAF_PENALTY)
                    - before
                )
        cut = int(np.argmax(gains))
        if gains[cut] > best_gain:
            best_gain, best_signal, best_cut = gains[cut], signal, cut
    return best_signal, best_cut


@njit(cache=True, nogil=True)
def _divide(leaves: RowArray, bins: Bins, cut: int) -> None:
    """Append to each option's leaf whether the option is above the cut."""
    for option in range(len(leaves)):
        leaves[option] = 2 * leaves[option] + (bins[option] > cut)


@njit(cache=True, nogil=True)
def _add_tree(
    utilities: NDArray[np.float64],
    bins: Bins,
    signals: NDArray[np.int64],
    cuts: NDArray[np.int64],
    values: FloatArray,
) -> None:
    """Add the tree's values to the utilities of all options."""
    for option in range(len(utilities)):
        leaf = 0
        for level in range(len(signals)):
            leaf = 2 * leaf + (bins[signals[level], option] > cuts[level])
        utilities[option] += values[leaf]
