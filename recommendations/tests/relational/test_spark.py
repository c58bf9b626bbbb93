"""Spark learns what memory learns, keeps the log to itself, and does again what fails.

Its queries take a second each, so the other tests of this folder run on DuckDB alone.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from recommendations.errors import EngineError
from recommendations.ml.evaluation.splits import TimeSplit
from recommendations.ml.models.next_item_ridge import NextItemRidge
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.models.transitions import TransitionModel
from recommendations.ml.presets import default_ensemble, full_ensemble
from recommendations.ml.tuning.hyperparameters import sample_cases
from recommendations.relational.extracts import read_sample
from recommendations.relational.fitting import STEPS, fit_ensemble
from recommendations.relational.held_out import hold_out
from recommendations.relational.log import RelationalLog
from recommendations.relational.spark_engine import SparkEngine, open_spark
from recommendations.tests.relational.builders import (
    MadeLog,
    change_a_value,
    make_log,
    needs_spark,
    read_data_set,
)
from recommendations.tests.relational.comparisons import EXACT, TOLERANCES, assert_close

N_ITEMS = 30
N_TASKS, MAX_FAILURES = 2, 4


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeLog:
    return make_log(tmp_path_factory.mktemp("log"), n_items=N_ITEMS)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    """Return an engine whose tasks may fail three times."""
    scratch = tmp_path_factory.mktemp("scratch")
    master = f"local[{N_TASKS},{MAX_FAILURES}]"
    with open_spark(memory_limit="1GB", scratch=scratch, master=master) as engine:
        yield engine


@pytest.fixture(scope="module")
def log(made: MadeLog, spark: SparkEngine) -> RelationalLog:
    return made.open(spark)


def fit(log: RelationalLog, member: Any) -> Any:
    STEPS[type(member)](log, member)
    return member


@needs_spark
def test_every_member_learns_what_it_learns_in_memory(made: MadeLog, log: RelationalLog) -> None:
    found, in_memory = full_ensemble(), full_ensemble()

    fit_ensemble(log, found, lambda: read_sample(log))

    in_memory.fit(made.interactions.merge_repeats())
    for name, member in in_memory.members.items():
        assert_close(found.members[name], member, TOLERANCES.get(name, EXACT))
    np.testing.assert_allclose(found.facts_.priors.trend, in_memory.facts_.priors.trend, rtol=EXACT)


@needs_spark
def test_next_items_are_solved_from_the_sums_of_spark(made: MadeLog, log: RelationalLog) -> None:
    in_memory = NextItemRidge().fit(made.interactions.merge_repeats())

    found = fit(log, NextItemRidge())

    assert_close(found, in_memory, EXACT)


@needs_spark
def test_amazon_beauty_teaches_what_it_teaches_in_memory(
    spark: SparkEngine, tmp_path: Path
) -> None:
    beauty = read_data_set("beauty", tmp_path)
    found, in_memory = default_ensemble(), default_ensemble()
    log = beauty.open(SparkEngine(spark.session.newSession()))

    fit_ensemble(log, found, lambda: read_sample(log))

    in_memory.fit(beauty.interactions.merge_repeats())
    assert log.n_events == len(beauty.interactions) == 198_502
    for name, member in in_memory.members.items():
        assert_close(found.members[name], member, TOLERANCES.get(name, EXACT))


@needs_spark
def test_cases_and_past_are_those_in_memory(made: MadeLog, log: RelationalLog) -> None:
    splitter = TimeSplit()
    expected = sample_cases(splitter.split(made.interactions), 20, seed=0)
    in_memory = PopularityModel().fit(expected.training.merge_repeats())

    held_out = hold_out(log, splitter, max_cases=20, seed=0)

    assert len(held_out.cases) == len(expected) == 20
    for found, wanted in zip(held_out.cases.ground_truth, expected.ground_truth, strict=True):
        np.testing.assert_array_equal(found, wanted)
    assert_close(fit(held_out.past, PopularityModel()), in_memory, EXACT)


@needs_spark
def test_a_small_log_is_cut_into_as_many_parts_as_tasks_run_at_once(
    spark: SparkEngine, log: RelationalLog
) -> None:
    touches = spark.session.table(log.touches)

    assert touches.rdd.getNumPartitions() == N_TASKS


@needs_spark
def test_only_results_of_items_leave_spark(
    made: MadeLog, spark: SparkEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nowhere are rows of the log brought to one place: what is brought there is a sum."""
    engine = SparkEngine(spark.session.newSession())
    sizes: list[int] = []
    plans: list[str] = []
    query, create_table = engine.query, engine.create_table

    def explain(sql: str) -> None:
        plan = engine.session.sql(sql)._jdf.queryExecution().executedPlan()
        plans.append(plan.toString())

    def watch_query(sql: str) -> Any:
        explain(sql)
        table = query(sql)
        sizes.append(table.num_rows)
        return table

    def watch_table(name: str, sql: str) -> None:
        explain(sql)
        create_table(name, sql)

    monkeypatch.setattr(engine, "query", watch_query)
    monkeypatch.setattr(engine, "create_table", watch_table)

    log = made.open(engine)
    fit(log, PopularityModel())
    fit(log, TransitionModel(n_neighbors=5))

    assert log.n_events > 1_000
    assert max(sizes) <= 5 * N_ITEMS
    brought = [
        following
        for plan in plans
        for line, following in zip(plan.splitlines(), plan.splitlines()[1:], strict=False)
        if "Exchange SinglePartition" in line
    ]
    assert brought
    assert all("HashAggregate" in line for line in brought)


