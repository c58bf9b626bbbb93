"""Visitors of the shop who come through nginx, over TLS: one with a browser's cookies, and many."""

import http.client
import json
import socket
import ssl
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.try_image.stack import HOST

PORT = 443
TIMEOUT_SECONDS = 30.0
NO_ANSWER = 599
CONNECTIONS = 16


class Connection(http.client.HTTPSConnection):
    """A connection to nginx on this machine, whose certificate is trusted."""

    def __init__(self, certificate: Path) -> None:
        self._trust = ssl.create_default_context(cafile=f"{certificate}")
        super().__init__(HOST, PORT, timeout=TIMEOUT_SECONDS, context=self._trust)

    def connect(self) -> None:
        """Connect to 127.0.0.1, whatever else the name stands for."""
        plain = socket.create_connection(("127.0.0.1", PORT), TIMEOUT_SECONDS)
        self.sock = self._trust.wrap_socket(plain, server_hostname=HOST)


@dataclass
class Visitor:
    """A visitor who keeps the cookies of the shop."""

    certificate: Path
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        """Return the status and the JSON of the answer."""
        connection = Connection(self.certificate)
        try:
            return ask(connection, self.cookies, path, body)
        finally:
            connection.close()

    def read_list(self) -> tuple[bool, list[int]]:
        """Return whether the list is personal, and its products."""
        _, answer = self.ask("/api/recommendations/me/?count=10")
        products = [entry["product_id"] for entry in answer["recommendations"]]
        return bool(answer["personalized"]), products

    def view(self, product_ids: list[int]) -> None:
        """View products, and like the first."""
        for kind, product_id in [("like", product_ids[0]), *(("view", one) for one in product_ids)]:
            event = {"product_id": product_id, "interaction_type": kind}
            status, answer = self.ask("/api/interaction/", event)
            if status != http.client.CREATED:
                raise SystemExit(f"An event was answered with {status}: {answer}")


def ask(
    connection: http.client.HTTPConnection,
    cookies: dict[str, str],
    path: str,
    body: dict[str, Any] | None,
) -> tuple[int, Any]:
    """Ask on this connection, with the cookies, and keep those of the answer."""
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    if body is None:
        connection.request("GET", path, headers=headers)
    else:
        headers["Content-Type"] = "application/json"
        connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    for header in response.headers.get_all("Set-Cookie") or []:
        name, _, rest = header.partition("=")
        cookies[name] = rest.partition(";")[0]
    text = response.read()
    is_json = "json" in response.headers.get("Content-Type", "")
    return response.status, json.loads(text) if is_json else text.decode(errors="replace")


class Load:
    """Requests at a steady rate from now until `stop`: 80 % lists, 10 % searches, 10 % events.

    Each is due at its time, whether or not earlier ones are answered.
    """

    def __init__(self, certificate: Path, product_ids: list[int], *, per_second: int) -> None:
        self.statuses: Counter[int] = Counter()
        self.slowest = 0.0
        self._certificate = certificate
        self._product_ids = product_ids
        self._pause = 1 / per_second
        self._begun = time.monotonic()
        self._number = 0
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._visit) for _ in range(CONNECTIONS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Send no more, and wait for the answers."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _visit(self) -> None:
        connection, cookies = Connection(self._certificate), dict[str, str]()
        while not self._over.is_set():
            with self._lock:
                number, self._number = self._number, self._number + 1
            due = self._begun + number * self._pause
            if self._over.wait(max(0.0, due - time.monotonic())):
                return
            path, body = self._plan(number)
            try:
                status, _ = ask(connection, cookies, path, body)
            except (OSError, http.client.HTTPException):
                status = NO_ANSWER
                connection.close()
            with self._lock:
                self.statuses[status] += 1
                self.slowest = max(self.slowest, time.monotonic() - due)

    def _plan(self, number: int) -> tuple[str, dict[str, Any] | None]:
        product_id = self._product_ids[number % len(self._product_ids)]
        if number % 10 == 0:
            return "/api/interaction/", {"product_id": product_id, "interaction_type": "view"}
        if number % 10 == 1:
            return f"/api/search/?q=lamp+{product_id}&count=24", None
        return "/api/recommendations/me/?count=10", None
