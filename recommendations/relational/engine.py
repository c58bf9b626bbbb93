"""What an engine must do for us: run SQL on tables that may be larger than memory.

The SQL is what DuckDB and Spark have in common. It keeps to these rules:

- A number with a decimal point is written by `write_number`, lest it is read as a decimal.
- `max_by` and `min_by` get no NULL as their first argument.
- What is worked on twice is made a table; nothing is sorted as a whole.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Table = Any
"""A table of Arrow (`pyarrow.Table`)."""


class Engine(Protocol):
    """Tables by name, and SQL on them."""

    name: str
    """How commands and messages call it."""
    pairs_per_block: int
    """Of how many pairs of items sums are made at once."""

    verifies_checksums: bool
    """Whether it refuses a file of Parquet whose pages do not have the checksums written there."""

    def to_microseconds(self, column: str) -> str:
        """Return the expression for the Unix microseconds of a column of timestamps."""

    def register_parquet(self, name: str, files: Sequence[str]) -> None:
        """Call the rows of these files a table; raise EngineError if one cannot be read."""

    def register_table(self, name: str, table: Table) -> None:
        """Call a small table of Arrow by this name, whatever had the name before."""

    def create_table(self, name: str, sql: str) -> None:
        """Compute a table once and keep it."""

    def drop_table(self, name: str) -> None:
        """Forget a table that `create_table` made, and give back its space."""

    def query(self, sql: str) -> Table:
        """Return the rows; they must fit into memory."""


def write_number(value: float) -> str:
    """Return a number as both engines read it: in double precision.

    >>> write_number(0.5)
    '5e-01'
    """
    return np.format_float_scientific(value, trim="-")


def fetch_columns(engine: Engine, sql: str) -> list[NDArray[Any]]:
    """Return the columns of a result without NULLs."""
    columns = engine.query(sql).columns
    # Each column is let go as soon as it is copied.
    return [columns.pop(0).to_numpy() for _ in range(len(columns))]


def fetch_row(engine: Engine, sql: str) -> tuple[Any, ...]:
    """Return the only row of a result."""
    table = engine.query(sql)
    return tuple(table.column(index)[0].as_py() for index in range(table.num_columns))
