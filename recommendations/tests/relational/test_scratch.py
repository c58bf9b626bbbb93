"""What a training writes is deleted with it, or by the next one if it was killed."""

import errno
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

import pytest

from recommendations.errors import EngineError
from recommendations.relational.scratch import make_scratch_folder

KILLED = """
import os, signal, sys
from pathlib import Path
from recommendations.relational.scratch import make_scratch_folder

with make_scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "tables").write_text("many gigabytes")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_folder_of_a_training_is_deleted_with_it(tmp_path: Path) -> None:
    with make_scratch_folder(tmp_path) as folder:
        (folder / "tables").touch()

    assert not list(tmp_path.iterdir())


def test_the_folder_of_a_killed_training_is_deleted_by_the_next(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    subprocess.run(
        [sys.executable, "-c", KILLED, tmp_path], env={"PYTHONPATH": str(root)}, check=False
    )
    (left,) = tmp_path.iterdir()
    assert (left / "tables").is_file()

    with make_scratch_folder(tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_the_folder_of_a_running_training_stays(tmp_path: Path) -> None:
    with make_scratch_folder(tmp_path) as running, make_scratch_folder(tmp_path):
        assert running.is_dir()


def test_a_folder_of_something_else_stays(tmp_path: Path) -> None:
    other = tmp_path / "shop-training-notes"
    other.mkdir()

    with make_scratch_folder(tmp_path):
        assert other.is_dir()


def test_a_parent_that_is_not_there_is_named(tmp_path: Path) -> None:
    parent = tmp_path / "nowhere"

    with (
        pytest.raises(EngineError, match=f"There is no folder {parent} .* Make it"),
        make_scratch_folder(parent),
    ):
        pass


def test_a_parent_that_cannot_be_written_to_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)

    with (
        pytest.raises(EngineError, match=f"written to {tmp_path}: No space left on device. Name"),
        make_scratch_folder(tmp_path),
    ):
        pass
