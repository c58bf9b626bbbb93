"""Real servers on free ports: web processes on the test's database, and Redis servers."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

import redis
from django.conf import settings
from django.db import connection

from recommendations.tests.load.traffic import Browser

READY_WITHIN_SECONDS = 120
NO_LIMITS = {
    f"{what}_PER_MINUTE_OF_{whom}": "0"
    for what in ("REQUESTS", "EVENTS")
    for whom in ("A_SERVER", "A_SHOPPER", "A_VISITOR", "AN_ADDRESS")
} | {"SEARCHES_PER_MINUTE_OF_AN_ADDRESS": "0"}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass(frozen=True)
class WebServer:
    """A web server of the shop: a process that supervises its workers."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in found.stdout.split()]

    def stop(self) -> None:
        """Stop the server; kill it if it waits for a worker that was still starting."""
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            for pid in [*self.workers(), self.process.pid]:
                os.kill(pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def web_process(folder: Path, *, redis_url: str = "", unlimited: bool = False) -> Iterator[int]:
    """Run the shop on the test's database and models; yield its port when it is ready.

    The server accepts the cookies and sessions of the test's client. An `unlimited` shop has no
    rate limits.
    """
    with web_server(folder, redis_url=redis_url, unlimited=unlimited) as server:
        yield server.port


@contextmanager
def web_server(
    folder: Path,
    *,
    redis_url: str = "",
    database_url: str = "",
    unlimited: bool = False,
    workers: int = 1,
    variables: Mapping[str, str] | None = None,
) -> Iterator[WebServer]:
    """Run the shop with the image's command and this many workers; yield when one is ready.

    Without a `database_url`, the shop uses the test's database. `variables` are further settings.
    """
    port = free_port()
    log_file = folder / f"web-{port}.log"
    environment = shop_environment(redis_url) | {"GRANIAN_WORKERS": str(workers)}
    if database_url:
        environment["DATABASE_URL"] = database_url
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            as_the_image_starts_it(port),
            env=environment | (NO_LIMITS if unlimited else {}) | dict(variables or {}),
            cwd=settings.BASE_DIR,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    server = WebServer(port, process, log_file)
    try:
        wait_until(lambda: is_ready(port), lambda: log_file.read_text()[-3000:])
        yield server
    finally:
        server.stop()


def as_the_image_starts_it(port: int) -> list[str]:
    """Return the image's command, but listening on this port of the loopback address."""
    dockerfile = (settings.BASE_DIR / "Dockerfile").read_text()
    _, _, command = dockerfile.rpartition("\nCMD ")
    _, *options = json.loads(command)
    options[options.index("--host") + 1] = "127.0.0.1"
    options[options.index("--port") + 1] = str(port)
    return [sys.executable, *options]


def metric(port: int, token: str, name: str) -> list[float]:
    """Return the values of a metric in the answering process, one for each label."""
    request = Request(
        f"http://127.0.0.1:{port}/api/metrics/", headers={"Authorization": f"Bearer {token}"}
    )
    with urlopen(request, timeout=30) as response:
        text = response.read().decode()
    return [float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)]


@contextmanager
def training_process() -> Iterator[subprocess.Popen[bytes]]:
    """Train on the test's database in another process."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "train_models"],
        env=shop_environment(),
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def manage(*command: str, redis_url: str = "") -> None:
    """Run a command of the shop on the test's database, as an operator would."""
    subprocess.run(
        [sys.executable, "manage.py", *command],
        env=shop_environment(redis_url),
        cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
        check=True,
    )


@dataclass
class PrivateRedis:
    """A Redis server for one test, which can be stopped, frozen and started again."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(
            [*command, "--appendonly", "no", "--dir", str(self.folder)], stdout=subprocess.DEVNULL
        )
        wait_until(self._answers, lambda: "Redis does not answer.")

    def send(self, signal_number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(signal_number)

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()

    def keys(self) -> int:
        return int(redis.Redis(port=self.port, socket_timeout=2).dbsize())

    def flush(self) -> None:
        redis.Redis(port=self.port, socket_timeout=2).flushall()

    def _answers(self) -> bool:
        try:
            return bool(redis.Redis(port=self.port, socket_timeout=0.2).ping())
        except redis.exceptions.RedisError:
            return False


def shop_environment(redis_url: str = "") -> dict[str, str]:
    """Return the environment of a process that works on the test's database and models."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "ecommerce_rec.settings_dev",
        "SECRET_KEY": settings.SECRET_KEY,
        "VAR_DIR": str(Path(settings.RECOMMENDATIONS["artifacts_dir"]).parent),
        "DATABASE_URL": _database_url(),
        "REDIS_URL": redis_url,
        "CELERY_BROKER_URL": "memory://",
        "DEBUG": "0",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _database_url() -> str:
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    password = f":{settings['PASSWORD']}" if settings["PASSWORD"] else ""
    address = f"{settings['HOST']}:{settings['PORT'] or 5432}"
    return f"postgres://{settings['USER']}{password}@{address}/{settings['NAME']}"


def is_ready(port: int) -> bool:
    try:
        return Browser().ask(port, "/api/health/ready")[0] == 200
    except (OSError, http.client.HTTPException, ValueError):
        return False


def wait_until(holds: Callable[[], bool], why_not: Callable[[], str]) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(why_not())
        time.sleep(0.1)
