"""The commands that train, show, promote and roll back models."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError

from recommendations.models import ModelVersion
from recommendations.services.infra.locks import Lease
from recommendations.services.training import gate, registry
from recommendations.tests.builders import make_two_taste_shop

pytestmark = pytest.mark.django_db


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_training_prints_the_data_and_the_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    make_two_taste_shop()
    monkeypatch.setattr(gate, "MIN_CASES", 1)

    printed = run("train_models")

    assert f"Model {ModelVersion.objects.get().name} is live" in printed
    assert "NDCG@10 of popularity" in printed
    assert "320" in printed


def test_a_rejected_training_fails_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    make_two_taste_shop()
    monkeypatch.setattr(gate, "_compare_with_baselines", lambda *_, **__: ["It is worse."])

    with pytest.raises(CommandError, match="did not go live: It is worse"):
        run("train_models")


def test_training_refuses_while_another_is_under_way() -> None:
    Lease("training").acquire()

    with pytest.raises(CommandError, match="Another training is under way"):
        run("train_models")


def test_status_shows_versions_trainer_and_whether_training_is_due() -> None:
    make_two_taste_shop()
    assert "Training is due: There is no model yet." in run("model_status")
    run("train_models")
    Lease("training").acquire()

    printed = run("model_status")

    assert ModelVersion.objects.get().name in printed
    assert "live" in printed
    assert "A training is under way" in printed
    assert "Training is due: no." in printed


def test_promoting_and_rolling_back_change_what_is_live() -> None:
    make_two_taste_shop()
    run("train_models")
    run("train_models")
    second, first = ModelVersion.objects.all()

    assert f"Model {first.name} is live." in run("promote_model", first.name)
    assert registry.get_live_version() == first
    assert f"Model {second.name} is live again." in run("rollback_model")
    assert registry.get_live_version() == second


def test_names_are_printed_whole() -> None:
    for number in range(3):
        name = f"20261128-184845-{number:08d}-and-a-name-of-{'fifty' * 3}-letters"[:50]
        ModelVersion.objects.create(name=name, reason="It is worse than popularity. " * 9)

    printed = run("model_status")

    assert all(name in printed for name in ModelVersion.objects.values_list("name", flat=True))


def test_status_tells_of_a_failed_training() -> None:
    make_two_taste_shop()
    ModelVersion.objects.create(name="v1", state="failed", reason="No room.")

    printed = run("model_status")

    assert "failed: No room. The schedule tries again within five minutes." in printed
    assert "Training is due: The last training failed." in printed


def test_the_beginning_of_a_name_is_enough_to_promote() -> None:
    make_two_taste_shop()
    run("train_models")
    run("train_models")
    second, first = ModelVersion.objects.all()
    ModelVersion.objects.filter(pk=first.pk).update(name="a" + first.name)
    registry.get_artifact_folder(first.name).rename(registry.get_artifact_folder("a" + first.name))

    assert f"Model a{first.name} is live." in run("promote_model", "a")
    assert f"Model {second.name} is live." in run("promote_model", second.name)


def test_a_beginning_of_several_names_is_refused_with_the_names() -> None:
    ModelVersion.objects.create(name="20260101-a")
    ModelVersion.objects.create(name="20260101-b")

    with pytest.raises(CommandError, match="20260101-b, 20260101-a"):
        run("promote_model", "2026")


def test_a_full_disk_ends_a_training_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    make_two_taste_shop()

    def fill_the_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numpy.savez", fill_the_disk)

    with pytest.raises(CommandError, match=r"No space left on device. Make room there"):
        run("train_models")


def test_a_database_without_room_ends_a_training_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(ModelVersion.objects, "create", refuse)

    with pytest.raises(CommandError, match="refused a query: database or disk is full"):
        run("train_models")


def test_promoting_an_unknown_version_is_refused() -> None:
    with pytest.raises(CommandError, match="no model version nothing"):
        run("promote_model", "nothing")


def test_rolling_back_without_a_predecessor_is_refused() -> None:
    make_two_taste_shop()
    run("train_models")
    live = registry.get_live_version()

    with pytest.raises(CommandError, match="no earlier version"):
        run("rollback_model")

    assert registry.get_live_version() == live
