import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from recommendations.errors import TrainingRefusedError, TrainingUnderWayError
from recommendations.models import TrainingLease
from recommendations.services.infra.locks import Lease, hold

pytestmark = pytest.mark.django_db


def test_a_lease_is_held_by_one_at_a_time() -> None:
    first = Lease("training").acquire()

    with pytest.raises(TrainingUnderWayError, match="Another training is under way"):
        Lease("training").acquire()

    assert TrainingLease.objects.get().holder == first.holder


def test_a_lease_given_back_can_be_taken_at_once() -> None:
    with hold("training"):
        pass

    with hold("training") as again:
        assert TrainingLease.objects.get().holder == again.holder
    assert not TrainingLease.objects.exists()


def test_a_lease_is_given_back_when_the_work_fails() -> None:
    with pytest.raises(ZeroDivisionError), hold("training"):
        raise ZeroDivisionError

    assert not TrainingLease.objects.exists()


def test_the_lease_of_a_killed_trainer_runs_out_by_itself() -> None:
    killed = Lease("training").acquire()
    TrainingLease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    heir = Lease("training").acquire()

    assert TrainingLease.objects.get().holder == heir.holder
    with pytest.raises(TrainingRefusedError, match="expired before"):
        killed.renew()
    killed.release()
    assert TrainingLease.objects.get().holder == heir.holder


@pytest.mark.django_db(transaction=True)
def test_of_many_that_ask_at_once_one_gets_the_lease() -> None:
    together = threading.Barrier(6)
    taken: list[bool] = []

    def ask() -> None:
        together.wait()
        try:
            Lease("training").acquire()
            taken.append(True)
        except TrainingUnderWayError:
            taken.append(False)
        finally:
            connection.close()

    askers = [threading.Thread(target=ask) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert sorted(taken) == [False] * 5 + [True]


@pytest.mark.django_db(transaction=True)
def test_a_held_lease_is_renewed_while_the_work_goes_on() -> None:
    with hold("training", renew_interval_seconds=0.05):
        first = TrainingLease.objects.get().expires_at
        deadline = time.monotonic() + 10
        while TrainingLease.objects.get().expires_at == first and time.monotonic() < deadline:
            time.sleep(0.02)
        renewed = TrainingLease.objects.get().expires_at

    assert renewed > first
