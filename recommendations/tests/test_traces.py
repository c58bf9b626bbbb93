"""Traces of requests, as a collector gets them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

TRACE = """
import json
import sys
import django
from opentelemetry import trace
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from ecommerce_rec import traces
django.setup()
kept = InMemorySpanExporter()
traces.begin_traces(kept, share={share})
from django.db import connection
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.test.utils import override_settings
from django.urls import path

def answer(request, shopper):
    cache.get("a key")
    connection.cursor().execute("SELECT %s", [shopper])
    if request.GET["q"] == "fails":
        raise ValueError(shopper)
    return HttpResponse()

urlpatterns = [path("shoppers/<shopper>/", answer), path("api/health/live", answer)]
client = Client(raise_request_exception=False)
with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"]):
    for query in ("secret", "fails"):
        client.get("/shoppers/anna/", {{"q": query}}, headers={{"User-Agent": "a browser"}})
cache.get("outside of a request")
trace.get_tracer_provider().force_flush()
print(json.dumps([json.loads(span.to_json()) for span in kept.get_finished_spans()]))
"""


def trace_requests(folder: Path, *, share: float = 1.0) -> list[dict[str, Any]]:
    """Return the spans of two requests, the second of which fails."""
    script = folder / "traced.py"
    script.write_text(TRACE.format(share=share))
    ended = subprocess.run(
        [sys.executable, str(script)],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(settings.BASE_DIR),
            "DJANGO_SETTINGS_MODULE": "ecommerce_rec.settings_dev",
            "VAR_DIR": str(folder / "var"),
            "LOG_LEVEL": "ERROR",
            "DATABASE_URL": describe_database(),
            "REDIS_URL": settings.REDIS_URL,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    spans: list[dict[str, Any]] = json.loads(ended.stdout.splitlines()[-1])
    return spans


def describe_database() -> str:
    """Return the address of the test's database if it is a server, else of none."""
    if connection.vendor == "sqlite":
        return ""
    of = connection.settings_dict
    password = f":{of['PASSWORD']}" if of["PASSWORD"] else ""
    return f"postgres://{of['USER']}{password}@{of['HOST']}:{of['PORT'] or 5432}/{of['NAME']}"


@pytest.mark.django_db(transaction=True)
def test_a_request_is_traced_with_what_it_asks_of_servers_and_without_whom_it_meets(
    tmp_path: Path,
) -> None:
    spans = trace_requests(tmp_path)

    requests = [span for span in spans if span["parent_id"] is None]
    assert [span["name"] for span in requests] == ["GET shoppers/<shopper>/"] * 2
    assert [span["status"]["status_code"] for span in requests] == ["UNSET", "ERROR"]
    assert requests[0]["resource"]["attributes"]["service.name"] == "shop"
    told = json.dumps(spans)
    for secret in ("anna", "secret", "127.0.0.1", "a browser", "a key"):
        assert secret not in told
    systems = {span["attributes"].get("db.system") for span in spans} - {None}
    servers = {"postgresql"} if connection.vendor == "postgresql" else set()
    assert systems == servers | ({"redis"} if settings.REDIS_URL else set())


@pytest.mark.django_db(transaction=True)
def test_a_share_of_none_traces_nothing(tmp_path: Path) -> None:
    assert trace_requests(tmp_path, share=0.0) == []
