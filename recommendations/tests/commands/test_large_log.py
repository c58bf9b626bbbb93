"""Ten million events, from a log in Parquet to a live model, by the engine that goes furthest."""

from pathlib import Path

import pytest

from benchmarks.made_logs import write_made_log
from recommendations.choices import ModelState
from recommendations.models import ModelVersion
from recommendations.tests.commands.test_export_log import run
from recommendations.tests.relational.builders import needs_spark

EVENTS = 10_000_000
NDCG_BY_DUCKDB = 0.0916


@needs_spark
@pytest.mark.large
@pytest.mark.django_db
def test_spark_trains_ten_million_events_as_well_as_duckdb(tmp_path: Path) -> None:
    log, scratch = tmp_path / "log", tmp_path / "scratch"
    scratch.mkdir()
    write_made_log(log, EVENTS)

    options = ["--engine", "spark", "--master", "local[2]", "--memory-limit", "4GB"]
    run("train_models", "--parquet", log, *options, "--scratch", scratch)

    version = ModelVersion.objects.get()
    assert version.state == ModelState.LIVE
    assert version.metrics["engine"] == "spark"
    assert version.metrics["ndcg"]["ensemble"] == pytest.approx(NDCG_BY_DUCKDB, abs=0.001)
    assert [*scratch.iterdir()] == []
