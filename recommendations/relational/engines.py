"""The engines by name."""

from contextlib import AbstractContextManager
from pathlib import Path

from recommendations.errors import EngineError
from recommendations.relational.duckdb_engine import DuckDbEngine, open_duckdb
from recommendations.relational.engine import Engine
from recommendations.relational.spark_engine import SparkEngine, open_spark

ENGINES = (DuckDbEngine.name, SparkEngine.name)
"""What trains on a log that may not fit into memory."""


def open_engine(
    name: str, *, memory_limit: str, scratch: Path | None, master: str | None = None
) -> AbstractContextManager[Engine]:
    """Return an engine, open within a `with`; `scratch` is for what does not fit into memory.

    Raises:
        EngineError: Only Spark has a master. Entering the `with` raises it for whatever else the
            engine cannot take.
    """
    if name == SparkEngine.name:
        return open_spark(memory_limit=memory_limit, scratch=scratch, master=master)
    if master is not None:
        raise EngineError(f"The engine {name} has no master: --master is for the engine spark.")
    return open_duckdb(memory_limit=memory_limit, scratch=scratch)
