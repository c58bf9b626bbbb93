"""What staff are told of the queue, on a real Redis server and without one."""

from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from django.contrib.auth.models import User

from recommendations.services.infra.background import check_background
from recommendations.services.infra.health import PartStatus
from recommendations.tests.builders import sign_in
from recommendations.tests.load.servers import PrivateRedis

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a Redis server in which no task and no worker has made a queue."""
    server = PrivateRedis(tmp_path)
    server.start()
    app = Celery(broker=server.url, set_as_current=False)
    monkeypatch.setattr("recommendations.services.infra.queue_state.current_app", app)
    yield server
    server.stop()


def test_a_redis_without_a_queue_has_no_task_waiting(broker: PrivateRedis) -> None:
    page = sign_in(User.objects.create_superuser("root")).get("/admin/")

    background = check_background(None)
    assert page.status_code == 200
    assert (background.waiting, background.queue) == (0, PartStatus.OK)


def test_a_redis_that_is_gone_is_no_error_of_the_first_page(broker: PrivateRedis) -> None:
    broker.stop()

    page = sign_in(User.objects.create_superuser("root")).get("/admin/")

    background = check_background(None)
    assert page.status_code == 200
    assert (background.waiting, background.queue) == (None, PartStatus.FAILING)
