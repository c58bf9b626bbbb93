"""The engines by name."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from recommendations.relational.duckdb_engine import open_duckdb
from recommendations.relational.engine import Engine


class OpenEngine(Protocol):
    """Opens an engine for the block that follows."""

    def __call__(
        self, *, memory_limit: str, scratch: Path | None
    ) -> AbstractContextManager[Engine]:
        """Yield an engine; `scratch` is a folder for what does not fit into memory."""


ENGINES: dict[str, OpenEngine] = {"duckdb": open_duckdb}
"""What trains on a log that may not fit into memory."""
