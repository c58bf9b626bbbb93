"""Real processes, started and stopped as `make run` does."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from recommendations.management.commands.run_shop import build_web_server, prepare_log_folder
from recommendations.management.processes import Child, ChildFailedError, Supervisor

ROOT = Path(__file__).resolve().parents[3]


def test_a_child_that_ends_is_restarted_with_a_message(tmp_path: Path) -> None:
    output: list[str] = []
    child = build_shell_child("exit 3", folder=tmp_path)
    supervisor = Supervisor([child], announce=output.append, settled_seconds=0.0)
    child.start()
    assert child.process is not None
    first = child.process.pid
    child.process.wait(timeout=5)

    supervisor.restart_ended()

    assert output == ["The web server ended with code 3 and was started again."]
    assert child.process.pid != first
    supervisor.stop()


def test_the_shop_serves_as_the_image_does(tmp_path: Path) -> None:
    _, *command = build_web_server("0.0.0.0", 8000, tmp_path).command  # noqa: S104

    _, _, image = (ROOT / "Dockerfile").read_text().rpartition("\nCMD ")
    assert ["python", *command] == json.loads(image)


@pytest.mark.parametrize("watch", [Supervisor.require_running, Supervisor.restart_ended])
def test_a_child_that_cannot_start_stops_the_shop_and_prints_the_end_of_its_log(
    tmp_path: Path, watch: Callable[[Supervisor], None]
) -> None:
    child = build_shell_child("echo no such module; exit 1", folder=tmp_path)
    supervisor = Supervisor([child], announce=lambda _: None)
    child.start()
    assert child.process is not None
    child.process.wait(timeout=5)

    with pytest.raises(ChildFailedError, match="no such module"):
        watch(supervisor)


def test_stopping_also_ends_the_processes_that_a_child_started(tmp_path: Path) -> None:
    child = build_shell_child("sleep 60 & echo $!; wait", folder=tmp_path)
    supervisor = Supervisor([child], announce=lambda _: None)
    child.start()
    grandchild = int(read_first_line(child.log))

    supervisor.stop()

    assert has_ended(grandchild)


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    output: list[str] = []
    child = build_shell_child("trap '' TERM; echo deaf; while :; do sleep 1; done", folder=tmp_path)
    supervisor = Supervisor([child], announce=output.append, grace_seconds=0.3)
    child.start()
    assert read_first_line(child.log) == "deaf"

    supervisor.stop()

    assert child.get_exit_code() == -signal.SIGKILL
    assert output == ["The web server did not stop when asked to and was killed."]


def test_a_port_in_use_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [sys.executable, "manage.py", "run_shop", "--port", str(port)],
            cwd=ROOT,
            env=build_shop_environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert refused.returncode != 0
    assert refused.stderr.strip() == (
        f"CommandError: Nothing can listen on 127.0.0.1 port {port} (address already in use): "
        f"stop what uses it, or open the shop elsewhere with `make run PORT={port + 1}`."
    )
    assert not (tmp_path / "db.sqlite3").exists()


def test_the_web_server_refuses_a_port_in_use_with_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = subprocess.run(
            [sys.executable, "-m", "ecommerce_rec.serve", "--port", str(port)],
            cwd=ROOT,
            env=build_shop_environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert refused.returncode == 1
    assert refused.stderr.strip() == (
        f"Nothing can listen on 127.0.0.1 port {port} (address already in use). "
        "Choose another address with --host and --port."
    )


def test_a_folder_of_logs_that_cannot_be_one_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("what is this?")

    with pytest.raises(CommandError) as refused:
        prepare_log_folder(tmp_path)

    assert str(refused.value) == (
        f"{tmp_path}/log cannot be the folder of logs (file exists). "
        "Move away what stands there, or choose another folder with VAR_DIR."
    )


def test_a_log_that_cannot_be_written_is_told_with_a_sentence(tmp_path: Path) -> None:
    child = build_shell_child("exit 0", folder=tmp_path)
    child.log.mkdir()

    with pytest.raises(ChildFailedError) as refused:
        child.start()

    assert str(refused.value) == (
        f"The web server cannot write its log {child.log} (is a directory)."
    )


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a shop with a few products, which trains quickly."""
    folder = tmp_path_factory.mktemp("shop")
    for command in (
        ["migrate", "--verbosity", "0"],
        ["populate_sample_data", "--products", "80", "--users", "40", "--interactions", "2000"],
    ):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=build_shop_environment(folder),
            check=True,
            capture_output=True,
            timeout=120,
        )
    return folder


@pytest.fixture
def running_shop(small_shop: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running shop, and what it printed until it was open."""
    shop = subprocess.Popen(
        [sys.executable, "manage.py", "run_shop", "--port", str(find_free_port())],
        cwd=ROOT,
        env=build_shop_environment(small_shop),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert shop.stdout is not None
    output = ""
    for line in shop.stdout:
        output += line
        if "Ctrl-C closes the shop" in line:
            break
    yield shop, output
    if shop.poll() is None:
        shop.terminate()
        shop.wait(timeout=30)


def test_a_running_shop_answers_and_stops_all_its_processes(
    running_shop: tuple[subprocess.Popen[str], str],
) -> None:
    shop, output = running_shop
    processes = find_descendants(shop.pid)
    with urllib.request.urlopen(f"{find_address(output)}/api/health/ready", timeout=10) as answer:
        health = json.load(answer)

    shop.terminate()
    rest, _ = shop.communicate(timeout=30)

    assert health["status"] == "ok"
    assert shop.returncode == 0
    assert rest.splitlines()[-1] == "The shop is closed."
    assert len(processes) >= 3
    assert [pid for pid in processes if not has_ended(pid)] == []


def test_the_printed_example_command_works_and_ctrl_c_stops_the_shop(
    running_shop: tuple[subprocess.Popen[str], str],
) -> None:
    shop, output = running_shop
    line = next(line.strip() for line in output.splitlines() if line.strip().startswith("curl"))

    answer = subprocess.run(
        ["sh", "-c", line.replace("curl", "curl --silent --fail", 1)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    shop.send_signal(signal.SIGINT)
    rest, _ = shop.communicate(timeout=30)

    assert json.loads(answer.stdout)["count"] == 3
    assert rest.splitlines()[-1] == "The shop is closed."


def build_shell_child(script: str, *, folder: Path) -> Child:
    return Child("web server", ["sh", "-c", script], folder / "child.log")


def build_shop_environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "ecommerce_rec.settings_dev",
        "VAR_DIR": str(folder),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "DEBUG": "0",
    }


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def find_address(output: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", output)
    assert found is not None, output
    return found.group()


def read_first_line(log: Path) -> str:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        lines = log.read_text().splitlines() if log.exists() else []
        if lines:
            return lines[0]
        time.sleep(0.02)
    raise AssertionError(f"{log} stayed empty.")


def find_descendants(parent: int) -> list[int]:
    listed = subprocess.run(
        shlex.split("ps -A -o pid=,ppid="), capture_output=True, text=True, check=True
    ).stdout.split()
    pairs = list(zip(map(int, listed[::2]), map(int, listed[1::2]), strict=True))
    found = [pid for pid, ppid in pairs if ppid == parent]
    return found + [pid for child in found for pid in find_descendants(child)]


def has_ended(process: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False
        ).stdout.strip()
        if not state or state.startswith("Z"):
            return True
        time.sleep(0.05)
    return False
