"""Parts fail under a steady twenty requests a second, and no shopper gets an error."""

import signal
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from recommendations.choices import ModelState
from recommendations.models import ModelVersion, TrainingLease
from recommendations.services.training.train import train
from recommendations.tests.load.running_shop import (
    FAULTS,
    PER_SECOND,
    PERSONAL,
    Shop,
    make_readable,
    require_no_shopper_noticed,
)
from recommendations.tests.load.traffic import worst_percent


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
    def inject() -> None:
        time.sleep(1)
        FAULTS[name](shop)

    answers = shop.load.run(10, meanwhile=inject)

    require_no_shopper_noticed(answers)
    worst = worst_percent(answers, after_seconds=2)
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
def test_a_version_goes_live_while_redis_hangs(shop: Shop) -> None:
    FAULTS["redis_hanging"](shop)

    answers = shop.load.run(8, meanwhile=train)
    followed = shop.load.run(4)

    require_no_shopper_noticed(answers + followed)
    live = ModelVersion.objects.get(state=ModelState.LIVE.value).name
    assert {one.model_version for one in followed if one.path == PERSONAL} == {live}
    assert len({one.model_version for one in answers if one.path == PERSONAL}) == 2


@pytest.mark.load
def test_after_a_killed_training_the_next_one_goes_live(shop: Shop) -> None:
    FAULTS["worker_killed_in_training"](shop)
    TrainingLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    version = train()

    interrupted = ModelVersion.objects.get(state=ModelState.FAILED.value)
    assert (version.state, interrupted.reason) == ("live", "The training was interrupted.")
