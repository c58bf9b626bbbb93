"""Reports of errors, as a service receives them."""

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

FAIL = """
import sys
import django
django.setup()
from django.db import OperationalError
from django.test import Client
from django.test.utils import override_settings
from django.urls import path
from recommendations import errors

def fail(request, shopper):
    secret = request.GET["q"]
    raise {error}

urlpatterns = [path("shoppers/<shopper>/", fail)]
with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"]):
    Client(raise_request_exception=False).get(
        sys.argv[1], headers={{"X-Request-ID": "0123456789abcdef"}}
    )
import sentry_sdk
sentry_sdk.flush(10)
"""


class Collector:
    """A service that keeps the events it receives."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.texts.append(body.decode())
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.dsn = f"http://key@127.0.0.1:{self.server.server_port}/1"

    @property
    def events(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for text in self.texts for line in text.splitlines()]
        return [line for line in lines if "exception" in line]


@pytest.fixture
def collector() -> Iterator[Collector]:
    one = Collector()
    threading.Thread(target=one.server.serve_forever, daemon=True).start()
    yield one
    one.server.shutdown()
    one.server.server_close()


def run_a_request_that_fails(dsn: str, error: str, folder: Path) -> None:
    (folder / "failing.py").write_text(FAIL.format(error=error))
    subprocess.run(
        [sys.executable, str(folder / "failing.py"), "/shoppers/anna/?q=secret"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(settings.BASE_DIR),
            "DJANGO_SETTINGS_MODULE": "ecommerce_rec.settings_dev",
            "VAR_DIR": str(folder / "var"),
            "SENTRY_DSN": dsn,
        },
        capture_output=True,
        check=True,
    )


def test_an_error_is_reported_with_its_route_and_without_whom_it_met(
    collector: Collector, tmp_path: Path
) -> None:
    error = "ValueError(f'It broke.\\nDETAIL: Key (name)=({shopper})')"

    run_a_request_that_fails(collector.dsn, error, tmp_path)

    (event,) = collector.events
    assert event["transaction"] == "/shoppers/{shopper}/"
    assert event["tags"]["request_id"] == "0123456789abcdef"
    assert event["exception"]["values"][0]["value"] == "It broke."
    assert event["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "fail"
    assert not [word for word in ("anna", "q=secret", "127.0.0.1") if word in json.dumps(event)]


def test_servers_that_are_away_are_not_reported(collector: Collector, tmp_path: Path) -> None:
    run_a_request_that_fails(collector.dsn, "OperationalError('The database is away.')", tmp_path)

    assert collector.events == []
