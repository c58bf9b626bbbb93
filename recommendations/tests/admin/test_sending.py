"""Pages that hand tasks to the queue at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app

from recommendations.admin.sending import Sent, send
from recommendations.services.infra.queue_state import count_waiting_tasks
from recommendations.tasks import try_what_if


@pytest.fixture(autouse=True)
def _own_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(current_app.conf, "task_default_queue", f"sending-{uuid4()}")


def test_two_pages_at_once_both_hand_their_task_over() -> None:
    def hand_over(number: int) -> Any:
        return send(try_what_if, [number], {}, queue=current_app.conf.task_default_queue)

    with ThreadPoolExecutor(2) as pages:
        outcomes = [*pages.map(hand_over, (1, 2))]

    assert outcomes == [Sent.WAITING, Sent.WAITING]
    assert count_waiting_tasks() == 2
