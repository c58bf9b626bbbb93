import pytest
from celery import current_app
from celery.exceptions import Retry

from recommendations.models import ModelVersion
from recommendations.services.infra.locks import Lease
from recommendations.services.training.registry import get_live_version
from recommendations.tasks import retrain, retrain_when_due
from recommendations.tests.builders import make_product, make_two_taste_shop

pytestmark = pytest.mark.django_db


def test_the_schedule_names_tasks_that_exist() -> None:
    scheduled = {entry["task"] for entry in current_app.conf.beat_schedule.values()}

    assert "recommendations.tasks.retrain_when_due" in scheduled
    assert scheduled <= set(current_app.tasks)


def test_a_retraining_goes_live() -> None:
    make_two_taste_shop()

    retrain.apply(throw=True)

    assert get_live_version() is not None


def test_a_retraining_waits_for_the_one_under_way() -> None:
    make_two_taste_shop()
    Lease("training").acquire()

    with pytest.raises(Retry):
        retrain.apply(throw=True, retries=0)

    assert get_live_version() is None


def test_a_shop_without_interactions_is_not_an_error() -> None:
    make_product()

    retrain.apply(throw=True)

    assert get_live_version() is None


def test_what_is_not_due_is_not_trained() -> None:
    make_two_taste_shop()

    retrain_when_due.apply(throw=True)
    retrain_when_due.apply(throw=True)

    assert ModelVersion.objects.count() == 1
