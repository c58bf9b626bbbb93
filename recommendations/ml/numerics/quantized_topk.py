"""Find a superset of the top k rows of a factor model in a copy of the factors quantized to bytes.

Bytes take a quarter of the memory of floats, and a processor multiplies many more bytes at once.
The error of the copy is bounded, so the superset has every row of the top k; the caller scores the
rows of the superset exactly.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.ml.data import FloatArray, RowArray

MAX_CODE, ZERO_CODE = 127, 128
"""Codes are stored as 1 to 255, because one operand of a processor's byte product is unsigned."""
FACTORS_PER_PART = 8
"""How many products are summed in 16 bits."""
MAX_WEIGHT_NORM = 89.0
"""Largest norm of a part's weights: 255 × (√2 × 89 + 1), 127 × √8 × (89 + √8 / 2) < 2**15."""
EPSILON = float(np.finfo(np.float32).eps)
MIN_SCALE = 1e-30
"""Floats of smaller scales would lose precision."""
MIN_ERROR = 1e-3
"""Added to each error, in units of the scale, because tiny scores lose float precision."""
MIN_NORM, MAX_NORM = 1e-9, 1e30
"""For norms of vectors in this range, `MIN_ERROR` suffices and no product overflows a float."""
BLOCK = 64
"""How many rows are stored side by side: they fill vector registers; more slow prefetching."""
PAIRS = 2 * BLOCK
BLOCKS_PER_ROUND = 2048
"""How many blocks are scanned before rows are chosen; fewer would choose more rows in vain."""
LANES_PER_ROW = 4
"""How many lower bounds are kept for each of the k rows; fewer would choose more rows."""
BISECTION_STEPS = 20
"""How many times the bisection halves the range of the k-th bound."""


