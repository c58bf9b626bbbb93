"""What the shop writes is readable by its own account only."""

import stat
from pathlib import Path

import pytest

from recommendations.tests.test_settings import COMPLETE, manage

WRITE = """
from pathlib import Path
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
default_storage.save("pictures/one.svg", ContentFile(b"<svg/>"))
Path(settings.VAR_DIR, "models").mkdir(exist_ok=True)
Path(settings.VAR_DIR, "models", "one.json").write_text("{}")
"""


def get_mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("settings", ["settings_dev", "settings_prod"])
def test_new_files_and_folders_are_private(settings: str, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "var"

    written = manage(
        "shell", "--no-imports", "-c", WRITE, settings=settings, environment=COMPLETE, folder=folder
    )

    assert written.returncode == 0, written.stderr
    found = [folder, *folder.rglob("*")]
    assert folder / "media" / "pictures" / "one.svg" in found
    assert [path for path in found if get_mode(path) & 0o077] == []


@pytest.mark.parametrize("settings", ["settings_dev", "settings_prod"])
def test_open_folders_of_an_earlier_start_are_shut(settings: str, tmp_path: Path) -> None:
    folder = tmp_path / "var"
    for path in (folder, folder / "log", folder / "media"):
        path.mkdir(mode=0o755)
    for name in ("db.sqlite3", "demo-token"):
        (folder / name).touch()
        (folder / name).chmod(0o644)
    outside = tmp_path / "shared"
    outside.mkdir(mode=0o755)
    (folder / "models").symlink_to(outside)

    checked = manage("check", settings=settings, environment=COMPLETE, folder=folder)

    assert checked.returncode == 0, checked.stderr
    assert get_mode(folder) == get_mode(folder / "log") == get_mode(folder / "media") == 0o700
    assert get_mode(folder / "db.sqlite3") == get_mode(folder / "demo-token") == 0o600
    assert get_mode(outside) == 0o755


def test_a_folder_that_all_accounts_share_is_refused_and_left_alone(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)

    started = manage("check", settings="settings_dev", environment={}, folder=tmp_path)

    assert started.returncode == 1
    assert f"- VAR_DIR is '{tmp_path}', which all accounts of this machine share" in started.stderr
    assert get_mode(tmp_path) == 0o1777
