"""The queue in a folder loses no message."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kombu.connection import Connection

from ecommerce_rec.file_queue import Transport

FOLDERS = {
    "data_folder_in": "queue",
    "data_folder_out": "queue",
    "processed_folder": "processed",
    "control_folder": "control",
}


@pytest.fixture
def channel(tmp_path: Path) -> Any:
    for folder in FOLDERS.values():
        (tmp_path / folder).mkdir(exist_ok=True)
    options = {name: str(tmp_path / folder) for name, folder in FOLDERS.items()}
    connect: Any = Connection
    return connect(transport=Transport, transport_options=options).channel()


def test_a_message_is_whole_when_it_appears(
    channel: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved: list[Any] = []
    replace = Path.replace

    def look_and_replace(written: Path, target: Path) -> Path:
        assert list((tmp_path / "queue").iterdir()) == []
        moved.append(json.loads(written.read_text(encoding="utf-8")))
        return replace(written, target)

    monkeypatch.setattr(Path, "replace", look_and_replace)
    channel._put("tasks", {"number": 1})

    assert moved == [{"number": 1}]
    assert len(list((tmp_path / "queue").iterdir())) == 1


def test_messages_are_taken_once_and_leave_nothing(channel: Any, tmp_path: Path) -> None:
    for number in range(5):
        channel._put("tasks", {"number": number})
    channel._put("others", {"number": 5})

    taken = [channel._get("tasks")["number"] for _ in range(5)]

    assert sorted(taken) == [0, 1, 2, 3, 4]
    assert channel._get("others") == {"number": 5}
    assert [file for name in ("queue", "processed") for file in (tmp_path / name).iterdir()] == []


def test_a_shop_without_redis_has_this_queue(tmp_path: Path) -> None:
    code = (
        "import django; django.setup()\n"
        "from ecommerce_rec.celery import app\n"
        "print(app.connection_for_write().get_transport_cls().__module__)"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "ecommerce_rec.settings_dev",
        "CELERY_BROKER_URL": "filesystem://",
        "REDIS_URL": "",
        "DATABASE_URL": "sqlite://:memory:",
        "VAR_DIR": str(tmp_path),
    }
    asked = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split()[-1] == "ecommerce_rec.file_queue"
