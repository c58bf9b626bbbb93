"""Real servers on spare ports: web processes on the test's database, Redis instances of its own."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import connection

READY_WITHIN_SECONDS = 60
NO_LIMITS = {
    f"{what}_PER_MINUTE_OF_{whom}": "0"
    for what in ("REQUESTS", "EVENTS")
    for whom in ("A_SERVER", "A_SHOPPER", "A_VISITOR", "AN_ADDRESS")
}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Browser:
    """A visitor's browser: it keeps the cookies of the shop, whichever process answers."""

    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, port: int, path: str, body: dict[str, Any] | None = None, *, timeout: float = 30
    ) -> tuple[int, Any]:
        """Return the status and the JSON of the answer."""
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        try:
            if body is None:
                asked.request("GET", path, headers=headers)
            else:
                headers["Content-Type"] = "application/json"
                asked.request("POST", path, json.dumps(body), headers)
            response = asked.getresponse()
            for header in response.headers.get_all("Set-Cookie") or []:
                name, _, rest = header.partition("=")
                self.cookies[name] = rest.partition(";")[0]
            return response.status, json.loads(response.read())
        finally:
            asked.close()


@contextmanager
def web_process(folder: Path, *, redis_url: str = "", unlimited: bool = False) -> Iterator[int]:
    """Run the shop on the test's database and models; yields its port once it is ready.

    Cookies and sessions of the test's own client are good there too. An `unlimited` shop counts
    no requests.
    """
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--blocking-threads", "8", "--no-ws"]
    log_file = folder / f"web-{port}.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [*command, "ecommerce_rec.wsgi:application"],
            env=shop_environment(redis_url) | (NO_LIMITS if unlimited else {}),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_until(lambda: is_ready(port), lambda: log_file.read_text()[-3000:])
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


@contextmanager
def training_process() -> Iterator[subprocess.Popen[bytes]]:
    """Train on the test's database in a process of its own."""
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


@dataclass
class PrivateRedis:
    """A Redis of the test's own that can be stopped, frozen and started again."""

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


@dataclass(frozen=True)
class Answer:
    """One answer of the shop under load."""

    path: str
    started: float
    seconds: float
    status: int
    products: int
    model_version: str | None
    problem: str = ""


class Load:
    """So many requests a second, whether or not earlier ones are answered.

    Browsers take turns, and every browser goes to one process after the other.
    """

    def __init__(
        self,
        ports: Sequence[int],
        browsers: Sequence[Browser],
        paths: Sequence[str],
        *,
        per_second: int,
    ) -> None:
        self.ports = ports
        self.browsers = browsers
        self.paths = paths
        self.per_second = per_second
        self.answers: list[Answer] = []

    def run(self, seconds: float) -> list[Answer]:
        """Return the answers to all requests sent in this time."""
        self.answers = []
        threads = []
        begin = time.monotonic()
        for number in range(int(seconds * self.per_second)):
            due = begin + number / self.per_second
            time.sleep(max(0.0, due - time.monotonic()))
            thread = threading.Thread(target=self._ask, args=(number, begin))
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join()
        return self.answers

    def _ask(self, number: int, begin: float) -> None:
        turn, place = divmod(number, len(self.browsers))
        browser, port = self.browsers[place], self.ports[turn % len(self.ports)]
        path = self.paths[number % len(self.paths)]
        started = time.monotonic()
        try:
            status, told = browser.ask(port, path)
            shown, version, problem = told.get("count", 0), told.get("model_version"), ""
            if status != 200:
                problem = json.dumps(told)
        except (OSError, http.client.HTTPException, ValueError) as failure:
            status, shown, version, problem = 599, 0, None, repr(failure)
        self.answers.append(
            Answer(
                path,
                started - begin,
                time.monotonic() - started,
                status,
                shown,
                version,
                problem,
            )
        )


def worst_percent(answers: Sequence[Answer], *, after_seconds: float = 0.0) -> float:
    """Return the time that 99 of 100 answers stayed below, of those asked after this time."""
    taken = sorted(one.seconds for one in answers if one.started >= after_seconds)
    return taken[min(len(taken) - 1, int(0.99 * len(taken)))]


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
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    password = f":{told['PASSWORD']}" if told["PASSWORD"] else ""
    place = f"{told['HOST']}:{told['PORT'] or 5432}"
    return f"postgres://{told['USER']}{password}@{place}/{told['NAME']}"


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
