"""Compiled stochastic gradient descent: one pass over the data for each kind of model."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, RowArray
from recommendations.ml.numerics.prefetching import prefetch
from recommendations.ml.numerics.scoring_kernels import REORDERED_SUMS

IMPOSSIBLE = np.float32(-1e30)
LITTLE = np.float32(1e-8)
AHEAD = 4
"""How many updates before its own an item's row is asked for; with 16 it was slower."""


@njit(cache=True, nogil=True)
def next_random(state: NDArray[np.uint64]) -> np.int64:
    """Return the next of a sequence of 63-bit numbers (SplitMix64, Steele et al. 2014)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    bits = state[0]
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((bits ^ (bits >> np.uint64(31))) >> np.uint64(1))


@njit(cache=True, nogil=True)
def sampled_softmax_epoch(
    users: NDArray[np.int64],
    starts: NDArray[np.int64],
    items: RowArray,
    touched: RowArray,
    sources: FloatArray,
    targets: FloatArray,
    bias: FloatArray,
    adagrad_accumulators: FloatArray,
    state: NDArray[np.uint64],
    n_negatives: int,
    history_length: int,
    position_decay: float,
    learning_rate: float,
    dropout: float,
) -> None:
    """Learn to tell the next item of each user from `n_negatives` of the `touched`, in place.

    `adagrad_accumulators` holds one sum for each row of `sources`, `targets` and `bias`.
    """
    shopper = np.empty(sources.shape[1], dtype=np.float32)
    user_gradient = np.empty(sources.shape[1], dtype=np.float32)
    weights = np.empty(history_length, dtype=np.float32)
    sampled_items = np.empty(n_negatives + 1, dtype=np.int32)
    errors = np.empty(n_negatives + 1, dtype=np.float32)
    for user in users:
        for place in range(starts[user] + 1, starts[user + 1]):
            past = items[max(starts[user], place - history_length) : place]
            recency_weights_with_dropout(past, weights, position_decay, dropout, state)
            weighted_sum(past, weights, sources, shopper)
            sampled_items[0] = items[place]
            for negative in range(1, n_negatives + 1):
                sampled_items[negative] = touched[next_random(state) % len(touched)]
            _softmax_errors(sampled_items, errors, shopper, targets, bias)
            _move_targets(
                sampled_items,
                errors,
                shopper,
                user_gradient,
                targets,
                bias,
                adagrad_accumulators,
                np.float32(learning_rate),
            )
            _move_sources(
                past,
                weights,
                user_gradient,
                sources,
                adagrad_accumulators[0],
                np.float32(learning_rate),
            )


@njit(cache=True, nogil=True, fastmath=REORDERED_SUMS)
def rating_pass(
    users: NDArray[np.int64],
    starts: NDArray[np.int64],
    items: RowArray,
    values: FloatArray,
    user_factors: FloatArray,
    item_factors: FloatArray,
    user_bias: FloatArray,
    item_bias: FloatArray,
    state: NDArray[np.uint64],
    learning_rate: float,
    regularization: float,
) -> None:
    """Lower the squared error of `user · item + both biases` from the values, in place.

    User u gave `values[starts[u]:starts[u + 1]]` to the `items` there; each visit shuffles them,
    in place too. A user's factors stay in the fastest cache for all of them, so that an update
    waits for one row of memory; that row is asked for `AHEAD` updates before.
    """
    rate, kept = np.float32(learning_rate), np.float32(1 - learning_rate * regularization)
    n_factors = user_factors.shape[1]
    shopper = np.empty(n_factors, dtype=np.float32)
    liked = np.empty(n_factors, dtype=np.float32)
    for visit in range(len(users)):
        user = users[visit]
        rated = items[starts[user] : starts[user + 1]]
        given = values[starts[user] : starts[user + 1]]
        _shuffle(rated, given, state)
        for place in range(min(AHEAD, len(rated))):
            prefetch(item_factors, rated[place])
        if visit + 1 < len(users):
            prefetch(user_factors, users[visit + 1])
        for factor in range(n_factors):
            shopper[factor] = user_factors[user, factor]
        for place in range(len(rated)):
            if place + AHEAD < len(rated):
                prefetch(item_factors, rated[place + AHEAD])
            item = rated[place]
            error = given[place] - user_bias[user] - item_bias[item]
            for factor in range(n_factors):
                liked[factor] = item_factors[item, factor]
                error -= shopper[factor] * liked[factor]
            step = rate * error
            user_bias[user] = kept * user_bias[user] + step
            item_bias[item] = kept * item_bias[item] + step
            for factor in range(n_factors):
                of_user, of_item = shopper[factor], liked[factor]
                shopper[factor] = kept * of_user + step * of_item
                item_factors[item, factor] = kept * of_item + step * of_user
        for factor in range(n_factors):
            user_factors[user, factor] = shopper[factor]


@njit(cache=True, nogil=True)
def rows_by_user(users: RowArray, n_users: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each user's rows start, and all rows, user after user, in their order.

    Counting takes a seventh of the time of sorting, or less.
    """
    starts = np.zeros(n_users + 1, dtype=np.int64)
    for user in users:
        starts[user + 1] += 1
    starts = np.cumsum(starts)
    ends = starts[:-1].copy()
    rows = np.empty(len(users), dtype=np.int64)
    for row in range(len(users)):
        rows[ends[users[row]]] = row
        ends[users[row]] += 1
    return starts, rows


