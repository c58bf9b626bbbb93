"""What the queue says of itself, on a real Redis where one is named."""

import time
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings
from kombu.connection import Connection

from ecommerce_rec.celery import app
from recommendations.services.infra.queue_state import count_waiting_tasks, find_longest_wait

pytestmark = pytest.mark.stateful


@pytest.fixture(autouse=True)
def _own_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test count what another one left."""
    monkeypatch.setitem(app.conf, "task_default_queue", f"waiting-{uuid4()}")


@pytest.fixture
def queue(_own_queue: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """Return the connection to a queue on Redis."""
    if not settings.REDIS_URL:
        pytest.skip("REDIS_URL names no Redis.")
    name = app.conf.task_default_queue
    monkeypatch.setitem(app.conf, "broker_url", settings.REDIS_URL)
    monkeypatch.setitem(app.conf, "broker_read_url", settings.REDIS_URL)
    with Connection(settings.REDIS_URL) as connection:  # type: ignore[no-untyped-call]
        yield connection
        connection.default_channel.client.delete(name, f"_kombu.binding.{name}")


def send(connection: Connection) -> None:
    app.send_task("odd", connection=connection, queue=app.conf.task_default_queue)


def test_the_oldest_of_the_waiting_tasks_says_how_long_it_has_waited(queue: Connection) -> None:
    empty = count_waiting_tasks(), find_longest_wait()
    before = time.time()
    send(queue)
    after = time.time()
    send(queue)
    least = time.time() - after
    longest = find_longest_wait()
    most = time.time() - before

    assert empty == (0, 0.0)
    assert count_waiting_tasks() == 2
    assert longest is not None
    assert least <= longest <= most


def test_a_queue_that_does_not_answer_says_nothing(
    queue: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.conf, "broker_read_url", "redis://127.0.0.1:1/0")

    assert (count_waiting_tasks(), find_longest_wait()) == (None, None)


def test_a_queue_that_does_not_show_what_waits_has_no_age() -> None:
    assert (count_waiting_tasks(), find_longest_wait()) == (0, None)
