"""A worker of the web server is killed under load: it is started again, and no request fails."""

import os
import signal
import time
from functools import partial
from http.client import HTTPException
from pathlib import Path

import pytest

from recommendations.choices import TokenScope
from recommendations.services.people.tokens import issue_token
from recommendations.tests.load.running_shop import (
    FAULTS,
    PER_SECOND,
    PERSONAL,
    Shop,
    require_no_shopper_noticed,
)
from recommendations.tests.load.servers import WebServer, metric, wait_until, web_server
from recommendations.tests.load.traffic import Load

pytestmark = pytest.mark.load

ANSWERED_AT_ONCE = 4
"""Of one worker."""


@pytest.mark.parametrize(
    ("also", "has_model"), [("nothing", True), ("redis_stopped_and_artifact_truncated", False)]
)
def test_a_killed_worker_takes_along_what_it_was_answering_and_is_replaced(
    shop: Shop, tmp_path: Path, also: str, has_model: bool
) -> None:
    token = issue_token(name="load", scopes=[TokenScope.METRICS_READ])[1]
    with web_server(tmp_path, redis_url=shop.redis.url, workers=2) as server:
        load = Load([server.port], shop.load.browsers, shop.load.paths, per_second=PER_SECOND)
        load.run(2)
        FAULTS[also](shop)
        one, other = server.workers()
        # Alone, so that the two that are there under load have not started at the same moment.
        kill(server, one, token)

        def kill_the_other() -> None:
            time.sleep(1)
            kill(server, other, token)

        answers = load.run(10, meanwhile=kill_the_other)
        followed = load.run(3)

    unanswered = [one for one in answers if one.status != 200]
    slowest = max(one.seconds for one in answers)
    print(f"\n{also}: {len(unanswered)} unanswered, slowest {slowest:.3f} s")  # noqa: T201
    assert {one.status for one in unanswered} <= {599}
    assert len(unanswered) <= ANSWERED_AT_ONCE
    assert [one for one in answers if one.status == 200 and not one.products] == []
    require_no_shopper_noticed(followed)
    assert {one.model_version is not None for one in followed if one.path == PERSONAL} == {
        has_model
    }


def kill(server: WebServer, pid: int, token: str) -> None:
    """Kill a worker; return when another one answers."""
    os.kill(pid, signal.SIGKILL)
    wait_until(partial(is_replaced, server, pid, token), lambda: "Nobody took its place.")


def is_replaced(server: WebServer, pid: int, token: str) -> bool:
    return pid not in server.workers() and both_answer(server, token)


def both_answer(server: WebServer, token: str) -> bool:
    """Return whether two workers, identified by their start times, answer new connections."""
    try:
        started = {metric(server.port, token, "process_start_time_seconds")[0] for _ in range(20)}
    except (OSError, HTTPException):
        return False
    return len(started) == 2
