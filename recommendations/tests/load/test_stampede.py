"""Many readers miss one value at the same moment, and few of them compute it."""

import json
import subprocess
import sys
import threading
from typing import Any

import pytest
from django.conf import settings
from django.db import connections

from recommendations.services.infra import layered_cache
from recommendations.services.lists import ListContext, recommend
from recommendations.services.lists.build import build
from recommendations.services.lists.list_spec import ListSpec
from recommendations.services.lists.result import RecommendationList
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import make_interactions, make_two_taste_shop, make_visitor
from recommendations.tests.load.servers import PrivateRedis, shop_environment

READERS = 64


def test_readers_in_two_processes_compute_a_value_at_most_twice(redis: PrivateRedis) -> None:
    outputs = stampede(redis.url)

    assert [one for process in outputs for one in process["found"]] == [[7]] * READERS
    assert 1 <= sum(process["computed"] for process in outputs) <= 2


def test_without_the_shared_cache_each_process_computes_it_once(redis: PrivateRedis) -> None:
    redis.stop()

    outputs = stampede(redis.url)

    assert [one for process in outputs for one in process["found"]] == [[7]] * READERS
    assert [process["computed"] for process in outputs] == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_readers_of_one_shoppers_list_make_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    products = make_two_taste_shop()
    train()
    live_model.refresh()
    visitor = make_visitor()
    make_interactions(visitor, products["Tents"][:3])
    made: list[int] = []

    def build_one(spec: ListSpec, context: ListContext) -> RecommendationList:
        made.append(1)
        return build(spec, context)

    monkeypatch.setattr("recommendations.services.lists.personal.build", build_one)
    layered_cache.clear_memory()

    found = in_threads(READERS, lambda: recommend(context=ListContext(visitor)))

    assert len({tuple(entry.product_id for entry in one.entries) for one in found}) == 1
    assert (len(found), len(made)) == (READERS, 1)


def stampede(redis_url: str) -> list[dict[str, Any]]:
    """Run two processes with half of the readers each at once; return their reports."""
    command = [sys.executable, "-m", "recommendations.tests.load.stampede", str(READERS // 2)]
    processes = [
        subprocess.Popen(
            command,
            env=shop_environment(redis_url),
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=30)[0]) for process in processes]


def in_threads(count: int, call: Any) -> list[Any]:
    together = threading.Barrier(count)
    found: list[Any] = []

    def run() -> None:
        together.wait()
        try:
            found.append(call())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found
