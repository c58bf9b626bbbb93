"""A log of interactions as tables of an engine.

- `shoppers`: `subject`, and `shopper`, the id of the first interaction.
- `events`: `shopper`, `item`, `interaction_type`, `rating`, `seconds`, and `position`, the place in
  the order of time and id, from 0.
- `merged`: what `Interactions.merge_repeats` makes of the events; `position` is that of the newest.
- `touches`: each item of a shopper once, as in `Sequences`; `place` counts from 1.
- `popularity`: each item that was touched, and `n`, by how many shoppers.

A past of the log has tables of its own but `shoppers`.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.errors import TrainingLogError
from recommendations.ml.data import (
    MAX_REPEAT_FACTOR,
    NEUTRAL_RATING,
    TYPE_CODES,
    Catalogue,
)
from recommendations.relational.engine import Engine, fetch_columns, fetch_row, write_number

SECONDS_PER_HOUR = 3_600
ROWS_PER_STRETCH = 100_000
"""How many events a stretch of the log has, within which rows are sorted."""

BY_SHOPPER = "/*+ REPARTITION(shopper) */"
"""Spark reads this as where rows shall lie, DuckDB as a comment. What is made of such rows lies by
shopper too, and is not moved again when it is grouped or joined by shopper."""


class RelationalLog:
    """The interactions before one position of the log, with the catalogue.

    Tables are made when they are first asked for.
    """

    def __init__(
        self,
        engine: Engine,
        catalogue: Catalogue,
        weights: Mapping[InteractionType, float],
        *,
        prefix: str = "",
        end: int | None = None,
    ) -> None:
        self.engine = engine
        self.catalogue = catalogue
        self.weights = weights
        self._prefix = prefix
        self._end = end

    def take_past(self, end: int, *, prefix: str = "past_") -> "RelationalLog":
        """Return the log of the events before this position."""
        return RelationalLog(
            self.engine, self.catalogue, self.weights, prefix=prefix, end=min(end, self.n_events)
        )

    def drop_tables(self) -> None:
        """Give back the space of the tables that were made for this log."""
        for name in ("merged", "touches", "popularity"):
            if name in self.__dict__:
                self.engine.drop_table(self.__dict__.pop(name))

    @property
    def n_items(self) -> int:
        """How many items the catalogue has."""
        return len(self.catalogue)

    @cached_property
    def n_users(self) -> int:
        """How many shoppers and visitors the log has, with or without events of the catalogue."""
        return int(fetch_row(self.engine, "SELECT count(*) FROM shoppers")[0])

    @cached_property
    def n_events(self) -> int:
        """How many events there are."""
        if self._end is not None:
            return self._end
        return int(fetch_row(self.engine, "SELECT count(*) FROM events")[0])

    @cached_property
    def n_interactions(self) -> int:
        """How many rows are left when repeats are merged."""
        return int(fetch_row(self.engine, f"SELECT count(*) FROM {self.merged}")[0])

    @cached_property
    def newest_seconds(self) -> float:
        """The time of the newest event; 0 if there is none."""
        return self.find_seconds([self.n_events - 1])[0] if self.n_events else 0.0

    @property
    def events(self) -> str:
        """The events as a relation."""
        if self._end is None:
            return "events"
        return f"(SELECT * FROM events WHERE position < {self._end})"

    @cached_property
    def merged(self) -> str:
        """The name of the table of merged interactions."""
        name = f"{self._prefix}merged"
        cases = " ".join(
            f"WHEN {TYPE_CODES[each]} THEN {write_number(self.weights[each])}"
            for each in InteractionType
        )
        factor = f"factor * least(1 + ln(repeats), {write_number(MAX_REPEAT_FACTOR)})"
        self.engine.create_table(
            name,
            f"""
            SELECT shopper, item, interaction_type, repeats, position, first_position, seconds,
                {factor} * type_weight AS weight,
                CASE WHEN type_weight * factor > 0 THEN {factor} ELSE 0e0 END AS untyped
            FROM (
                SELECT *, CASE interaction_type {cases} END AS type_weight FROM (
                    SELECT shopper, item, interaction_type, count(*) AS repeats,
                        max(position) AS position, min(position) AS first_position,
                        max(seconds) AS seconds,
                        max_by(coalesce(rating, {write_number(NEUTRAL_RATING)}), position)
                            / {write_number(NEUTRAL_RATING)} AS factor
                    FROM (SELECT {BY_SHOPPER} * FROM {self.events} AS events) AS events
                    GROUP BY shopper, item, interaction_type
                ) AS merged
            ) AS weighted
            """,
        )
        return name

    @cached_property
    def touches(self) -> str:
        """The name of the table of each shopper's distinct items."""
        name = f"{self._prefix}touches"
        self.engine.create_table(
            name,
            f"""
            SELECT shopper, item, seconds, position,
                CAST(row_number() OVER (PARTITION BY shopper ORDER BY position) AS INTEGER)
                    AS place,
                CAST(count(*) OVER (PARTITION BY shopper) AS INTEGER) AS n_items
            FROM (
                SELECT shopper, item, min(position) AS position, min(seconds) AS seconds
                FROM {self.merged} AS merged GROUP BY shopper, item
            ) AS distinct_items
            """,
        )
        return name

    @cached_property
    def popularity(self) -> str:
        """The name of the table of how many shoppers touched each item."""
        name = f"{self._prefix}popularity"
        self.engine.create_table(
            name, f"SELECT item, count(*) AS n FROM {self.touches} AS touches GROUP BY item"
        )
        return name

    @cached_property
    def is_sequential(self) -> bool:
        """Whether at least half of all pairs of a shopper's consecutive items differ in time."""
        n_pairs, n_differ = fetch_row(
            self.engine,
            f"""
            SELECT count(*), count(CASE WHEN seconds > before THEN 1 END)
            FROM (
                SELECT seconds, lag(seconds) OVER (PARTITION BY shopper ORDER BY place) AS before
                FROM {self.touches} AS touches
            ) AS pairs
            WHERE before IS NOT NULL
            """,
        )
        return bool(n_pairs > 0 and n_differ / n_pairs >= 0.5)

    def find_seconds(self, positions: Sequence[int]) -> list[float]:
        """Return the times of the events at these positions."""
        wanted = ", ".join(map(str, positions))
        found = fetch_columns(
            self.engine, f"SELECT position, seconds FROM events WHERE position IN ({wanted})"
        )
        times = dict(zip(found[0].tolist(), found[1].tolist(), strict=True))
        return [times[position] for position in positions]

    def count_before(self, seconds: float) -> int:
        """Return how many events are older than this moment: the position of the next one."""
        before = f"SELECT count(*) FROM events WHERE seconds < {write_number(seconds)}"
        return min(int(fetch_row(self.engine, before)[0]), self.n_events)

    def sum_by_item(self, sums: Mapping[str, str], relation: str) -> dict[str, NDArray[np.float64]]:
        """Return sums of expressions for each item, 0 for items without rows."""
        selected = ", ".join(f"sum(CAST({one} AS DOUBLE))" for one in sums.values())
        items, *columns = fetch_columns(
            self.engine, f"SELECT item, {selected} FROM {relation} AS rows_of_items GROUP BY item"
        )
        found = {}
        for name, column in zip(sums, columns, strict=True):
            found[name] = np.zeros(self.n_items)
            found[name][items] = column
        return found

    def count_shoppers(self) -> NDArray[np.int64]:
        """Return how many shoppers touched each item."""
        items, counts = fetch_columns(self.engine, f"SELECT item, n FROM {self.popularity}")
        n_shoppers = np.zeros(self.n_items, dtype=np.int64)
        n_shoppers[items] = counts
        return n_shoppers


