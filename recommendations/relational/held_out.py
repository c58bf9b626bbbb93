"""Shoppers to measure on: what they did before and after the cut, and lists to look at."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import History
from recommendations.ml.evaluation.splits import Split, TimeSplit, build_histories
from recommendations.relational.engine import fetch_columns, fetch_row
from recommendations.relational.extracts import read_histories
from recommendations.relational.log import ROWS_PER_STRETCH, RelationalLog, place_rows


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The log before the cut, and the cases; their `training` has nobody else's interactions."""

    past: RelationalLog
    cases: Split


def hold_out(log: RelationalLog, splitter: TimeSplit, *, max_cases: int, seed: int) -> HeldOut:
    """Return what `sample_cases(splitter.split(interactions), max_cases)` returns in memory.

    All interactions after the cut count, of whatever type.
    """
    cut = _find_cut(log, splitter)
    end = log.count_before(cut)
    wants = f"last_position >= {end} AND first_position >= {end}"
    if splitter.include_repeatable:
        wants = f"last_position >= {end} AND (first_position >= {end} OR is_repeatable)"
    # A new shopper's first item after the cut is the history, a known one's everything before it.
    eligible = f"""
        SELECT shopper FROM (
            SELECT shopper, item, min(first_position) AS first_position,
                max(position) AS last_position
            FROM {log.merged} AS merged GROUP BY shopper, item
        ) AS pairs
        JOIN items ON items.item = pairs.item
        GROUP BY shopper
        HAVING count(CASE WHEN {wants} THEN 1 END)
            >= CASE WHEN min(first_position) < {end} THEN 1 ELSE 2 END
    """
    chosen = _draw_shoppers(log, eligible, max_cases, seed)
    cases = replace(splitter, cut=cut).split(read_histories(log, chosen))
    return HeldOut(log.take_past(end), cases)


def draw_histories(log: RelationalLog, n: int, *, seed: int) -> list[History]:
    """Return the histories of n shoppers, drawn at random."""
    active = f"SELECT shopper FROM {log.touches} AS touches WHERE place = 1"
    learnt = read_histories(log, _draw_shoppers(log, active, n, seed)).merge_repeats()
    return build_histories(learnt, np.arange(learnt.n_users, dtype=np.int32))


def _find_cut(log: RelationalLog, splitter: TimeSplit) -> float:
    """Return the moment after the quantile of the times, as `np.quantile` finds it."""
    if splitter.cut is not None or not log.n_events:
        return splitter.cut or 0.0
    place = (1 - splitter.test_share) * (log.n_events - 1)
    below = int(np.floor(place))
    around = log.find_seconds([below, min(below + 1, log.n_events - 1)])
    return float(np.nextafter(np.quantile(around, place - below), np.inf))


def _draw_shoppers(log: RelationalLog, relation: str, n: int, seed: int) -> NDArray[np.int64]:
    """Return at most n shoppers of a relation, drawn at random, ascending."""
    import pyarrow as pa  # noqa: PLC0415 - not every shop has it

    log.engine.create_table("drawn_from", relation)
    (size,) = fetch_row(log.engine, "SELECT count(*) FROM drawn_from")
    numbers = np.arange(size)
    if size > n:
        numbers = np.random.default_rng(seed).permutation(size)[:n]
    log.engine.register_table("numbers", pa.table({"number": numbers}))
    placed = place_rows(
        "drawn_from",
        ("shopper",),
        stretch=f"CAST(floor(shopper / {ROWS_PER_STRETCH}e0) AS BIGINT)",
        order="shopper",
    )
    (shoppers,) = fetch_columns(
        log.engine,
        f"SELECT shopper FROM ({placed}) AS placed JOIN numbers ON number = position",
    )
    log.engine.drop_table("drawn_from")
    return np.sort(shoppers)
