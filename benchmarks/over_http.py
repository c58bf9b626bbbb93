"""Measure lists per second over HTTP, and compare them with a constant answer of the same size.

    python -m benchmarks.over_http

One worker process, started as in the image, serves a shop of 100,000 products; the client is a
process of its own. The kinds of requests take turns in rounds, so that other work on the machine
slows all of them alike. An uncached list is the first list of a subject.
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
from django.utils import timezone

from benchmarks.environment import FOLDER
from benchmarks.load_client import Request
from benchmarks.synthetic_shop import add_histories, create_shop, get_database_url, make_visitors
from benchmarks.urls import CONSTANT
from recommendations.api.visitor import VISITOR_COOKIE
from recommendations.choices import ExperimentState
from recommendations.models import Experiment, ExperimentArm
from recommendations.services.people.subjects import Subject

PRODUCTS = 100_000
CONNECTIONS = 4
ROUNDS = 6
CACHED_SUBJECTS = 50
"""How many subjects request cached lists."""
CONSTANT_PATH, LIST_PATH = "/api/constant/", "/api/recommendations/me/?count=10"
START_SECONDS = 180


def main() -> None:
    """Print the table."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        "--experiments",
        type=int,
        default=0,
        help="how many experiments run meanwhile, each with all subjects (default: %(default)s)",
    )
    options = parser.parse_args()
    with create_shop(PRODUCTS):
        run_experiments(options.experiments)
        of_visitors = [(subject, make_visitor_cookie(subject)) for subject in make_visitors(2_000)]
        of_shoppers = [(subject, _make_session_cookie(subject)) for subject in make_shoppers(800)]
        subjects = [subject for subject, _ in of_visitors + of_shoppers]
        add_histories(subjects, PRODUCTS)
        lists = {
            "visitor": [_make_request(LIST_PATH, cookie) for _, cookie in of_visitors],
            "shopper": [_make_request(LIST_PATH, cookie) for _, cookie in of_shoppers],
        }
        with start_server() as (port, process):
            example = _fetch(port, *lists["visitor"][0])
            (FOLDER / CONSTANT).write_bytes(example)
            load = f"{CONNECTIONS} connections, {ROUNDS} rounds"
            print(f"{len(example):,} bytes, {load}.\n")
            _measure(port, lists)
            print(f"\nMemory of the worker process: {_read_memory(process.pid):.0f} MB.")


def run_experiments(count: int) -> None:
    """Run experiments whose arms change nothing: what they cost is the assignment alone."""
    for number in range(count):
        experiment = Experiment.objects.create(
            name=f"Experiment {number}",
            layer=f"layer {number}",
            state=ExperimentState.RUNNING.value,
            slice_start=0.0,
            slice_end=1.0,
            started_at=timezone.now(),
        )
        for name in ("control", "other"):
            is_control = name == "control"
            ExperimentArm.objects.create(experiment=experiment, name=name, is_control=is_control)


def _measure(port: int, lists: dict[str, list[Request]]) -> None:
    cached = {who: requests[:CACHED_SUBJECTS] for who, requests in lists.items()}
    first = {who: iter(requests[CACHED_SUBJECTS:]) for who, requests in lists.items()}
    constant = [_make_request(CONSTANT_PATH, lists["visitor"][0][1]["Cookie"])]
    loads: dict[str, Any] = {
        "a constant": lambda: constant * 1_000,
        "a visitor's list, cached": lambda: cached["visitor"] * 16,
        "a visitor's list, uncached": lambda: list(islice(first["visitor"], 300)),
        "a shopper's list, cached": lambda: cached["shopper"] * 10,
        "a shopper's list, uncached": lambda: list(islice(first["shopper"], 100)),
    }
    for requests in (constant * 100, cached["visitor"], cached["shopper"]):
        run_load(port, requests)
    rounds = [{name: run_load(port, make()) for name, make in loads.items()} for _ in range(ROUNDS)]

    print("| | per second | ratio to the constant | p50 | p99 | client busy |")
    print("|---|---|---|---|---|---|")
    for name in loads:
        results = [one[name] for one in rounds]
        ratio = median(one[name]["per_second"] / one["a constant"]["per_second"] for one in rounds)
        p50, p99 = np.quantile([s for result in results for s in result["seconds"]], [0.5, 0.99])
        print(
            f"| {name} | {median(result['per_second'] for result in results):,.0f} | {ratio:.3f} "
            f"| {1_000 * p50:.1f} ms | {1_000 * p99:.1f} ms "
            f"| {median(result['busy'] for result in results):.0%} |"
        )


def run_load(port: int, requests: Sequence[Request]) -> dict[str, Any]:
    """Send the requests from a process of its own; return its figures."""
    task = {"port": port, "requests": requests, "connections": CONNECTIONS}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load_client"],
        input=json.dumps(task).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def _make_request(path: str, cookie: str) -> Request:
    return path, {"Cookie": cookie}


def make_visitor_cookie(subject: Subject) -> str:
    """Return the signed cookie of a visitor."""
    signer = get_cookie_signer(salt=VISITOR_COOKIE + VISITOR_COOKIE)
    signed = signer.sign(str(subject.session_id))
    return f"{VISITOR_COOKIE}={signed}"


def _make_session_cookie(subject: Subject) -> str:
    browser = Client()
    browser.force_login(get_user_model().objects.get(pk=subject.user_id or 0))
    return f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"


def make_shoppers(count: int) -> list[Subject]:
    """Add so many accounts."""
    accounts = get_user_model()
    users = accounts.objects.bulk_create(
        accounts(username=f"shopper-{number}") for number in range(count)
    )
    return [Subject(user_id=user.pk) for user in users]


@contextmanager
def start_server(
    *, processes: int = 1, port: int | None = None
) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Start the shop, on a free port unless one is given; yield it and the supervising process."""
    port = port or find_free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "ecommerce_rec.serve"),
            *("--port", str(port), "--processes", str(processes)),
        ],
        env=os.environ | {"DATABASE_URL": get_database_url()},
    )
    try:
        _wait_until_ready(port, process)
        yield port, process
    finally:
        process.terminate()
        process.wait(timeout=20)


def find_free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            _fetch(port, "/api/health/ready", {})
        except (OSError, HTTPException):
            time.sleep(0.1)
        else:
            return
    raise SystemExit("The server did not start.")


def _fetch(port: int, path: str, headers: Any) -> bytes:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise HTTPException(f"{path} answered {response.status}: {body[:300]!r}")
    return body


def find_worker(pid: int) -> int:
    """Return the first worker process of this supervising process."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _read_memory(pid: int) -> float:
    """Return the proportional set size of the worker of this supervising process in megabytes."""
    worker = find_worker(pid)
    rollup = Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines()
    sizes = {line.split()[0]: line.split()[1] for line in rollup[1:]}
    return int(sizes["Pss:"]) / 1024


if __name__ == "__main__":
    main()
