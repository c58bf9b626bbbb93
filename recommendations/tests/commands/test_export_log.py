"""`manage.py export_log`, and `train_models --parquet`, which learns from what it wrote."""

from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from recommendations.ml import artifacts
from recommendations.models import ModelVersion, UserBehavior
from recommendations.services.training import registry
from recommendations.tests.builders import make_two_taste_shop
from recommendations.tests.clock import AT_NOON

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


def run(command: str, *arguments: str | Path) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_model_of_the_log_is_the_model_of_the_database(tmp_path: Path) -> None:
    make_two_taste_shop()
    run("export_log", "--to", tmp_path)

    run("train_models")
    run("train_models", "--parquet", tmp_path)

    of_database, of_log = ModelVersion.objects.order_by("pk")
    assert of_log.last_interaction_id == of_database.last_interaction_id
    assert of_log.data_fingerprint == of_database.data_fingerprint
    for one, other in zip(
        artifacts.load(registry.get_artifact_folder(of_database.name)).members.values(),
        artifacts.load(registry.get_artifact_folder(of_log.name)).members.values(),
        strict=True,
    ):
        assert one.state().keys() == other.state().keys()
        for name, array in one.state().items():
            np.testing.assert_array_equal(array, other.state()[name], strict=True)


@AT_NOON
def test_training_on_the_log_reads_no_interaction_of_the_database(tmp_path: Path) -> None:
    make_two_taste_shop()
    assert "320 interactions; 1 parts written" in run("export_log", "--to", tmp_path)
    UserBehavior.objects.all().delete()

    run("train_models", "--parquet", tmp_path)

    assert ModelVersion.objects.get().n_interactions == 320


def test_training_without_a_whole_log_is_refused_and_makes_no_version(tmp_path: Path) -> None:
    make_two_taste_shop()

    with pytest.raises(CommandError, match=r"holds no whole log.*manage.py export_log"):
        run("train_models", "--parquet", tmp_path)

    assert not ModelVersion.objects.exists()
