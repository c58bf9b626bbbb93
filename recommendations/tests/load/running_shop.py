"""A shop of two running web processes, whose parts can fail while shoppers use it."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from recommendations.choices import ModelState
from recommendations.models import ModelVersion
from recommendations.services.training import registry
from recommendations.tests.load.servers import PrivateRedis, training_process
from recommendations.tests.load.traffic import Answer, Load

PERSONAL = "/api/recommendations/me/?count=10"
PER_SECOND = 20


@dataclass
class Shop:
    """A shop of two running processes, and its parts that can fail."""

    redis: PrivateRedis
    load: Load


FAULTS: dict[str, Callable[[Shop], None]] = {}


def fault(inject: Callable[[Shop], None]) -> Callable[[Shop], None]:
    FAULTS[inject.__name__] = inject
    return inject


@fault
def nothing(shop: Shop) -> None:
    """Inject no fault: the baseline of this machine."""


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
    for path in registry.get_artifact_folder(ModelVersion.objects.get().name).iterdir():
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
    """Fail the query of a cached list, and the query of the history."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE dismissal RENAME TO dismissal_away")


@fault
def redis_stopped_and_artifact_truncated(shop: Shop) -> None:
    redis_stopped(shop)
    artifact_truncated(shop)


@fault
def redis_hanging_and_history_unreadable(shop: Shop) -> None:
    redis_hanging(shop)
    history_unreadable(shop)


def make_readable() -> None:
    with connection.cursor() as cursor:
        if "dismissal_away" in connection.introspection.table_names(cursor):
            cursor.execute("ALTER TABLE dismissal_away RENAME TO dismissal")


def require_no_shopper_noticed(answers: list[Answer]) -> None:
    assert [one for one in answers if one.status != 200] == []
    assert [one for one in answers if not one.products] == []
