"""The Celery application; its options are the settings that begin with `CELERY_`."""

import os
import threading
import time
from types import SimpleNamespace
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init, before_task_publish, worker_init

from recommendations.services.infra.queue_state import note_queued

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecommerce_rec.settings_prod")

app = Celery("ecommerce_rec")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

NICENESS = 10
"""Web processes on the same machine come first: a training computes for minutes."""
SECONDS_BETWEEN_LOOKS = 1.0

worker = SimpleNamespace(pid=0)
"""The worker that this process is, or was forked from."""


@before_task_publish.connect  # type: ignore[untyped-decorator]
def _note_when(headers: dict[str, Any], **_: Any) -> None:
    """Let the metrics tell how long the oldest task has waited."""
    note_queued(headers)


@worker_init.connect  # type: ignore[untyped-decorator]
def _yield_to_web_processes(**_: Any) -> None:
    os.nice(NICENESS - os.nice(0))


@worker_init.connect  # type: ignore[untyped-decorator]
def _note_worker(**_: Any) -> None:
    worker.pid = os.getpid()


@beat_embedded_init.connect  # type: ignore[untyped-decorator]
def _end_with_worker(**_: Any) -> None:
    """End the schedule of `worker --beat` with its worker, also if that is killed.

    The schedule runs in a process of its own. Without its worker, it would go on handing tasks to
    the queue, beside the schedule of the next worker.
    """
    threading.Thread(target=_watch_worker, daemon=True).start()


def _watch_worker() -> None:
    while os.getppid() == worker.pid:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os._exit(1)