@needs_spark
def test_a_failed_task_is_done_again_and_the_model_is_the_same(
    made: MadeLog, spark: SparkEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = TransitionModel().fit(made.interactions.merge_repeats())
    engine = SparkEngine(spark.session.newSession())
    register_parquet = engine.register_parquet

    def register_and_fail(name: str, files: list[str]) -> None:
        register_parquet(name, files)

        def fail_at_first(batches: Iterator[Any]) -> Iterator[Any]:
            from pyspark import TaskContext  # noqa: PLC0415 - this runs in a process of its own

            context: Any = TaskContext.get()
            if context.attemptNumber() == 0:
                (tmp_path / f"failed-{context.taskAttemptId()}").touch()
                raise OSError("The machine is gone.")
            yield from batches

        rows = engine.session.table(name)
        rows.mapInArrow(fail_at_first, rows.schema).createOrReplaceTempView(name)

    monkeypatch.setattr(engine, "register_parquet", register_and_fail)
    monkeypatch.setattr(engine.session.sparkContext, "pythonExec", sys.executable)

    found = fit(made.open(engine), TransitionModel())

    assert len(list(tmp_path.glob("failed-*"))) >= 2
    assert_close(found, in_memory, EXACT)


@needs_spark
def test_what_spark_cannot_read_is_an_error_of_the_engine(spark: SparkEngine) -> None:
    with pytest.raises(EngineError, match="nowhere"):
        spark.register_parquet("log", ["/nowhere/at/all.parquet"])


@needs_spark
def test_a_changed_byte_is_an_error_of_the_engine(tmp_path: Path, spark: SparkEngine) -> None:
    part = tmp_path / "part.parquet"
    parquet.write_table(pa.table({"item": [1, 2, 3]}), part, write_page_checksum=True)
    change_a_value(part, column=0)
    spark.register_parquet("changed", [str(part)])

    with pytest.raises(EngineError, match=r"(?s)reading file .*part\.parquet.*checksum"):
        spark.query("SELECT sum(item) FROM changed")


@needs_spark
def test_a_master_that_spark_does_not_know_is_refused() -> None:
    with (
        pytest.raises(EngineError, match=r"'locl\[2\]' is no master of Spark"),
        open_spark(master="locl[2]"),
    ):
        pass


def test_without_pyspark_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)

    with pytest.raises(EngineError, match=r"requirements-spark\.txt"), open_spark():
        pass
