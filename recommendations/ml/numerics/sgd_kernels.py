"""Compiled stochastic gradient descent: one epoch of sampled softmax."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, RowArray
from recommendations.ml.numerics.scoring_kernels import REORDERED_SUMS

MIN_SCORE = np.float32(-1e30)
EPSILON = np.float32(1e-8)


@njit(cache=True, nogil=True)
def next_random(state: NDArray[np.uint64]) -> np.int64:
    """Return the next 63-bit random number (SplitMix64, Steele et al. 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    bits = state[0]
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((bits ^ (bits >> np.uint64(31))) >> np.uint64(1))


@njit(cache=True, nogil=True)
def run_softmax_epoch(
    users: NDArray[np.int64],
    starts: NDArray[np.int64],
    items: RowArray,
    negatives: RowArray,
    input_factors: FloatArray,
    item_factors: FloatArray,
    bias: FloatArray,
    adagrad_accumulators: FloatArray,
    random_state: NDArray[np.uint64],
    n_negatives: int,
    history_length: int,
    position_decay: float,
    learning_rate: float,
    dropout: float,
) -> None:
    """Train factors and biases in place to rank each next item above `n_negatives` random ones.

    User u touched `items[starts[u]:starts[u + 1]]`; random items are drawn from `negatives`. The
    three rows of `adagrad_accumulators` are those of `input_factors`, `item_factors` and `bias`.
    """
    user_vector = np.empty(input_factors.shape[1], dtype=np.float32)
    user_gradient = np.empty(input_factors.shape[1], dtype=np.float32)
    weights = np.empty(history_length, dtype=np.float32)
    sampled_items = np.empty(n_negatives + 1, dtype=np.int32)
    errors = np.empty(n_negatives + 1, dtype=np.float32)
    rate = np.float32(learning_rate)
    for user in users:
        for index in range(starts[user] + 1, starts[user + 1]):
            past = items[max(starts[user], index - history_length) : index]
            _weigh_with_dropout(past, weights, position_decay, dropout, random_state)
            _sum_weighted_factors(past, weights, input_factors, user_vector)
            sampled_items[0] = items[index]
            for negative in range(1, n_negatives + 1):
                sampled_items[negative] = negatives[next_random(random_state) % len(negatives)]
            _compute_softmax_errors(sampled_items, errors, user_vector, item_factors, bias)
            _update_item_factors(
                sampled_items,
                errors,
                user_vector,
                user_gradient,
                item_factors,
                bias,
                adagrad_accumulators,
                rate,
            )
            _update_input_factors(
                past, weights, user_gradient, input_factors, adagrad_accumulators[0], rate
            )


@njit(cache=True, nogil=True)
def _weigh_with_dropout(
    past: RowArray,
    weights: FloatArray,
    position_decay: float,
    dropout: float,
    random_state: NDArray[np.uint64],
) -> None:
    """Write recency weights that sum to 1, the newest last; dropout sets some to 0, never all."""
    total = 0.0
    for age in range(len(past)):
        is_kept = (next_random(random_state) & 0x7FFFFFFF) >= dropout * 2.0**31
        weight = position_decay**age if is_kept else 0.0
        weights[len(past) - 1 - age] = weight
        total += weight
    if total == 0:
        weights[len(past) - 1] = total = 1.0
    weights[: len(past)] /= np.float32(total)


@njit(cache=True, nogil=True)
def _sum_weighted_factors(
    past: RowArray, weights: FloatArray, input_factors: FloatArray, user_vector: FloatArray
) -> None:
    user_vector[:] = 0
    for entry in range(len(past)):
        if weights[entry] > 0:
            for factor in range(len(user_vector)):
                user_vector[factor] += weights[entry] * input_factors[past[entry], factor]


@njit(cache=True, nogil=True, fastmath=REORDERED_SUMS)
def _compute_softmax_errors(
    sampled_items: RowArray,
    errors: FloatArray,
    user_vector: FloatArray,
    item_factors: FloatArray,
    bias: FloatArray,
) -> None:
    """Write the softmax of the scores less 1 for the first item, which is the next item."""
    highest = MIN_SCORE
    for sample in range(len(sampled_items)):
        score = bias[sampled_items[sample]]
        for factor in range(len(user_vector)):
            score += user_vector[factor] * item_factors[sampled_items[sample], factor]
        if sample > 0 and sampled_items[sample] == sampled_items[0]:
            score = MIN_SCORE
        errors[sample] = score
        highest = max(highest, score)
    total = np.float32(0)
    for sample in range(len(sampled_items)):
        errors[sample] = np.exp(errors[sample] - highest)
        total += errors[sample]
    for sample in range(len(sampled_items)):
        errors[sample] /= total
    errors[0] -= np.float32(1)


@njit(cache=True, nogil=True, fastmath=REORDERED_SUMS)
def _mean_square(vector: FloatArray) -> np.float32:
    total = np.float32(0)
    for factor in range(len(vector)):
        total += vector[factor] * vector[factor]
    return np.float32(total / len(vector))


@njit(cache=True, nogil=True, fastmath=REORDERED_SUMS)
def _update_item_factors(
    sampled_items: RowArray,
    errors: FloatArray,
    user_vector: FloatArray,
    user_gradient: FloatArray,
    item_factors: FloatArray,
    bias: FloatArray,
    adagrad_accumulators: FloatArray,
    learning_rate: np.float32,
) -> None:
    """Update item factors and biases; write the gradient of the user vector."""
    user_gradient[:] = 0
    square = _mean_square(user_vector)
    for sample in range(len(sampled_items)):
        item, error = sampled_items[sample], errors[sample]
        adagrad_accumulators[1, item] += error * error * square
        adagrad_accumulators[2, item] += error * error
        step = learning_rate / np.sqrt(adagrad_accumulators[1, item] + EPSILON) * error
        for factor in range(len(user_vector)):
            user_gradient[factor] += error * item_factors[item, factor]
            item_factors[item, factor] -= step * user_vector[factor]
        bias[item] -= learning_rate / np.sqrt(adagrad_accumulators[2, item] + EPSILON) * error


@njit(cache=True, nogil=True)
def _update_input_factors(
    past: RowArray,
    weights: FloatArray,
    user_gradient: FloatArray,
    input_factors: FloatArray,
    adagrad_accumulators: FloatArray,
    learning_rate: np.float32,
) -> None:
    square = _mean_square(user_gradient)
    for entry in range(len(past)):
        weight = weights[entry]
        if weight == 0:
            continue
        item = past[entry]
        adagrad_accumulators[item] += weight * weight * square
        step = learning_rate / np.sqrt(adagrad_accumulators[item] + EPSILON) * weight
        for factor in range(len(user_gradient)):
            input_factors[item, factor] -= step * user_gradient[factor]
