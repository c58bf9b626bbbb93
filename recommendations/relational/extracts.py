"""Small parts of a log in memory: a sample of shoppers, the newest events, chosen histories."""

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import Interactions
from recommendations.ml.models.session import MAX_EVENTS, SessionModel
from recommendations.ml.models.sparse_ridge import MAX_ITEMS_PER_USER, MAX_STEPS, SparseRidge
from recommendations.ml.sequences import Sequences
from recommendations.relational.engine import fetch_columns
from recommendations.relational.log import RelationalLog

SAMPLE_EVENTS = 2_000_000
"""Members without relational steps learn from the shoppers of about this many events."""
HASHES = 16**8
"""How many values the first eight digits of a hash have."""


def read_sample(log: RelationalLog) -> Interactions:
    """Return all events of a share of the shoppers, not merged; of a small log, of all shoppers.

    Shoppers are chosen by a hash of their subject, so every engine chooses the same ones, and
    almost the same ones in the next training.
    """
    share = compute_sample_share(log)
    chosen = "shoppers"
    if share < 1:
        below = f"{int(share * HASHES):08x}"
        chosen = f"(SELECT * FROM shoppers WHERE substr(md5(subject), 1, 8) < '{below}')"
    return _read_events(log, chosen)


def compute_sample_share(log: RelationalLog) -> float:
    """Return about which share of the shoppers a sample has."""
    return min(1.0, SAMPLE_EVENTS / max(log.n_events, 1))


def read_histories(log: RelationalLog, shoppers: NDArray[np.int64]) -> Interactions:
    """Return all events of these shoppers, not merged; user i is the i-th shopper, ascending."""
    import pyarrow as pa  # noqa: PLC0415 - not every shop has it

    log.engine.register_table("chosen", pa.table({"shopper": shoppers}))
    chosen = "(SELECT shoppers.* FROM shoppers JOIN chosen ON chosen.shopper = shoppers.shopper)"
    return _read_events(log, chosen)


def fit_session(log: RelationalLog, member: SessionModel) -> None:
    """Learn from the newest events, as in memory."""
    first = max(log.n_events - MAX_EVENTS, 0)
    newest = f"(SELECT * FROM {log.events} AS events WHERE position >= {first})"
    active = f"""(
        SELECT shoppers.* FROM shoppers
        JOIN (SELECT DISTINCT shopper FROM {newest} AS newest) AS active
            ON active.shopper = shoppers.shopper
    )"""
    member.fit(_read_events(log, active, first=first))


def fit_sparse_ridge(log: RelationalLog, member: SparseRidge) -> None:
    """Learn from the newest items of the shoppers, as in memory."""
    newest = read_newest_touches(log, MAX_STEPS, per_shopper=MAX_ITEMS_PER_USER)
    solution = member.solve(newest, log.catalogue, is_sequential=log.is_sequential)
    member.set_similarities(solution, is_sequential=log.is_sequential)


def read_newest_touches(log: RelationalLog, n: int, *, per_shopper: int) -> Sequences:
    """Return the sequences that `Sequences.keep_newest` leaves, without their weights."""
    shoppers, items, places, seconds = fetch_columns(
        log.engine,
        f"""
        SELECT shopper, item, place, seconds FROM {log.touches} AS touches
        WHERE place > n_items - {per_shopper}
        ORDER BY seconds DESC, shopper DESC, place DESC LIMIT {n}
        """,
    )
    order = np.lexsort((places, shoppers))
    _, lengths = np.unique(shoppers, return_counts=True)
    return Sequences(
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        items=items[order].astype(np.int32),
        weights=np.ones(len(order), dtype=np.float32),
        timestamps=seconds[order],
    )


def _read_events(log: RelationalLog, shoppers: str, *, first: int = 0) -> Interactions:
    """Return the events of a relation of shoppers from a position on, oldest first."""
    subjects = log.engine.query(f"SELECT shopper, subject FROM {shoppers} AS chosen_shoppers")
    numbers = subjects.column(0).to_numpy()
    by_number = np.argsort(numbers)
    events = log.engine.query(
        f"""
        SELECT events.shopper, item, interaction_type, rating, seconds, position
        FROM {log.events} AS events
        JOIN {shoppers} AS chosen_shoppers ON chosen_shoppers.shopper = events.shopper
        WHERE position >= {first}
        """
    )
    in_order = np.argsort(events.column("position").to_numpy())
    columns = {
        name: events.column(name).to_numpy()[in_order]
        for name in ("shopper", "item", "interaction_type", "rating", "seconds")
    }
    return Interactions.from_events(
        users=np.searchsorted(numbers[by_number], columns["shopper"]).astype(np.int32),
        items=columns["item"],
        interaction_types=columns["interaction_type"].astype(np.int8),
        ratings=columns["rating"].astype(np.float32),
        timestamps=columns["seconds"],
        user_ids=np.array(subjects.column(1).to_pylist(), dtype=np.str_)[by_number],
        catalogue=log.catalogue,
        weights=log.weights,
    )