@dataclass(frozen=True, slots=True)
class QuantizedFactors:
    """The factors of each row as multiples of the row's scale, and each row's bias.

    Rows are stored in blocks of `BLOCK`; rows with the bias NaN fill up the last block.
    """

    codes: NDArray[np.uint8]
    """Each factor divided by its row's scale, plus `ZERO_CODE`; padded with `ZERO_CODE`.

    Shape (n_blocks, n_parts, FACTORS_PER_PART × BLOCK): the first two factors of each row of the
    block, then the next two.
    """
    scales: FloatArray
    """Shape (n_blocks, BLOCK)."""
    bias: FloatArray
    """Shape (n_blocks, BLOCK); NaN for rows that are no candidates."""
    norms: FloatArray
    """The norm of each quantized row in units of its scale, shape (n_blocks, BLOCK)."""
    max_errors: FloatArray
    """The largest quantization error of the rows of each block: a norm, in units of the scale."""

    @classmethod
    def of(cls, factors: FloatArray, bias: FloatArray) -> Self:
        """Return the quantized copy of factors, shape (n_rows, n_factors), and of their biases."""
        n_rows, n_factors = factors.shape
        n_blocks, n_parts = -(-n_rows // BLOCK), -(-n_factors // FACTORS_PER_PART)
        size = n_blocks * n_parts * FACTORS_PER_PART * BLOCK
        # Codes that start at a cache line (64 bytes) are scanned a fifth faster.
        buffer = np.full(size + 64, ZERO_CODE, dtype=np.uint8)
        begin = -buffer.ctypes.data % 64
        codes = buffer[begin : begin + size].reshape(n_blocks, n_parts, FACTORS_PER_PART * BLOCK)
        return cls(codes, *_quantize(factors, bias, codes))

    def top_k_superset(self, vector: FloatArray, k: int) -> RowArray:
        """Return every row that can be among the k best of `vector · factors + bias`, ascending.

        Ties and some more rows are included; rows whose score is NaN are not.
        """
        rows: RowArray = _top_k_superset(
            vector,
            self.codes,
            self.scales,
            self.bias,
            self.norms,
            self.max_errors,
            max(k, 0),
        )
        return rows


@njit(cache=True, nogil=True)
def _quantize(
    factors: FloatArray, bias: FloatArray, codes: NDArray[Any]
) -> tuple[NDArray[Any], ...]:
    n_rows, n_factors = factors.shape
    scales = np.zeros((len(codes), BLOCK), np.float32)
    biases = np.full((len(codes), BLOCK), np.float32(np.nan), np.float32)
    norms = np.zeros((len(codes), BLOCK), np.float32)
    max_errors = np.full(len(codes), np.float32(MIN_ERROR), np.float32)
    for row in range(n_rows):
        # A row whose scores are NaN is no candidate; it must not widen the bounds of its block.
        if np.isnan(bias[row] + factors[row].sum()):
            continue
        block, slot = row // BLOCK, row % BLOCK
        biases[block, slot] = bias[row]
        largest = np.float32(0)
        for factor in factors[row]:
            largest = max(largest, abs(factor))
        scale = max(largest / np.float32(MAX_CODE), np.float32(MIN_SCALE))
        scales[block, slot] = scale
        codes_per_unit = 1 / np.float64(scale)
        square, square_error = 0.0, 0.0
        for number in range(n_factors):
            exact = factors[row, number] * codes_per_unit
            code = np.rint(exact)
            square += code * code
            square_error += (exact - code) * (exact - code)
            part, within = number // FACTORS_PER_PART, number % FACTORS_PER_PART
            index = within // 2 * PAIRS + 2 * slot + within % 2
            codes[block, part, index] = np.int64(code) + ZERO_CODE
        norms[block, slot] = np.sqrt(square)
        error = np.float32(np.sqrt(square_error) + MIN_ERROR)
        max_errors[block] = max(max_errors[block], error)
    return scales, biases, norms, max_errors


# No reordered sums: the bounds hold for one order of rounding only.
@njit(cache=True, nogil=True, fastmath={"contract"})
def _top_k_superset(
    vector: NDArray[Any],
    codes: NDArray[Any],
    scales: NDArray[Any],
    bias: NDArray[Any],
    norms: NDArray[Any],
    max_errors: NDArray[Any],
    k: int,
) -> RowArray:
    n_blocks = len(codes)
    weights, units, offsets, norm, vector_error = _quantize_vector(vector, codes.shape[1])
    if k == 0 or n_blocks == 0 or np.isnan(norm):
        return np.empty(0, dtype=np.int32)
    if norm > 0 and not MIN_NORM <= norm <= MAX_NORM:
        return np.flatnonzero(~np.isnan(bias)).astype(np.int32)
    # Bounds the rounding errors of the sums, here and in the exact score of a row.
    precision = EPSILON * (2 * len(vector) + 8)
    slack_per_norm = np.float32(vector_error + precision * norm)
    slack_per_error = np.float32(norm + precision * norm)
    rows = np.empty(n_blocks * BLOCK, dtype=np.int32)
    upper_bounds, lower_bounds = np.empty(len(rows), np.float32), np.empty(len(rows), np.float32)
    n_kept = n_found = 0
    # The largest lower bounds. Each lane belongs to other rows, so k lanes are k rows.
    n_lanes = min(-(-k * LANES_PER_ROW // BLOCK), n_blocks)
    lower_bound_lanes = np.full((n_lanes + 1) * BLOCK, np.float32(-np.inf), np.float32)
    lane = 0
    products = np.empty(BLOCK, dtype=np.float32)
    block_bounds = np.empty((min(BLOCKS_PER_ROUND, n_blocks), BLOCK), dtype=np.float32)
    for first in range(0, n_blocks, BLOCKS_PER_ROUND):
        last = min(first + BLOCKS_PER_ROUND, n_blocks)
        for block in range(first, last):
            _multiply(weights, units, offsets, codes[block], products)
            error_slack = slack_per_error * max_errors[block]
            lanes = lower_bound_lanes[lane : lane + BLOCK]
            for slot in range(BLOCK):
                scale, base = scales[block, slot], bias[block, slot]
                slack = slack_per_norm * norms[block, slot] + error_slack
                lower = (products[slot] - slack) * scale + base
                block_bounds[block - first, slot] = (products[slot] + slack) * scale + base
                lanes[slot] = lower if lower > lanes[slot] else lanes[slot]
            lane += BLOCK
            if lane + BLOCK > len(lower_bound_lanes):
                # One lane further each time, lest good rows at regular distances share few lanes.
                lane = (lane + 1) % BLOCK
        threshold = _find_kth_bound(lower_bound_lanes, k)
        for block in range(first, last):
            upper = block_bounds[block - first]
            if _count_at_least(upper, threshold):
                # Write each row and overwrite most of them: there is no branch to mispredict.
                for slot in range(BLOCK):
                    rows[n_found] = block * BLOCK + slot
                    n_found += upper[slot] >= threshold
        for index in range(n_kept, n_found):
            block, slot = divmod(rows[index], BLOCK)
            slack = slack_per_norm * norms[block, slot]
            slack += slack_per_error * max_errors[block]
            width = np.float32(2) * slack * scales[block, slot]
            upper_bound = block_bounds[block - first, slot]
            upper_bounds[index] = upper_bound
            margin = np.float32(2 * EPSILON) * (abs(upper_bound) + width)
            lower_bounds[index] = upper_bound - width - margin
        # Each of these few rows has a lower bound of its own; before, rows shared lanes.
        threshold = max(threshold, _find_kth_bound(lower_bounds[:n_found], k))
        n_kept = 0
        for index in range(n_found):
            rows[n_kept] = rows[index]
            upper_bounds[n_kept], lower_bounds[n_kept] = upper_bounds[index], lower_bounds[index]
            n_kept += upper_bounds[n_kept] >= threshold
        n_found = n_kept
    return rows[:n_kept]


@njit(cache=True, nogil=True)
def _quantize_vector(vector: NDArray[Any], n_parts: int) -> tuple[Any, ...]:
    """Return integer weights, units and offsets of a vector's parts, its norm, and its error.

    Weights are repeated for each row of a block. A part's offset takes `ZERO_CODE` out of the sum
    of its products. The error is the norm of the difference that quantization makes to the vector.
    """
    weights = np.zeros((n_parts, FACTORS_PER_PART * BLOCK), np.int8)
    units = np.zeros(n_parts, np.float32)
    offsets = np.zeros(n_parts, np.int16)
    square, square_error = 0.0, 0.0
    for part in range(n_parts):
        factors = vector[part * FACTORS_PER_PART : (part + 1) * FACTORS_PER_PART].astype(np.float64)
        part_square = np.sum(factors * factors)
        square += part_square
        units[part] = max(np.sqrt(part_square) / MAX_WEIGHT_NORM, MIN_SCALE)
        total = np.int64(0)
        for number in range(len(factors)):
            weight = np.rint(factors[number] / units[part])
            square_error += (factors[number] - weight * units[part]) ** 2
            total += np.int64(weight)
            weights[part, number // 2 * PAIRS + number % 2] = np.int64(weight)
        offsets[part] = -ZERO_CODE * total
        for begin in range(0, FACTORS_PER_PART * BLOCK, PAIRS):
            pairs = weights[part, begin : begin + PAIRS]
            left, right = pairs[0], pairs[1]
            for slot in range(BLOCK):
                pairs[2 * slot] = left
                pairs[2 * slot + 1] = right
    return weights, units, offsets, np.sqrt(square), np.sqrt(square_error)


@njit(cache=True, nogil=True, fastmath={"contract"})
def _multiply(
    weights: NDArray[Any],
    units: NDArray[Any],
    offsets: NDArray[Any],
    block_codes: NDArray[Any],
    products: NDArray[Any],
) -> None:
    for slot in range(BLOCK):
        products[slot] = 0
    for part in range(len(weights)):
        unit, offset = units[part], offsets[part]
        part_codes, part_weights = block_codes[part], weights[part]
        for slot in range(BLOCK):
            # A partial sum may wrap around in 16 bits; the total fits.
            total = np.int16(
                offset
                + _multiply_pair(part_codes, part_weights, 2 * slot)
                + _multiply_pair(part_codes, part_weights, 2 * slot + PAIRS)
                + _multiply_pair(part_codes, part_weights, 2 * slot + 2 * PAIRS)
                + _multiply_pair(part_codes, part_weights, 2 * slot + 3 * PAIRS)
            )
            products[slot] += unit * np.float32(total)


@njit(cache=True, nogil=True)
def _multiply_pair(codes: NDArray[Any], weights: NDArray[Any], index: int) -> np.int32:
    """Return the sum of two products, clipped to 16 bits.

    The sum always fits; the clipping lets the compiler use one x86 instruction (pmaddubsw) for 32
    such sums.
    """
    total = np.int32(
        np.int32(codes[index]) * np.int32(weights[index])
        + np.int32(codes[index + 1]) * np.int32(weights[index + 1])
    )
    return min(max(total, np.int32(-(2**15))), np.int32(2**15 - 1))


@njit(cache=True, nogil=True)
def _find_kth_bound(bounds: NDArray[Any], k: int) -> np.float32:
    """Return a value that k or a few more bounds reach; -inf if there are fewer than k bounds."""
    # Bisection takes a quarter of the time of a partition, because it hardly branches.
    low, high = np.float32(np.inf), np.float32(-np.inf)
    n_bounds = 0
    for index in range(len(bounds)):
        bound = bounds[index]
        if bound > -np.inf:
            low, high = min(low, bound), max(high, bound)
            n_bounds += 1
    if n_bounds < k:
        return np.float32(-np.inf)
    for _ in range(BISECTION_STEPS):
        middle = np.float32(0.5) * (low + high)
        if _count_at_least(bounds, middle) >= k:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _count_at_least(bounds: NDArray[Any], threshold: np.float32) -> np.int32:
    """Return how many bounds reach the threshold; the count has 32 bits like the bounds."""
    count = np.int32(0)
    for index in range(len(bounds)):
        count = np.int32(count + np.int32(bounds[index] >= threshold))
    return count
