import pytest
from django.core.management import call_command

from recommendations.ml import artifacts
from recommendations.models import ModelVersion
from recommendations.services.training import registry
from recommendations.services.training.train import train
from recommendations.tests.builders import make_two_taste_shop

pytestmark = pytest.mark.django_db


def test_a_model_that_this_release_cannot_read_is_retrained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_two_taste_shop()
    with monkeypatch.context() as earlier:
        earlier.setattr(artifacts, "FORMAT", artifacts.FORMAT - 1)
        old = train()

    call_command("prepare_shop")

    live = registry.get_live_version()
    assert live is not None
    assert live != old
    assert artifacts.load(registry.get_artifact_folder(live.name)).catalogue.item_ids.size == 30


def test_a_model_that_can_be_read_is_left_alone() -> None:
    make_two_taste_shop()
    version = train()

    call_command("prepare_shop")

    assert registry.get_live_version() == version
    assert ModelVersion.objects.count() == 1