def open_log(
    engine: Engine,
    files: Sequence[str],
    catalogue: Catalogue,
    weights: Mapping[InteractionType, float],
    *,
    left_out: Collection[str] = (),
) -> RelationalLog:
    """Return the log of these day parts, without these subjects.

    Raises TrainingLogError if it has interactions of an unknown type.
    """
    import pyarrow as pa  # noqa: PLC0415 - not every shop has it

    n_items = len(catalogue)
    engine.register_parquet("log", files)
    _check_types(engine)
    engine.register_table(
        "items",
        pa.table(
            {
                "product_id": pa.array(catalogue.item_ids, pa.int64()),
                "item": pa.array(np.arange(n_items, dtype=np.int32)),
                "is_repeatable": pa.array(catalogue.is_repeatable),
            }
        ),
    )
    engine.register_table("left_out", pa.table({"subject": pa.array(left_out, pa.string())}))
    engine.register_table(
        "types",
        pa.table(
            {
                "name": pa.array(list(TYPE_CODES), pa.string()),
                "code": pa.array(list(TYPE_CODES.values()), pa.int8()),
            }
        ),
    )
    # The number of a shopper is the id of the first interaction: whole, and in the order in which
    # shoppers are numbered in memory.
    engine.create_table(
        "shoppers",
        "SELECT subject, min(id) AS shopper FROM log WHERE NOT EXISTS"
        " (SELECT 1 FROM left_out WHERE left_out.subject = log.subject) GROUP BY subject",
    )
    engine.create_table(
        "unplaced",
        f"""
        SELECT shopper, item, code AS interaction_type, id, CAST(rating AS FLOAT) AS rating,
            {engine.to_microseconds("timestamp")} / 1e6 AS seconds
        FROM log
        JOIN shoppers ON shoppers.subject = log.subject
        JOIN items ON items.product_id = log.product_id
        JOIN types ON types.name = log.interaction_type
        """,
    )
    engine.create_table(
        "events",
        place_rows(
            "unplaced",
            ("shopper", "item", "interaction_type", "rating", "seconds"),
            stretch=f"CAST(floor(seconds / {SECONDS_PER_HOUR}) AS BIGINT)",
            order="seconds, id",
        ),
    )
    engine.drop_table("unplaced")
    return RelationalLog(engine, catalogue, weights)


def _check_types(engine: Engine) -> None:
    known = ", ".join(f"'{name}'" for name in TYPE_CODES)
    (unknown,) = fetch_columns(
        engine,
        f"SELECT DISTINCT interaction_type FROM log WHERE interaction_type NOT IN ({known})",
    )
    if len(unknown):
        raise TrainingLogError(
            f"The log has interactions of the type {min(unknown)}. There are "
            f"{', '.join(TYPE_CODES)}."
        )


def place_rows(relation: str, columns: Sequence[str], *, stretch: str, order: str) -> str:
    """Return the SQL of a relation with the `position` of each row in an order, from 0.

    Rows are sorted only within stretches, whole numbers that rise with the order. So an engine of
    many machines sorts on all of them.
    """
    listed = ", ".join(f"placed.{column}" for column in columns)
    return f"""
        SELECT {listed}, before + row_in_stretch - 1 AS position
        FROM (
            SELECT *, {stretch} AS stretch,
                row_number() OVER (PARTITION BY {stretch} ORDER BY {order}) AS row_in_stretch
            FROM {relation} AS unsorted
        ) AS placed
        JOIN (
            SELECT stretch, CAST(sum(n) OVER (ORDER BY stretch) - n AS BIGINT) AS before
            FROM (
                SELECT {stretch} AS stretch, count(*) AS n FROM {relation} AS counted GROUP BY 1
            ) AS counts
        ) AS stretches ON stretches.stretch = placed.stretch
    """
