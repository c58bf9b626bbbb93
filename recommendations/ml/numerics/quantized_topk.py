"""The few rows of a factor model that can be among the best, found in a copy rounded to bytes.

Bytes are a quarter of the memory to pass over, and a processor multiplies many more of them at
once than floats. As it is known how far they can be from what was rounded, no row is lost: the
caller scores those left exactly.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, RowArray

LARGEST_CODE, ZERO_CODE = 127, 128
"""Kept as 1 to 255: of two bytes multiplied, a processor takes one without a sign."""
FACTORS_AT_ONCE = 8
"""How many products are summed in 16 bits."""
LONGEST_WEIGHTS = 89.0
"""Of so many factors of a vector, whose products shall fit 16 bits.

Two do, as 255 × (√2 × 89 + 1) is below 2**15, and all eight, as 127 × √8 × (89 + √8 / 2) is.
"""
PRECISION = float(np.finfo(np.float32).eps)
SMALLEST_STEP = 1e-30
"""Of rows so small that a step would lose its own precision."""
MIN_ERROR = 1e-3
"""Added, in steps, for scores so small that floats lose their precision."""
SHORTEST, LONGEST = 1e-9, 1e30
"""Vectors for which that is enough, and for which no product exceeds a float."""
BLOCK = 64
"""How many rows lie side by side, for registers full of them; more break reading ahead."""
PAIRS = 2 * BLOCK
CACHE_LINE = 64
BLOCKS_AT_ONCE = 2048
"""How many blocks are multiplied before rows are chosen: fewer choose more rows in vain."""
LANES_PER_ROW = 4
"""How many bounds are kept for each row asked for; fewer choose more rows, more take longer."""
BISECTION_STEPS = 20
"""How closely the k-th best bound is looked for."""


@dataclass(frozen=True, slots=True)
class QuantizedFactors:
    """Factors of rows, each rounded to a multiple of its row's step, and a bias for each row.

    Rows lie in blocks of `BLOCK`, the last filled up with rows that have no bias. The arrays are
    never written again, so threads may share them.
    """

    codes: NDArray[np.uint8]
    """How many steps each factor is, and `ZERO_CODE`; filled up with that.

    Shape (n_blocks, n_parts, FACTORS_AT_ONCE × BLOCK): two factors of each row, then the next two.
    """
    steps: FloatArray
    """Shape (n_blocks, BLOCK)."""
    bias: FloatArray
    """NaN for rows that are no candidates, shape (n_blocks, BLOCK)."""
    lengths: FloatArray
    """Of each row, in steps, shape (n_blocks, BLOCK)."""
    errors: FloatArray
    """The longest that rounding took from a row, in steps, for each block."""

    @classmethod
    def of(cls, factors: FloatArray, bias: FloatArray) -> Self:
        """Return the rounded copy of factors, shape (n_rows, n_factors), and of their biases."""
        n_rows, n_factors = factors.shape
        n_blocks, n_parts = -(-n_rows // BLOCK), -(-n_factors // FACTORS_AT_ONCE)
        size = n_blocks * n_parts * FACTORS_AT_ONCE * BLOCK
        # From where a line of the cache begins: a fifth faster.
        room = np.full(size + CACHE_LINE, ZERO_CODE, dtype=np.uint8)
        begin = -room.ctypes.data % CACHE_LINE
        codes = room[begin : begin + size].reshape(n_blocks, n_parts, FACTORS_AT_ONCE * BLOCK)
        return cls(codes, *_round(factors, bias, codes))

    def top_k_superset(self, vector: FloatArray, k: int) -> RowArray:
        """Return every row that can be among the k best of `vector · factors + bias`, ascending.

        Ties included, and some more. None whose score is NaN, so none at all for a vector of NaN.
        """
        rows: RowArray = _top_k_superset(
            vector, self.codes, self.steps, self.bias, self.lengths, self.errors, max(k, 0)
        )
        return rows


@njit(cache=True, nogil=True)
def _round(factors: FloatArray, bias: FloatArray, codes: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    n_rows, n_factors = factors.shape
    steps = np.zeros((len(codes), BLOCK), np.float32)
    biases = np.full((len(codes), BLOCK), np.float32(np.nan), np.float32)
    lengths = np.zeros((len(codes), BLOCK), np.float32)
    errors = np.full(len(codes), np.float32(MIN_ERROR), np.float32)
    for row in range(n_rows):
        # No score, no candidate; and it shall not widen its neighbours' bounds.
        if np.isnan(bias[row] + factors[row].sum()):
            continue
        block, place = row // BLOCK, row % BLOCK
        biases[block, place] = bias[row]
        largest = np.float32(0)
        for factor in factors[row]:
            largest = max(largest, abs(factor))
        step = max(largest / np.float32(LARGEST_CODE), np.float32(SMALLEST_STEP))
        steps[block, place] = step
        per_step = 1 / np.float64(step)
        square, lost = 0.0, 0.0
        for number in range(n_factors):
            exact = factors[row, number] * per_step
            code = np.rint(exact)
            square += code * code
            lost += (exact - code) * (exact - code)
            part, within = number // FACTORS_AT_ONCE, number % FACTORS_AT_ONCE
            at = within // 2 * PAIRS + 2 * place + within % 2
            codes[block, part, at] = np.int64(code) + ZERO_CODE
        lengths[block, place] = np.sqrt(square)
        errors[block] = max(errors[block], np.float32(np.sqrt(lost) + MIN_ERROR))
    return steps, biases, lengths, errors


# Without reordered sums: the bounds rely on the order in which they are rounded.
@njit(cache=True, nogil=True, fastmath={"contract"})
def _top_k_superset(
    vector: NDArray[Any],
    codes: NDArray[Any],
    steps: NDArray[Any],
    bias: NDArray[Any],
    lengths: NDArray[Any],
    errors: NDArray[Any],
    k: int,
) -> RowArray:
    n_blocks = len(codes)
    weights, units, starts, length, lost = _weights(vector, codes.shape[1])
    if k == 0 or n_blocks == 0 or np.isnan(length):
        return np.empty(0, dtype=np.int32)
    if length > 0 and not SHORTEST <= length <= LONGEST:
        return np.flatnonzero(~np.isnan(bias)).astype(np.int32)
    # What so many sums may lose, here and where a row is scored.
    precision = PRECISION * (2 * len(vector) + 8)
    slack_of_length = np.float32(lost + precision * length)
    slack_of_error = np.float32(length + precision * length)
    rows = np.empty(n_blocks * BLOCK, dtype=np.int32)
    highest, lowest = np.empty(len(rows), np.float32), np.empty(len(rows), np.float32)
    kept = found = 0
    # The best that rows have for certain, each lane of other rows: k lanes are k rows.
    n_lanes = min(-(-k * LANES_PER_ROW // BLOCK), n_blocks)
    lanes = np.full((n_lanes + 1) * BLOCK, np.float32(-np.inf), np.float32)
    lane = 0
    products = np.empty(BLOCK, dtype=np.float32)
    bounds = np.empty((min(BLOCKS_AT_ONCE, n_blocks), BLOCK), dtype=np.float32)
    for first in range(0, n_blocks, BLOCKS_AT_ONCE):
        last = min(first + BLOCKS_AT_ONCE, n_blocks)
        for block in range(first, last):
            _multiply(weights, units, starts, codes[block], products)
            rounded_away = slack_of_error * errors[block]
            best = lanes[lane : lane + BLOCK]
            for place in range(BLOCK):
                step, base = steps[block, place], bias[block, place]
                slack = slack_of_length * lengths[block, place] + rounded_away
                low = (products[place] - slack) * step + base
                bounds[block - first, place] = (products[place] + slack) * step + base
                best[place] = low if low > best[place] else best[place]
            lane += BLOCK
            if lane + BLOCK > len(lanes):
                # One further each time, or good rows at regular distances would share few lanes.
                lane = (lane + 1) % BLOCK
        enough = _reached_by(lanes, k)
        for block in range(first, last):
            high = bounds[block - first]
            if _count(high, enough):
                # Each row is written and most are overwritten: no branch to guess wrong.
                for place in range(BLOCK):
                    rows[found] = block * BLOCK + place
                    found += high[place] >= enough
        for place in range(kept, found):
            block, at = divmod(rows[place], BLOCK)
            slack = slack_of_length * lengths[block, at] + slack_of_error * errors[block]
            width = np.float32(2) * slack * steps[block, at]
            reached = bounds[block - first, at]
            highest[place] = reached
            lowest[place] = reached - width - np.float32(2 * PRECISION) * (abs(reached) + width)
        # What these few rows have for certain is known of each, not only of lanes.
        enough = max(enough, _reached_by(lowest[:found], k))
        kept = 0
        for place in range(found):
            rows[kept], highest[kept], lowest[kept] = rows[place], highest[place], lowest[place]
            kept += highest[kept] >= enough
        found = kept
    return rows[:kept]


@njit(cache=True, nogil=True)
def _weights(vector: NDArray[Any], n_parts: int) -> tuple[Any, ...]:
    """Return a vector as whole weights, repeated for each row of a block, and each part's unit.

    Then where each part's sum begins, so that codes count from zero, the vector's length, and the
    length of what rounding took from it.
    """
    weights = np.zeros((n_parts, FACTORS_AT_ONCE * BLOCK), np.int8)
    units = np.zeros(n_parts, np.float32)
    starts = np.zeros(n_parts, np.int16)
    square, lost = 0.0, 0.0
    for part in range(n_parts):
        factors = vector[part * FACTORS_AT_ONCE : (part + 1) * FACTORS_AT_ONCE].astype(np.float64)
        part_square = np.sum(factors * factors)
        square += part_square
        units[part] = max(np.sqrt(part_square) / LONGEST_WEIGHTS, SMALLEST_STEP)
        total = np.int64(0)
        for number in range(len(factors)):
            weight = np.rint(factors[number] / units[part])
            lost += (factors[number] - weight * units[part]) ** 2
            total += np.int64(weight)
            weights[part, number // 2 * PAIRS + number % 2] = np.int64(weight)
        starts[part] = -ZERO_CODE * total
        for begin in range(0, FACTORS_AT_ONCE * BLOCK, PAIRS):
            pairs = weights[part, begin : begin + PAIRS]
            left, right = pairs[0], pairs[1]
            for place in range(BLOCK):
                pairs[2 * place] = left
                pairs[2 * place + 1] = right
    return weights, units, starts, np.sqrt(square), np.sqrt(lost)


@njit(cache=True, nogil=True, fastmath={"contract"})
def _multiply(
    weights: NDArray[Any],
    units: NDArray[Any],
    starts: NDArray[Any],
    codes: NDArray[Any],
    products: NDArray[Any],
) -> None:
    for place in range(BLOCK):
        products[place] = 0
    for part in range(len(weights)):
        unit, start = units[part], starts[part]
        those, by = codes[part], weights[part]
        for place in range(BLOCK):
            # On its way the sum may leave 16 bits and wrap around; what it comes to fits.
            total = np.int16(
                start
                + _two_products(those, by, 2 * place)
                + _two_products(those, by, 2 * place + PAIRS)
                + _two_products(those, by, 2 * place + 2 * PAIRS)
                + _two_products(those, by, 2 * place + 3 * PAIRS)
            )
            products[place] += unit * np.float32(total)


@njit(cache=True, nogil=True)
def _two_products(codes: NDArray[Any], weights: NDArray[Any], at: int) -> np.int32:
    """Return the sum of two products, held within 16 bits, which it never leaves.

    Said so, the compiler makes 32 such sums by one instruction of x86 (pmaddubsw); where it finds
    no such, it multiplies wider numbers.
    """
    total = np.int32(
        np.int32(codes[at]) * np.int32(weights[at])
        + np.int32(codes[at + 1]) * np.int32(weights[at + 1])
    )
    return min(max(total, np.int32(-(2**15))), np.int32(2**15 - 1))


@njit(cache=True, nogil=True)
def _reached_by(bounds: NDArray[Any], k: int) -> np.float32:
    """Return what at least k of the bounds reach and hardly more, -inf where fewer are known.

    Halving a range branches on nothing but its outcome: a quarter of a partition's time.
    """
    low, high = np.float32(np.inf), np.float32(-np.inf)
    known = 0
    for place in range(len(bounds)):
        bound = bounds[place]
        if bound > -np.inf:
            low, high = min(low, bound), max(high, bound)
            known += 1
    if known < k:
        return np.float32(-np.inf)
    for _ in range(BISECTION_STEPS):
        middle = np.float32(0.5) * (low + high)
        if _count(bounds, middle) >= k:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _count(bounds: NDArray[Any], least: np.float32) -> np.int32:
    """Return how many bounds reach `least`; counted in 32 bits, as many as a bound has."""
    count = np.int32(0)
    for place in range(len(bounds)):
        count = np.int32(count + np.int32(bounds[place] >= least))
    return count
