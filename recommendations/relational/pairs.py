"""Items × items: sums over the pairs of items of each shopper, by the engine.

The pairs of a log are many times its rows, and exist only while they are summed. Sums are made for
a block of items at a time, so that an engine of one machine has them in memory; what leaves the
engine is a row for each cell of the result.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from recommendations.relational.engine import fetch_columns
from recommendations.relational.log import RelationalLog

POINTS_OF_ESTIMATES = 200


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is summed over the pairs of two items, `one` and `other`, that a shopper touched.

    Attributes:
        value: An expression of the columns of `one` and `other`.
        touches: A relation with `shopper`, `item`, `place`, `n_items` and what `value` needs.
        window: Pairs count only up to so many places apart; None: all pairs count.
        with_itself: Whether an item makes a pair with itself.
    """

    value: str
    touches: str
    window: int | None = None
    with_itself: bool = False


def read_largest(log: RelationalLog, pairs: Pairs, similarity: str, n: int) -> sp.csr_array:
    """Return the n largest positive similarities of each item; ties go to the lower item.

    `similarity` is an expression of `total`, the sum of the pair, and of `n_item` and `n_neighbor`,
    how many shoppers touched the two items.
    """

    def rank(sums: str) -> str:
        return f"""
            SELECT item, neighbor, similarity FROM (
                SELECT *, row_number() OVER (
                    PARTITION BY item ORDER BY similarity DESC, neighbor) AS place
                FROM (
                    SELECT sums.item, sums.neighbor, CAST({similarity} AS FLOAT) AS similarity
                    FROM ({sums}) AS sums
                    JOIN (SELECT item, n AS n_item FROM {log.popularity}) AS of_items
                        ON of_items.item = sums.item
                    JOIN (SELECT item AS neighbor, n AS n_neighbor FROM {log.popularity})
                        AS of_neighbors ON of_neighbors.neighbor = sums.neighbor
                ) AS similarities
            ) AS ranked
            WHERE place <= {n} AND similarity > 0
        """

    return _stack(
        _read_block(log, rank(_sum_pairs(pairs, first, last)), first, last)
        for first, last in _cut_into_blocks(log, pairs)
    )


def read_sums(log: RelationalLog, pairs: Pairs) -> sp.csr_array:
    """Return the sums of all pairs in double precision, shape (n_items, n_items)."""
    return _stack(
        _read_block(log, _sum_pairs(pairs, first, last), first, last)
        for first, last in _cut_into_blocks(log, pairs)
    )


def _sum_pairs(pairs: Pairs, first: int, last: int) -> str:
    """Return the SQL of `item`, `neighbor` and `total` for the items from first up to last."""
    of_block = f"item >= {first} AND item < {last}"
    one = f"(SELECT * FROM {pairs.touches} AS touches WHERE {of_block})"
    other, near = pairs.touches, ""
    if pairs.window is not None:
        # The places are cut into stretches as long as the window. What is within a window is in the
        # same stretch or in the next one to it, so a shopper with many items makes few pairs.
        stretch = f"CAST(floor((place - 1) / {pairs.window}e0) AS INTEGER)"
        last_stretch = f"CAST(floor((n_items - 1) / {pairs.window}e0) AS INTEGER)"
        one = f"""(
            SELECT *, {stretch} AS stretch FROM {one} AS here
            UNION ALL SELECT *, {stretch} - 1 AS stretch FROM {one} AS here WHERE {stretch} > 0
            UNION ALL SELECT *, {stretch} + 1 AS stretch FROM {one} AS here
                WHERE {stretch} < {last_stretch}
        )"""
        other = f"(SELECT *, {stretch} AS stretch FROM {pairs.touches} AS touches)"
        near = (
            f" AND one.stretch = other.stretch AND abs(one.place - other.place) <= {pairs.window}"
        )
    differ = "" if pairs.with_itself else " AND one.item <> other.item"
    return f"""
        SELECT one.item AS item, other.item AS neighbor, sum({pairs.value}) AS total
        FROM {one} AS one
        JOIN {other} AS other ON one.shopper = other.shopper{near}{differ}
        GROUP BY one.item, other.item
    """


def _cut_into_blocks(log: RelationalLog, pairs: Pairs) -> Iterator[tuple[int, int]]:
    """Yield the first item of each block, and the first behind it."""
    limit = log.engine.pairs_per_block
    if 0 < log.n_items**2 <= limit:
        yield 0, log.n_items
        return
    of_touch = "n_items" if pairs.window is None else f"least(n_items, {2 * pairs.window})"
    n_pairs = log.sum_by_item({"pairs": of_touch}, pairs.touches)["pairs"]
    before = np.concatenate([[0], np.cumsum(_estimate_neighbors(n_pairs))])
    inner = np.searchsorted(before, np.arange(limit, before[-1], limit))
    yield from pairwise(np.unique(np.array([0, *inner, log.n_items])).tolist())


def _estimate_neighbors(n_pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how many different neighbors each item has, expected from its number of pairs.

    Pairs are taken to find their second item independently, each item as often as its pairs are
    among all. Where shoppers have tastes, pairs repeat more often, so there are fewer neighbors.
    """
    kinds, counts = np.unique(n_pairs, return_counts=True)
    shares = kinds / max(float(n_pairs.sum()), 1.0)
    grid = np.geomspace(1, max(float(n_pairs.max(initial=1)), 2), POINTS_OF_ESTIMATES)
    expected = [-counts @ np.expm1(-n * shares) for n in grid]
    estimates: NDArray[np.float64] = np.minimum(n_pairs, np.interp(n_pairs, grid, expected))
    return estimates


def _read_block(log: RelationalLog, sql: str, first: int, last: int) -> sp.csr_array:
    items, neighbors, values = fetch_columns(log.engine, sql)
    cells = sp.coo_array((values, (items - first, neighbors)), shape=(last - first, log.n_items))
    del items, neighbors, values  # A block may have gigabytes.
    rows = sp.csr_array(cells)
    del cells
    rows.sort_indices()
    return rows


def _stack(blocks: Iterator[sp.csr_array]) -> sp.csr_array:
    """Return the rows of all blocks, one below the other, without a second copy of all."""
    counts: list[NDArray[Any]] = [np.zeros(1, dtype=np.int64)]
    columns, values, width = [], [], 0
    for block in blocks:
        counts.append(np.diff(block.indptr))
        columns.append(block.indices.astype(np.int32))
        values.append(block.data)
        width = block.shape[1]
    indptr = np.cumsum(np.concatenate(counts))
    return sp.csr_array(
        (_join(values), _join(columns), indptr), shape=(len(indptr) - 1, width), copy=False
    )


def _join(parts: list[NDArray[Any]]) -> NDArray[Any]:
    joined = np.empty(sum(map(len, parts)), dtype=parts[0].dtype if parts else np.float32)
    end = len(joined)
    while parts:
        part = parts.pop()
        joined[end - len(part) : end] = part
        end -= len(part)
    return joined
