"""DuckDB: logs larger than memory on one machine."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recommendations.errors import EngineError
from recommendations.relational.engine import Table
from recommendations.relational.resources import parse_size
from recommendations.relational.scratch import make_scratch_folder

BYTES_PER_PAIR = 120
"""What a pair of items takes while its sum grows and the largest are chosen, twice over."""


class DuckDbEngine:
    """An engine in this process, whose tables lie in a file."""

    name = "duckdb"
    verifies_checksums = False

    def __init__(self, connection: Any, memory_bytes: int) -> None:
        self._connection = connection
        self.pairs_per_block = max(memory_bytes // BYTES_PER_PAIR, 1_000_000)

    def to_microseconds(self, column: str) -> str:
        """Return the expression for the Unix microseconds of a column of timestamps."""
        return f"epoch_us({column})"

    def register_parquet(self, name: str, files: Sequence[str]) -> None:
        """Call the rows of these files a table; raise EngineError if one cannot be read."""
        if "://" in files[0]:
            from fsspec.core import url_to_fs  # noqa: PLC0415 - not every shop has it

            self._connection.register_filesystem(url_to_fs(files[0])[0])
        listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
        self._run(
            f"CREATE OR REPLACE VIEW {name} AS"
            f" SELECT * FROM read_parquet([{listed}], hive_partitioning = false)"
        )

    def register_table(self, name: str, table: Table) -> None:
        """Call a small table of Arrow by this name, whatever had the name before."""
        self._connection.register(name, table)

    def create_table(self, name: str, sql: str) -> None:
        """Compute a table once and keep it."""
        self._run(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    def drop_table(self, name: str) -> None:
        """Forget a table that `create_table` made, and give back its space."""
        self._run(f"DROP TABLE IF EXISTS {name}")
        self._run("CHECKPOINT")

    def query(self, sql: str) -> Table:
        """Return the rows; they must fit into memory."""
        with _translate_errors():
            return self._connection.sql(sql).to_arrow_table()

    def _run(self, sql: str) -> None:
        with _translate_errors():
            self._connection.execute(sql)


@contextmanager
def _translate_errors() -> Iterator[None]:
    import duckdb  # noqa: PLC0415 - not every shop has it

    try:
        yield
    except duckdb.Error as problem:
        raise EngineError(f"DuckDB stopped: {problem}") from problem


@contextmanager
def open_duckdb(
    *, memory_limit: str = "4GB", scratch: Path | None = None
) -> Iterator[DuckDbEngine]:
    """Yield an engine that takes this much memory; it writes the rest to a folder in `scratch`.

    The folder is deleted afterwards. Without `scratch`, it lies where temporary files do.

    Raises:
        EngineError: DuckDB is not installed, the limit cannot be read, or the folder is not there.
    """
    try:
        import duckdb  # noqa: PLC0415 - not every shop has it
    except ImportError as missing:
        raise EngineError(
            "The engine duckdb needs the library duckdb, which takes 60 MB and is not installed. "
            "Install it with `pip install duckdb`."
        ) from missing
    memory_bytes = parse_size(memory_limit)
    with make_scratch_folder(scratch) as folder:
        connection = duckdb.connect(
            str(folder / "tables.duckdb"),
            config={
                "memory_limit": memory_limit,
                "temp_directory": str(folder / "spilled"),
                # Rows are read by what they say, never by their place.
                "preserve_insertion_order": False,
                "autoload_known_extensions": False,
                "autoinstall_known_extensions": False,
            },
        )
        try:
            connection.execute("SET enable_progress_bar = false")
            yield DuckDbEngine(connection, memory_bytes)
        finally:
            connection.close()
