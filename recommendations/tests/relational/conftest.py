"""Tests of this folder run on DuckDB; Spark, whose queries take a second, has `test_spark`."""

from collections.abc import Iterator

import pytest

from recommendations.relational.engine import Engine
from recommendations.relational.engines import open_engine


@pytest.fixture(scope="module", params=["duckdb"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """The engine of the module, with the tables of whoever used it last."""
    name: str = request.param
    pytest.importorskip(name)
    scratch = tmp_path_factory.mktemp(name)
    with open_engine(name, memory_limit="1GB", scratch=scratch) as opened:
        yield opened