@njit(cache=True, nogil=True)
def _shuffle(items: RowArray, values: FloatArray, state: NDArray[np.uint64]) -> None:
    for last in range(len(items) - 1, 0, -1):
        # 32 random bits times a count, over 2^32: a division would take longer than the rest.
        other = ((next_random(state) >> 31) * (last + 1)) >> 32
        items[last], items[other] = items[other], items[last]
        values[last], values[other] = values[other], values[last]


@njit(cache=True, nogil=True)
def recency_weights_with_dropout(
    past: RowArray,
    weights: FloatArray,
    position_decay: float,
    dropout: float,
    state: NDArray[np.uint64],
) -> None:
    """Weigh the past by recency, the newest last; some are dropped, never all; the sum is 1."""
    total = 0.0
    for age in range(len(past)):
        kept = (next_random(state) & 0x7FFFFFFF) >= dropout * 2.0**31
        weight = position_decay**age if kept else 0.0
        weights[len(past) - 1 - age] = weight
        total += weight
    if total == 0:
        weights[len(past) - 1] = total = 1.0
    weights[: len(past)] /= np.float32(total)


@njit(cache=True, nogil=True)
def weighted_sum(
    past: RowArray, weights: FloatArray, sources: FloatArray, shopper: FloatArray
) -> None:
    """Write the weighted sum of the past items' source vectors into `shopper`."""
    shopper[:] = 0
    for entry in range(len(past)):
        if weights[entry] > 0:
            for factor in range(len(shopper)):
                shopper[factor] += weights[entry] * sources[past[entry], factor]


@njit(cache=True, nogil=True, fastmath=REORDERED_SUMS)
def _softmax_errors(
    sampled_items: RowArray,
    errors: FloatArray,
    shopper: FloatArray,
    targets: FloatArray,
    bias: FloatArray,
) -> None:
    """Write the softmax of the scores, less 1 for the first item, which is the true one."""
    highest = IMPOSSIBLE
    for one in range(len(sampled_items)):
        score = bias[sampled_items[one]]
        for factor in range(len(shopper)):
            score += shopper[factor] * targets[sampled_items[one], factor]
        if one > 0 and sampled_items[one] == sampled_items[0]:
            score = IMPOSSIBLE
        errors[one] = score
        highest = max(highest, score)
    mass = np.float32(0)
    for one in range(len(sampled_items)):
        errors[one] = np.exp(errors[one] - highest)
        mass += errors[one]
    for one in range(len(sampled_items)):
        errors[one] /= mass
    errors[0] -= np.float32(1)


@njit(cache=True, nogil=True, fastmath=REORDERED_SUMS)
def _mean_square(vector: FloatArray) -> np.float32:
    total = np.float32(0)
    for factor in range(len(vector)):
        total += vector[factor] * vector[factor]
    return np.float32(total / len(vector))


@njit(cache=True, nogil=True, fastmath=REORDERED_SUMS)
def _move_targets(
    sampled_items: RowArray,
    errors: FloatArray,
    shopper: FloatArray,
    user_gradient: FloatArray,
    targets: FloatArray,
    bias: FloatArray,
    adagrad_accumulators: FloatArray,
    learning_rate: np.float32,
) -> None:
    """Move targets and biases; `user_gradient` becomes the gradient of the shopper's vector."""
    user_gradient[:] = 0
    square = _mean_square(shopper)
    for one in range(len(sampled_items)):
        item, error = sampled_items[one], errors[one]
        adagrad_accumulators[1, item] += error * error * square
        adagrad_accumulators[2, item] += error * error
        step = learning_rate / np.sqrt(adagrad_accumulators[1, item] + LITTLE) * error
        for factor in range(len(shopper)):
            user_gradient[factor] += error * targets[item, factor]
            targets[item, factor] -= step * shopper[factor]
        bias[item] -= learning_rate / np.sqrt(adagrad_accumulators[2, item] + LITTLE) * error


@njit(cache=True, nogil=True)
def _move_sources(
    past: RowArray,
    weights: FloatArray,
    user_gradient: FloatArray,
    sources: FloatArray,
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
        step = learning_rate / np.sqrt(adagrad_accumulators[item] + LITTLE) * weight
        for factor in range(len(user_gradient)):
            sources[item, factor] -= step * user_gradient[factor]
