"""What `make` prints on a machine that lacks a requirement."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile and nothing installed."""
    folder = tmp_path / "checkout"
    (folder / "frontend").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("requirements.txt", "frontend/package.json", "frontend/package-lock.json"):
        (folder / name).touch()
    return folder


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder to use as PATH: the basic tools of the system, without Python and Node."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "sed", "expand", "find", "mkdir", "rm", "tail", "touch", "uname"):
        found = shutil.which(name)
        assert found is not None, f"{name} is missing on this machine"
        (folder / name).symlink_to(found)
    return folder


def pretend(programs: Path, name: str, script: str) -> None:
    program = programs / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def make(target: str, *, checkout: Path, programs: Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make")
    assert program is not None
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    return subprocess.run(
        [program, target],
        cwd=checkout,
        env={**environment, "PATH": str(programs)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def complaints(made: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in made.stderr.splitlines() if not line.startswith("make")]


def test_a_missing_python_prints_one_sentence(checkout: Path, programs: Path) -> None:
    made = make("run", checkout=checkout, programs=programs)

    assert made.returncode != 0
    assert len(complaints(made)) == 1
    assert "needs Python 3.11 or newer and found none on the PATH" in complaints(made)[0]


def test_an_old_python_is_named(checkout: Path, programs: Path) -> None:
    pretend(programs, "python3", "echo 3.8")
    pretend(programs, "python", "echo 2.7")

    made = make("run", checkout=checkout, programs=programs)

    assert made.returncode != 0
    assert len(complaints(made)) == 1
    assert "needs Python 3.11 or newer and found python3 3.8, python 2.7" in complaints(made)[0]


def test_a_missing_node_prints_one_sentence(checkout: Path, programs: Path) -> None:
    pretend(programs, "python3", "echo 3.12")

    made = make("run", checkout=checkout, programs=programs)

    assert made.returncode != 0
    assert len(complaints(made)) == 1
    assert "needs Node.js 20.19 or newer" in complaints(made)[0]
    assert "found none on the PATH" in complaints(made)[0]


def test_an_old_node_is_named(checkout: Path, programs: Path) -> None:
    pretend(programs, "python3", "echo 3.12")
    pretend(programs, "node", '[ "$1" = -p ] && echo 18.20.4')

    made = make("run", checkout=checkout, programs=programs)

    assert made.returncode != 0
    assert len(complaints(made)) == 1
    assert "needs Node.js 20.19 or newer" in complaints(made)[0]
    assert "found 18.20.4" in complaints(made)[0]


def test_a_failed_installation_shows_the_end_of_its_log_and_where_it_is(
    checkout: Path, programs: Path
) -> None:
    pretend(programs, "python3", '[ "$1" = -c ] && echo 3.12 || { echo "no ensurepip"; exit 1; }')
    pretend(programs, "node", '[ "$1" = -p ] && echo 22.0.0; exit 0')
    pretend(programs, "npm", "echo 10.0.0")

    made = make("run", checkout=checkout, programs=programs)

    assert made.returncode != 0
    assert "  | no ensurepip" in complaints(made)
    assert complaints(made)[-1] == (
        "Making the Python environment in .venv failed: the lines above are the end of "
        "var/log/venv.log."
    )


def test_help_lists_every_target_a_newcomer_needs(checkout: Path, programs: Path) -> None:
    made = make("help", checkout=checkout, programs=programs)

    assert made.returncode == 0
    for target in ("setup", "run", "seed", "train", "test", "check", "evaluate", "bench", "clean"):
        assert f"\n  {target} " in made.stdout
