"""`manage.py train_models --engine`: the same model and verdict, and what is refused."""

import re
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from django.core.management import CommandError

from recommendations.choices import ModelState
from recommendations.ml import artifacts
from recommendations.models import ModelVersion, UserBehavior
from recommendations.services.training import gate, log_parts, registry
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_shopper,
    make_two_taste_shop,
    switch_personalization_off,
)
from recommendations.tests.commands.test_export_log import run
from recommendations.tests.relational.builders import change_a_value, needs_spark

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]

# Spark, whose queries take a second, trains once.
each_engine = pytest.mark.parametrize("engine", ["duckdb"])


@pytest.mark.parametrize(
    ("engine", "preset"),
    [
        ("duckdb", "default"),
        ("duckdb", "fast"),
        pytest.param("spark", "default", marks=needs_spark),
    ],
)
def test_an_engine_trains_the_model_of_memory(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, engine: str, preset: str
) -> None:
    monkeypatch.setattr(gate, "MIN_CASES", 10)
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "preset": preset}
    make_two_taste_shop(shoppers=100)
    run("export_log", "--to", tmp_path)

    run("train_models", "--parquet", tmp_path)
    output = run("train_models", "--parquet", tmp_path, "--engine", engine)

    in_memory, found = ModelVersion.objects.order_by("pk")
    assert (in_memory.state, found.state) == (ModelState.RETIRED, ModelState.LIVE)
    assert found.metrics["cases"] == in_memory.metrics["cases"] > 10
    for name in ("ensemble", "popularity"):
        assert found.metrics["ndcg"][name] == pytest.approx(
            in_memory.metrics["ndcg"][name], abs=0.001
        )
    assert found.metrics["listed_products"] == in_memory.metrics["listed_products"]
    assert (found.n_users, found.n_items, found.n_interactions) == (
        (in_memory.n_users, in_memory.n_items, in_memory.n_interactions)
    )
    assert found.parameters == in_memory.parameters
    assert f"trained by │ {engine}" in re.sub(" +", " ", output)
    of_memory, of_engine = (
        artifacts.load(registry.get_artifact_folder(each.name)) for each in (in_memory, found)
    )
    np.testing.assert_allclose(
        of_engine.facts_.priors.trend, of_memory.facts_.priors.trend, rtol=1e-6
    )
    np.testing.assert_allclose(
        of_engine.members["popularity"].state()["scores"],
        of_memory.members["popularity"].state()["scores"],
        rtol=1e-6,
    )
    assert of_engine.members.keys() == of_memory.members.keys()


@each_engine
def test_an_engine_reads_no_interaction_of_the_database(tmp_path: Path, engine: str) -> None:
    make_two_taste_shop()
    run("export_log", "--to", tmp_path)
    UserBehavior.objects.all().delete()

    run("train_models", "--parquet", tmp_path, "--engine", engine)

    assert ModelVersion.objects.get().n_interactions == 320


def test_duckdb_reads_a_log_at_an_address() -> None:
    make_two_taste_shop()
    run("export_log", "--to", "memory://shop/log")

    run("train_models", "--parquet", "memory://shop/log", "--engine", "duckdb")

    fsspec.filesystem("memory").rm("/shop", recursive=True)
    assert ModelVersion.objects.get().n_interactions == 320


