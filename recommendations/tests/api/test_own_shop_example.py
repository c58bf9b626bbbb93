"""The walk-through for a shop of its own, run against a running shop."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from recommendations.models import ModelVersion, ShopperId, UserBehavior
from recommendations.tests.load.servers import shop_environment, web_process

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None, tmp_path: Path) -> Iterator[int]:
    with web_process(tmp_path) as port:
        yield port


def test_the_walk_through_of_a_shop_of_its_own_does_what_it_says(shop: int) -> None:
    ran = subprocess.run(
        [sys.executable, "docs/examples/own_shop.py"],
        env=shop_environment() | {"SHOP": f"http://127.0.0.1:{shop}"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = dict(line.split(": ", 1) for line in ran.stdout.splitlines())
    assert said["catalogue"] == "{'created'}"
    assert said["events accepted"] == "1000"
    assert said["interactions moved"] == "10"
    assert said["new price"].endswith(" 12.34")
    assert said["still listed"] == "False"
    for name in ("list of a shopper", "list of a session", "list of a given history"):
        assert said[name].count("/") == 5
    assert UserBehavior.objects.count() == 1000
    assert ShopperId.objects.count() == User.objects.count() == 75
    assert ModelVersion.objects.filter(state="live").count() == 1
