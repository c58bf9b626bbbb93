"""Lists a second over HTTP, beside a constant answer of the same size from the same server.

    python -m benchmarks.over_http
    python -m benchmarks.over_http --threads 1

One worker process serves a shop of 100,000 products, started as the image starts it; the client
is a process of its own. All kinds of requests take turns, round after round, so that whatever else
the machine does hits them alike. An uncached list is a subject's first one.
"""

import json
import os
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.signing import get_cookie_signer
from django.test import Client

from benchmarks.environment import FOLDER
from benchmarks.load_client import Asked
from benchmarks.made_shop import add_histories, database_url, made_shop, visitors
from benchmarks.urls import CONSTANT
from recommendations.api.middleware import VISITOR_COOKIE
from recommendations.services.people.subjects import Subject

PRODUCTS = 100_000
THREADS_OF_THE_IMAGE = 4
CONNECTIONS = 4
ROUNDS = 6
REPEATED = 50
"""How many subjects share the cached lists."""
CONSTANT_PATH, LIST_PATH = "/api/constant/", "/api/recommendations/me/?count=10"
READY_WITHIN_SECONDS = 60


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=THREADS_OF_THE_IMAGE)
    threads: int = parser.parse_args().threads
    with made_shop(PRODUCTS):
        of_visitors = [(subject, _visitors_cookie(subject)) for subject in visitors(2_000)]
        of_shoppers = [(subject, _session_cookie(subject)) for subject in _shoppers(800)]
        subjects = [subject for subject, _ in of_visitors + of_shoppers]
        add_histories(subjects, PRODUCTS)
        lists = {
            "visitor": [_asked(LIST_PATH, cookie) for _, cookie in of_visitors],
            "shopper": [_asked(LIST_PATH, cookie) for _, cookie in of_shoppers],
        }
        with _server(threads) as (port, process):
            example = _answer(port, *lists["visitor"][0])
            (FOLDER / CONSTANT).write_bytes(example)
            asked = f"{CONNECTIONS} connections, {ROUNDS} rounds"
            print(f"{len(example):,} bytes, {threads} threads, {asked}.\n")
            _measure(port, lists)
            print(f"\nMemory of the worker process: {_memory(process.pid):.0f} MB.")


def _measure(port: int, lists: dict[str, list[Asked]]) -> None:
    kept = {who: asked[:REPEATED] for who, asked in lists.items()}
    first = {who: iter(asked[REPEATED:]) for who, asked in lists.items()}
    constant = [_asked(CONSTANT_PATH, lists["visitor"][0][1]["Cookie"])]
    kinds: dict[str, Any] = {
        "a constant": lambda: constant * 1_000,
        "a visitor's list, cached": lambda: kept["visitor"] * 16,
        "a visitor's list, uncached": lambda: list(islice(first["visitor"], 300)),
        "a shopper's list, cached": lambda: kept["shopper"] * 10,
        "a shopper's list, uncached": lambda: list(islice(first["shopper"], 100)),
    }
    for warming in (constant * 100, kept["visitor"], kept["shopper"]):
        _run(port, warming)
    rounds = [{name: _run(port, asked()) for name, asked in kinds.items()} for _ in range(ROUNDS)]

    print("| | a second | of the constant | p50 | p99 | client busy |")
    print("|---|---|---|---|---|---|")
    for name in kinds:
        of_kind = [one[name] for one in rounds]
        ratio = median(one[name]["per_second"] / one["a constant"]["per_second"] for one in rounds)
        p50, p99 = np.quantile([s for one in of_kind for s in one["seconds"]], [0.5, 0.99])
        print(
            f"| {name} | {median(one['per_second'] for one in of_kind):,.0f} | {ratio:.2f} "
            f"| {1_000 * p50:.1f} ms | {1_000 * p99:.1f} ms "
            f"| {median(one['busy'] for one in of_kind):.0%} |"
        )


def _run(port: int, asked: Sequence[Asked]) -> dict[str, Any]:
    told = {"port": port, "asked": asked, "connections": CONNECTIONS}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load_client"],
        input=json.dumps(told).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _asked(path: str, cookie: str) -> Asked:
    return path, {"Cookie": cookie}


def _visitors_cookie(subject: Subject) -> str:
    signer = get_cookie_signer(salt=VISITOR_COOKIE + VISITOR_COOKIE)
    signed = signer.sign(str(subject.session_id))
    return f"{VISITOR_COOKIE}={signed}"


def _session_cookie(subject: Subject) -> str:
    browser = Client()
    browser.force_login(get_user_model().objects.get(pk=subject.user_id or 0))
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def _shoppers(count: int) -> list[Subject]:
    accounts = get_user_model()
    users = accounts.objects.bulk_create(
        accounts(username=f"shopper-{number}") for number in range(count)
    )
    return [Subject(user_id=user.pk) for user in users]


@contextmanager
def _server(threads: int) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Start the shop; yields its port and the process that watches over the worker."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--blocking-threads", str(threads), "--log-level", "warning"]
    process = subprocess.Popen(
        [*command, "ecommerce_rec.wsgi:application"],
        env=os.environ | {"DATABASE_URL": database_url()},
    )
    try:
        _wait_until_ready(port, process)
        yield port, process
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            _answer(port, "/api/health/ready", {})
        except (OSError, HTTPException):
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server did not start.")


def _answer(port: int, path: str, headers: Any) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise HTTPException(f"{path} answered {response.status}: {body[:300]!r}")
    return body


def _memory(pid: int) -> float:
    """Return the megabytes of a server's worker, what it shares with others counted in parts."""
    worker = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0]
    rollup = Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines()
    told = {line.split()[0]: line.split()[1] for line in rollup[1:]}
    return int(told["Pss:"]) / 1024


if __name__ == "__main__":
    main()