@each_engine
def test_what_an_engine_reads_is_reported(
    tmp_path: Path, engine: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make_two_taste_shop()
    run("export_log", "--to", tmp_path)

    run("train_models", "--parquet", tmp_path, "--engine", engine)

    assert "Reading interactions" in capsys.readouterr().err


@each_engine
def test_an_engine_leaves_out_who_switched_personalization_off(tmp_path: Path, engine: str) -> None:
    make_two_taste_shop()
    private = make_shopper()
    make_interactions(private, [make_product()])
    run("export_log", "--to", tmp_path)
    switch_personalization_off(private)

    run("train_models", "--parquet", tmp_path, "--engine", engine)

    version = ModelVersion.objects.get()
    assert (version.n_users, version.n_interactions) == (40, 320)


@each_engine
def test_what_learns_from_a_sample_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    make_two_taste_shop()
    run("export_log", "--to", tmp_path)
    monkeypatch.setattr("recommendations.relational.extracts.SAMPLE_EVENTS", 100)

    output = run("train_models", "--parquet", tmp_path, "--engine", engine)

    assert ModelVersion.objects.get().metrics["learnt_from_sample"] == ["factorization"]
    assert "learnt from a sample of shoppers" in output


@each_engine
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (b"PAR1 not a file of Parquet", "cannot be read"),
        (None, "cannot be read"),
    ],
    ids=["damaged", "missing"],
)
def test_a_damaged_or_missing_part_is_refused(
    tmp_path: Path, engine: str, damage: bytes | None, message: str
) -> None:
    make_two_taste_shop()
    run("export_log", "--to", tmp_path)
    part = min((tmp_path / log_parts.INTERACTIONS).glob("*.parquet"))
    if damage is None:
        part.unlink()
    else:
        part.write_bytes(damage)

    with pytest.raises(CommandError, match=message):
        run("train_models", "--parquet", tmp_path, "--engine", engine)

    assert ModelVersion.objects.get().state == ModelState.FAILED


@each_engine
def test_a_part_with_a_changed_byte_is_refused(tmp_path: Path, engine: str) -> None:
    make_two_taste_shop()
    run("export_log", "--to", tmp_path)
    part = min((tmp_path / log_parts.INTERACTIONS).glob("*.parquet"))
    change_a_value(part, [*log_parts.COLUMNS[log_parts.INTERACTIONS]].index("product_id"))

    with pytest.raises(CommandError, match=r"checksum .* Delete it"):
        run("train_models", "--parquet", tmp_path, "--engine", engine)


@pytest.mark.parametrize("engine", ["memory", "duckdb", pytest.param("spark", marks=needs_spark)])
def test_interactions_of_an_unknown_type_are_refused(tmp_path: Path, engine: str) -> None:
    make_two_taste_shop()
    run("export_log", "--to", tmp_path)
    part = min((tmp_path / log_parts.INTERACTIONS).glob("*.parquet"))
    table = pa.parquet.read_table(part)
    place = table.schema.get_field_index("interaction_type")
    types = pa.array(["wish", *table["interaction_type"].to_pylist()[1:]])
    pa.parquet.write_table(
        table.set_column(place, "interaction_type", types), part, write_page_checksum=True
    )

    with pytest.raises(CommandError, match=r"of the type wish\. There are view,"):
        run("train_models", "--parquet", tmp_path, "--engine", engine)


@each_engine
def test_an_empty_log_is_refused(tmp_path: Path, engine: str) -> None:
    run("export_log", "--to", tmp_path)

    with pytest.raises(CommandError, match="no interactions to learn from"):
        run("train_models", "--parquet", tmp_path, "--engine", engine)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--engine", "duckdb"], "name its folder by --parquet"),
        (["--memory-limit", "4GB"], "are for an engine"),
        (["--master", "local[2]"], "are for an engine"),
        (["--engine", "duckdb", "--parquet", "x", "--master", "local[2]"], "no master"),
        (["--engine", "duckdb", "--parquet", "x", "--memory-limit", "4 apples"], "no size"),
        (["--engine", "duckdb", "--parquet", "x", "--memory-limit", "infGB"], "no size"),
        (["--engine", "duckdb", "--parquet", "x", "--memory-limit=-4GB"], "no size"),
        (["--engine", "duckdb", "--parquet", "x", "--memory-limit", "0GB"], "no size"),
        (["--engine", "duckdb", "--parquet", "x", "--scratch", "/nowhere/at/all"], "no folder"),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("train_models", *arguments)

    assert not ModelVersion.objects.exists()
