"""Shoppers of a running shop: browsers, and many of them at a steady rate."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.db import connections

Made = TypeVar("Made")


@dataclass
class Browser:
    """A visitor's browser: it keeps the cookies of the shop, whichever process answers.

    On Linux, each `address` of 127.0.0.0/8 can be that of a browser.
    """

    cookies: dict[str, str] = field(default_factory=dict)
    address: str = "127.0.0.1"

    @property
    def header(self) -> str:
        """What the browser sends as `Cookie`."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def ask(
        self, port: int, path: str, body: dict[str, Any] | None = None, *, timeout: float = 30
    ) -> tuple[int, Any]:
        """Return the status and the JSON of the answer."""
        asked = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=timeout, source_address=(self.address, 0)
        )
        headers = {"Cookie": self.header}
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


@dataclass(frozen=True)
class Answer:
    """One answer of the shop under load; status 599 means that there was none."""

    path: str
    started: float
    seconds: float
    status: int
    products: int = 0
    model_version: str | None = None
    list_id: str = ""
    problem: str = ""


class Load:
    """A fixed number of requests a second, whether or not earlier ones are answered.

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
        self._begin = 0.0

    def elapsed(self) -> float:
        """Return the seconds since the start, the clock of all answers."""
        return time.monotonic() - self._begin

    def run(
        self, seconds: float, *, meanwhile: Callable[[], object] = lambda: None
    ) -> list[Answer]:
        """Return the answers to all requests of this time, during which `meanwhile` runs."""
        self.answers = []
        self._begin = time.monotonic()
        sender = threading.Thread(target=self._send, args=(int(seconds * self.per_second),))
        sender.start()
        try:
            meanwhile()
        finally:
            sender.join()
        return self.answers

    def _send(self, how_many: int) -> None:
        threads = []
        for number in range(how_many):
            time.sleep(max(0.0, number / self.per_second - self.elapsed()))
            thread = threading.Thread(target=self._ask, args=(number,))
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join()

    def _ask(self, number: int) -> None:
        turn, place = divmod(number, len(self.browsers))
        browser, port = self.browsers[place], self.ports[turn % len(self.ports)]
        path = self.paths[number % len(self.paths)]
        started = self.elapsed()
        told: dict[str, Any] = {}
        try:
            status, told = browser.ask(port, path)
            problem = "" if status == 200 else json.dumps(told)
        except (OSError, http.client.HTTPException, ValueError) as failure:
            status, problem = 599, repr(failure)
        self.answers.append(
            Answer(
                path,
                started,
                self.elapsed() - started,
                status,
                products=told.get("count", 0),
                model_version=told.get("model_version"),
                list_id=told.get("list_id", ""),
                problem=problem,
            )
        )


class Readers(Generic[Made]):
    """Threads that read at a steady rate until they are stopped.

    Each waits for its answer before it reads on, so a shop that cannot keep up is read from more
    slowly, and not buried.
    """

    def __init__(self, read: Callable[[int], Made], *, threads: int, per_second: int) -> None:
        self.read = read
        self.made: list[Made] = []
        self.failures: list[BaseException] = []
        self._every_seconds = threads / per_second
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._read, args=(number, threads)) for number in range(threads)
        ]

    def __enter__(self) -> "Readers[Made]":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _read(self, turn: int, step: int) -> None:
        due = time.monotonic()
        try:
            while not self._stopped.wait(max(0.0, due - time.monotonic())):
                self.made.append(self.read(turn))
                turn, due = turn + step, due + self._every_seconds
        except BaseException as failure:
            self.failures.append(failure)
            raise
        finally:
            connections.close_all()


def worst_percent(answers: Sequence[Answer], *, after_seconds: float = 0.0) -> float:
    """Return the 99th percentile of the answer times of requests sent after this time."""
    taken = sorted(one.seconds for one in answers if one.started >= after_seconds)
    return taken[min(len(taken) - 1, int(0.99 * len(taken)))]
