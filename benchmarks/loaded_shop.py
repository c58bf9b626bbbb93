"""A shop of two web processes for loads: 20,000 products, and visitors with twenty views each.

`DATABASE_URL` and `REDIS_URL` choose its servers; a test database is made there and removed.
"""

import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.db import connection

from benchmarks.over_http import make_shoppers, make_visitor_cookie, start_server
from benchmarks.shop_traffic import Answered, Kind, Ledger, Planned, count_statuses, plan_traffic
from benchmarks.synthetic_shop import add_histories, create_shop, get_database_url, make_visitors
from ecommerce_rec.celery import NICENESS
from recommendations.choices import TokenScope
from recommendations.models import UserBehavior
from recommendations.services.people.tokens import issue_token
from recommendations.services.search.building import rebuild

PRODUCTS = 20_000
VISITORS = 2_000
ADDED_AT_ONCE = 5_000
SHOPPERS = 500
PROCESSES = 2
ALLOWED = {200, 201, 429, 503}


@dataclass(frozen=True, slots=True)
class LoadedShop:
    """A running shop, and those who send requests to it."""

    port: int
    pid: int
    """Of the process that supervises the web processes."""
    cookies: Sequence[str]
    """Of the visitors."""
    shopper_ids: Sequence[int]
    token: str
    """Of a server that may record interactions."""

    @property
    def product_ids(self) -> range:
        """The ids of all products."""
        return range(1, PRODUCTS + 1)

    def plan_traffic(self, count: int, *, first: int = 0) -> list[Planned]:
        """Return a mix of so many requests; `first` keeps the events of two plans apart."""
        return plan_traffic(
            count,
            first=first,
            cookies=self.cookies,
            product_ids=self.product_ids,
            texts=[f"product+{number}" for number in range(1, 200)],
        )


@contextmanager
def run_shop(*, visitors: int = VISITORS) -> Iterator[LoadedShop]:
    """Serve the shop."""
    # All clients have one address here, which in a real shop would be an attack.
    os.environ |= {"SEARCHES_PER_MINUTE_OF_AN_ADDRESS": "0", "EVENTS_PER_MINUTE_OF_A_VISITOR": "0"}
    with create_shop(PRODUCTS):
        subjects = make_visitors(visitors)
        for start in range(0, visitors, ADDED_AT_ONCE):
            add_histories(subjects[start : start + ADDED_AT_ONCE], PRODUCTS)
        rebuild()
        shopper_ids = [subject.user_id or 0 for subject in make_shoppers(SHOPPERS)]
        _, token = issue_token(name="load", scopes=[TokenScope.INTERACTIONS_WRITE])
        connection.close()
        cookies = [make_visitor_cookie(subject) for subject in subjects]
        with start_server(processes=PROCESSES) as (port, process):
            yield LoadedShop(port, process.pid, cookies, shopper_ids, token)


@contextmanager
def train_over_and_over() -> Iterator[None]:
    """Train the shop in a process as nice as a worker, again and again until the block ends."""
    ended, finished = threading.Event(), Counter[int]()

    def train() -> None:
        while not ended.is_set():
            with subprocess.Popen(
                ["nice", "-n", str(NICENESS), sys.executable, "manage.py", "train_models"],
                env=os.environ | {"DATABASE_URL": get_database_url()},
                stdout=subprocess.DEVNULL,
            ) as training:
                while training.poll() is None and not ended.wait(0.5):
                    continue
                if training.poll() is None:
                    training.terminate()
                else:
                    finished[training.returncode] += 1

    thread = threading.Thread(target=train)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        print(f"\nTrainings that ended meanwhile, by exit status: {dict(finished) or 'none yet'}.")


def count_connections() -> int:
    """Return how many connections others have to the shop's database; 0 on SQLite."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def read_memory(pid: int) -> float:
    """Return the proportional set sizes of all processes below this one, in megabytes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    sizes = [Path(f"/proc/{child}/smaps_rollup").read_text() for child in children]
    kilobytes = [int(text.split("Pss:", 1)[1].split()[0]) for text in sizes]
    return sum(kilobytes) / 1024 + sum(read_memory(int(child)) for child in children)


def describe_servers() -> str:
    """Return the names of the servers that the shop uses."""
    return f"{connection.vendor}, {'Redis' if os.environ.get('REDIS_URL') else 'no Redis'}"


def print_table(answers: Sequence[Answered]) -> None:
    """Print the times of the answers, of each kind and of all."""
    print("| | requests | statuses | p50 | p95 | p99 | slowest |\n|---|---|---|---|---|---|---|")
    for name, kinds in {**{kind.value: {kind} for kind in Kind}, "all": set(Kind)}.items():
        found = [answer for answer in answers if answer.kind in kinds]
        if found:
            quantiles = np.quantile([one.seconds for one in found], [0.5, 0.95, 0.99, 1.0])
            times = " | ".join(f"{1_000 * seconds:.0f} ms" for seconds in quantiles)
            print(f"| {name} | {len(found):,} | {describe_statuses(found)} | {times} |", flush=True)


def describe_statuses(answers: Sequence[Answered]) -> str:
    """Return how many answers had which status, in words."""
    counts = sorted(count_statuses(answers).items())
    return ", ".join(f"{number:,} × {status}" for status, number in counts)


def check_ledger(answers: Sequence[Answered]) -> None:
    """Compare accepted events with stored ones; exit with 1 if one is amiss or was failed."""
    ledger = Ledger.compare(answers, count_stored())
    accepted = sum(len(answer.accepted) for answer in answers)
    print(
        f"\nLedger: {accepted:,} events accepted, {len(ledger.lost)} of them lost, "
        f"{len(ledger.repeated)} stored twice."
    )
    refused = set(count_statuses(answers)) - ALLOWED
    if refused or not ledger.is_clean:
        sys.exit(f"The load was not carried: statuses {sorted(refused)}, {ledger}.")


def count_stored() -> Counter[str]:
    """Return how often the shop has each event of the load."""
    ids = UserBehavior.objects.exclude(event_id=None).values_list("event_id", flat=True)
    return Counter(event_id for event_id in ids.iterator(chunk_size=5_000) if event_id)
