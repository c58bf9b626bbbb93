"""Staff run tasks at once, whatever the state of queue and worker."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery, current_app
from celery.contrib.testing.worker import start_worker
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from recommendations.admin import sending
from recommendations.services.infra.locks import Lease
from recommendations.services.training.registry import get_live_version
from recommendations.tests.builders import make_two_taste_shop, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    return sign_in(User.objects.create_superuser("root"))


@pytest.fixture(autouse=True)
def _new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait for a thread of another one."""
    monkeypatch.setattr("recommendations.admin.sending._one_at_a_time", threading.Lock())


@pytest.fixture
def hanging_server() -> Iterator[int]:
    """Return the port of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def run_now(staff: Client, task: str) -> list[str]:
    schedule = IntervalSchedule.objects.create(every=1, period="days")
    entry = PeriodicTask.objects.create(name="nightly", task=task, interval=schedule)
    page = staff.post(
        reverse("admin:django_celery_beat_periodictask_changelist"),
        {"_selected_action": [entry.pk], "action": "run_tasks"},
        follow=True,
    )
    return [str(message) for message in page.context["messages"]]


RETRAIN = "recommendations.tasks.retrain_when_due"


def test_an_unknown_task_is_named(staff: Client) -> None:
    assert run_now(staff, "a.task") == ["nightly was not started: there is no task a.task."]


def test_a_shop_with_nothing_to_learn_from_says_so(staff: Client) -> None:
    [told] = run_now(staff, RETRAIN)

    assert told == (
        "nightly was not started. There are no interactions with active products, so nothing to "
        "learn from."
    )


def test_a_training_under_way_is_told(staff: Client) -> None:
    make_two_taste_shop()
    Lease("training").acquire()

    [told] = run_now(staff, RETRAIN)

    assert told.startswith("nightly was not started. A training is under way")


def test_without_a_worker_the_task_waits_and_staff_are_told(staff: Client) -> None:
    make_two_taste_shop()

    [told] = run_now(staff, RETRAIN)

    assert told.startswith("nightly waits in the queue: no worker answered")


@pytest.mark.parametrize("is_listening", [True, False], ids=["hangs", "is gone"])
def test_a_queue_that_does_not_answer_delays_nobody(
    staff: Client, monkeypatch: pytest.MonkeyPatch, hanging_server: int, is_listening: bool
) -> None:
    make_two_taste_shop()
    port = hanging_server if is_listening else 1
    broken = Celery(broker=f"redis://127.0.0.1:{port}/0", set_as_current=False)
    tasks: Any = current_app.tasks
    monkeypatch.setattr("recommendations.admin.sending.current_app", broken)
    monkeypatch.setattr(tasks["recommendations.tasks.retrain"], "_get_app", lambda: broken)
    # A server that is gone is noticed at once, however busy this machine is.
    monkeypatch.setattr(sending, "WAIT_SECONDS", 1.0 if is_listening else 60.0)

    [told] = run_now(staff, RETRAIN)

    assert told.startswith(
        "nightly may not start" if is_listening else "nightly was not started: the queue"
    )


@pytest.mark.django_db(transaction=True)
def test_a_worker_trains_when_staff_ask_although_nothing_is_due(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_two_taste_shop()
    monkeypatch.setattr(sending, "WAIT_SECONDS", 60.0)
    monkeypatch.setattr(sending, "PING_SECONDS", 30.0)
    current_app.control.purge()
    with start_worker(current_app._get_current_object(), perform_ping_check=False, pool="solo"):
        [told] = run_now(staff, RETRAIN)
        deadline = time.monotonic() + 60
        while get_live_version() is None and time.monotonic() < deadline:
            time.sleep(0.1)

    assert told == "nightly was handed to the background worker."
    assert get_live_version() is not None
