"""Spark: logs larger than one machine, or a trial of it in local mode."""

import logging
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recommendations.errors import EngineError
from recommendations.relational.engine import Table
from recommendations.relational.resources import parse_size
from recommendations.relational.scratch import make_scratch_folder

DEFAULT_MASTER = "local[*]"
MASTERS = re.compile(r"local(\[.+\])?|local-cluster\[.+\]|(spark|k8s)://.+|yarn")
BYTES_PER_PARTITION = 4_000_000
"""Of a log in Parquet, which has about 15 for an event: one machine cuts a table into parts of so
many events. Each part costs some hundredths of a second, however few rows it has."""
ALL_PAIRS = 2**62
CAUSE = re.compile(r"^Caused by: .+$", re.MULTILINE)
SPARK_SCHEMES = {"s3": "s3a", "gcs": "gs"}
"""How Hadoop calls storages that fsspec calls otherwise."""


class SparkEngine:
    """A session of Spark, whose tables lie on its executors.

    A table is cached, not written: what is lost with an executor or a failed task is computed
    again from the log.
    """

    name = "spark"
    verifies_checksums = True
    pairs_per_block = ALL_PAIRS
    """Spark sums in parts of its own and spills them to its disks."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self._cached: dict[str, Any] = {}

    def to_microseconds(self, column: str) -> str:
        """Return the expression for the Unix microseconds of a column of timestamps."""
        return f"unix_micros({column})"

    def register_parquet(self, name: str, files: Sequence[str]) -> None:
        """Call the rows of these files a table; raise EngineError if one cannot be read."""
        with _translate_errors():
            rows = self.session.read.parquet(*map(_to_hadoop, files))
            rows.createOrReplaceTempView(name)
            if self.session.sparkContext.master.startswith("local"):
                self._choose_partitions(rows)

    def _choose_partitions(self, log: Any) -> None:
        """Cut tables into few parts if the log is small; Spark does not join those it caches."""
        size = log._jdf.queryExecution().optimizedPlan().stats().sizeInBytes()
        wanted = math.ceil(size / BYTES_PER_PARTITION)
        partitions = max(wanted, self.session.sparkContext.defaultParallelism)
        self.session.conf.set("spark.sql.shuffle.partitions", partitions)

    def register_table(self, name: str, table: Table) -> None:
        """Call a small table of Arrow by this name, whatever had the name before."""
        with _translate_errors():
            self.session.createDataFrame(table).createOrReplaceTempView(name)

    def create_table(self, name: str, sql: str) -> None:
        """Compute a table once and keep it."""
        self.drop_table(name)
        with _translate_errors():
            rows = self.session.sql(sql).persist()
            rows.count()
            rows.createOrReplaceTempView(name)
        self._cached[name] = rows

    def drop_table(self, name: str) -> None:
        """Forget a table that `create_table` made, and give back its space."""
        if name in self._cached:
            self._cached.pop(name).unpersist()
            self.session.catalog.dropTempView(name)

    def query(self, sql: str) -> Table:
        """Return the rows; they must fit into memory."""
        with _translate_errors():
            return self.session.sql(sql).toArrow()


def _to_hadoop(file: str) -> str:
    """Return the address by which Hadoop knows a file; it escapes nothing.

    >>> _to_hadoop("/data/log/interactions/day=2026-03-01.parquet")
    'file:///data/log/interactions/day=2026-03-01.parquet'
    >>> _to_hadoop("s3://shop/log/products.parquet")
    's3a://shop/log/products.parquet'
    """
    scheme, separator, rest = file.partition("://")
    if not separator:
        return f"file://{Path(file).absolute()}"
    return f"{SPARK_SCHEMES.get(scheme, scheme)}://{rest}"


@contextmanager
def _translate_errors() -> Iterator[None]:
    from py4j.protocol import Py4JError  # noqa: PLC0415 - not every shop has it
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (PySparkException, Py4JError) as problem:
        raise EngineError(f"Spark stopped: {_shorten(problem)}") from problem


def _shorten(problem: Exception) -> str:
    """Return what a message says before the trace of Java, and each cause that the trace names."""
    text = str(problem).strip()
    beginning = text.partition("\n\tat ")[0].partition("\n\nDriver stacktrace")[0]
    return "\n".join([beginning, *dict.fromkeys(CAUSE.findall(text))])


@contextmanager
def open_spark(
    *, memory_limit: str = "4GB", scratch: Path | None = None, master: str | None = None
) -> Iterator[SparkEngine]:
    """Yield an engine at this master; without one, on all cores of this machine.

    The driver and each executor take so much memory. The driver, which in local mode is the
    executor too, writes the rest to a folder in `scratch`, which is deleted afterwards; executors
    of a cluster write where the cluster says.

    Raises:
        EngineError: pyspark or Java is not installed, an argument cannot be read, or the folder is
            not there.
    """
    try:
        from py4j.protocol import Py4JError  # noqa: PLC0415 - not every shop has it
        from pyspark.errors import PySparkException  # noqa: PLC0415
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError as missing:
        raise EngineError(
            "The engine spark needs the library pyspark, which takes 460 MB and is not installed. "
            "Install it with `pip install -r requirements-spark.txt`, and Java 17 or newer."
        ) from missing
    logging.getLogger("py4j").setLevel(logging.WARNING)
    master = master or DEFAULT_MASTER
    if not MASTERS.fullmatch(master):
        raise EngineError(
            f"{master!r} is no master of Spark. Write one such as local[2], spark://host:7077 or "
            "k8s://https://host:6443."
        )
    memory = f"{parse_size(memory_limit) // 2**20}m"
    with make_scratch_folder(scratch) as folder:
        builder = SparkSession.builder.master(master).appName("shop training")
        for key, value in _list_settings(master, memory, folder).items():
            builder = builder.config(key, value)
        try:
            session = builder.getOrCreate()
        except (PySparkException, Py4JError) as problem:
            raise EngineError(
                f"Spark did not start at {master}: {_shorten(problem)} It needs Java 17 or newer "
                "and at least 1GB of memory."
            ) from problem
        try:
            yield SparkEngine(session)
        finally:
            session.stop()


def _list_settings(master: str, memory: str, folder: Path) -> dict[str, str]:
    settings = {
        "spark.driver.memory": memory,
        "spark.executor.memory": memory,
        # What comes back are results of items, which may be larger than the default of 1 GB.
        "spark.driver.maxResultSize": "0",
        "spark.local.dir": str(folder),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.hadoop.parquet.page.verify-checksum.enabled": "true",
        # Tables lie by shopper, so pairs of a shopper's items are found where they lie.
        "spark.sql.requireAllClusterKeysForCoPartition": "false",
        "spark.log.level": "ERROR",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if master.startswith("local"):
        settings |= {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
        }
    return settings
