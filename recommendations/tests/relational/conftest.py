"""Every test of this folder runs on each engine that is installed."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from recommendations.relational.engine import Engine
from recommendations.relational.engines import ENGINES
from recommendations.tests.relational.builders import open_engine

LIBRARIES = {"duckdb": "duckdb"}


@pytest.fixture(scope="module", params=sorted(ENGINES))
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """The engine of the module, with the tables of whoever used it last."""
    library = LIBRARIES[request.param]
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    scratch: Path = tmp_path_factory.mktemp(request.param)
    with open_engine(request.param, scratch) as opened:
        yield opened
