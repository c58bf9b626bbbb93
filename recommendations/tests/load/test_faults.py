"""Parts fail under a steady twenty requests a second, and no shopper is told so."""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from recommendations.choices import ModelState
from recommendations.models import ModelVersion, TrainingLease
from recommendations.services import registry
from recommendations.services.training import train
from recommendations.tests.builders import make_two_taste_shop
from recommendations.tests.load.servers import (
    Answer,
    Browser,
    Load,
    PrivateRedis,
    training_process,
    web_process,
    worst_percent,
)

PER_SECOND = 20
PERSONAL = "/api/recommendations/me/?count=10"
FAULTS: dict[str, Callable[["Shop"], None]] = {}


@dataclass
class Shop:
    """A shop of two running processes with what can fail in it."""

    redis: PrivateRedis
    load: Load


@pytest.fixture
def shop(transactional_db: None, tmp_path: Path) -> Iterator[Shop]:
    products = make_two_taste_shop(categories=("Lamps", "Tents", "Books"))
    train()
    redis = PrivateRedis(tmp_path)
    redis.start()
    try:
        with (
            web_process(tmp_path, redis_url=redis.url) as one,
            web_process(tmp_path, redis_url=redis.url) as other,
        ):
            browsers = [Browser() for _ in range(10)]
            for number, browser in enumerate(browsers):
                for product in products[("Tents", "Books")[number % 2]][:3]:
                    seen = {"product_id": product.pk, "interaction_type": "view"}
                    assert browser.ask(one, "/api/interaction/", seen)[0] == 201
            paths = [
                PERSONAL,
                "/api/trending/",
                f"/api/products/{products['Lamps'][0].pk}/similar/",
            ]
            load = Load([one, other], browsers, paths, per_second=PER_SECOND)
            load.run(2)
            yield Shop(redis, load)
    finally:
        redis.stop()
        make_readable()


def fault(inject: Callable[[Shop], None]) -> Callable[[Shop], None]:
    FAULTS[inject.__name__] = inject
    return inject


@fault
def nothing(shop: Shop) -> None:
    """Show what this machine can do when nothing fails."""


@fault
def redis_stopped(shop: Shop) -> None:
    shop.redis.stop()


@fault
def redis_hanging(shop: Shop) -> None:
    shop.redis.send(signal.SIGSTOP)


@fault
def redis_flushed(shop: Shop) -> None:
    shop.redis.flush()


@fault
def artifact_truncated(shop: Shop) -> None:
    for path in registry.artifact_folder(ModelVersion.objects.get().name).iterdir():
        with path.open("r+b") as file:
            file.truncate(100)


@fault
def no_model_at_all(shop: Shop) -> None:
    ModelVersion.objects.all().delete()


@fault
def worker_killed_in_training(shop: Shop) -> None:
    with training_process() as trainer:
        while not ModelVersion.objects.filter(state=ModelState.CANDIDATE.value).exists():
            assert trainer.poll() is None
            time.sleep(0.02)
        trainer.kill()


@fault
def history_unreadable(shop: Shop) -> None:
    """Fail the one query of a kept list, and that of the history it was made from."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE dismissal RENAME TO dismissal_away")


def make_readable() -> None:
    with connection.cursor() as cursor:
        if "dismissal_away" in connection.introspection.table_names(cursor):
            cursor.execute("ALTER TABLE dismissal_away RENAME TO dismissal")


def require_no_shopper_noticed(answers: list[Answer]) -> None:
    assert [one for one in answers if one.status != 200] == []
    assert [one for one in answers if not one.products] == []


def test_whatever_fails_every_request_is_answered_with_a_list(shop: Shop) -> None:
    answers = []
    for name in (
        "redis_hanging",
        "redis_stopped",
        "artifact_truncated",
        "no_model_at_all",
        "history_unreadable",
    ):
        FAULTS[name](shop)
        answers += shop.load.run(2)

    require_no_shopper_noticed(answers)
    assert len(answers) == 5 * 2 * PER_SECOND


@pytest.mark.load
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_slows_nobody_after_the_first_second(shop: Shop, name: str) -> None:
    FAULTS[name](shop)
    answers = shop.load.run(15)

    require_no_shopper_noticed(answers)
    worst = worst_percent(answers, after_seconds=1)
    slowest = max(one.seconds for one in answers)
    print(f"\n{name}: p99 {worst:.3f} s, slowest {slowest:.3f} s")  # noqa: T201
    assert worst <= 0.3


@pytest.mark.load
@pytest.mark.parametrize("name", ["redis_stopped", "redis_hanging"])
def test_a_cache_that_comes_back_is_used_again(shop: Shop, name: str) -> None:
    FAULTS[name](shop)
    shop.load.run(2)

    if name == "redis_stopped":
        shop.redis.start()
    else:
        shop.redis.send(signal.SIGCONT)
        shop.redis.flush()
    answers = shop.load.run(12)

    require_no_shopper_noticed(answers)
    assert shop.redis.keys() > 0


@pytest.mark.load
def test_lists_are_personal_again_once_the_history_can_be_read(shop: Shop) -> None:
    FAULTS["history_unreadable"](shop)
    without = shop.load.run(4)

    make_readable()
    answers = shop.load.run(4)

    require_no_shopper_noticed(without + answers)
    assert {one.model_version for one in without if one.path == PERSONAL} == {None}
    assert None not in {one.model_version for one in answers if one.path == PERSONAL}


@pytest.mark.load
@pytest.mark.parametrize("name", ["artifact_truncated", "no_model_at_all"])
def test_the_next_training_mends_a_model_that_is_gone(shop: Shop, name: str) -> None:
    FAULTS[name](shop)
    answers = shop.load.run(4)

    version = train()
    answers += shop.load.run(6)
    followed = shop.load.run(4)

    require_no_shopper_noticed(answers + followed)
    assert {one.model_version for one in followed if one.path == PERSONAL} == {version.name}


@pytest.mark.load
def test_after_a_killed_training_the_next_one_goes_live(shop: Shop) -> None:
    FAULTS["worker_killed_in_training"](shop)
    TrainingLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    version = train()

    interrupted = ModelVersion.objects.get(state=ModelState.REJECTED.value)
    assert (version.state, interrupted.reason) == ("live", "The training was interrupted.")
