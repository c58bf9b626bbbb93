"""Put a steady load on a shop of two web processes: 80 % lists, 10 % searches, 10 % events.

    python -m benchmarks.load
    python -m benchmarks.load --per-second 100 --seconds 60
    python -m benchmarks.load --ingestion

The shop has 20,000 products and visitors with histories. `DATABASE_URL` and `REDIS_URL` choose its
servers; a test database is made there and removed. At the end, the ledger is checked: every event
that was answered with 201 is in the log exactly once. The exit status is 1 if it is not, or if a
request was answered with anything but 200, 201, 429 or 503. `--ingestion` measures instead how many
events a second the shop takes, one by one and in batches of 100.
"""

import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Sequence
from time import perf_counter, process_time

import numpy as np
from django.db import connection

from benchmarks.over_http import make_shoppers, make_visitor_cookie, start_server
from benchmarks.shop_traffic import (
    Answered,
    Kind,
    Ledger,
    Planned,
    count_statuses,
    plan_batches,
    plan_events,
    plan_traffic,
    send,
)
from benchmarks.synthetic_shop import add_histories, create_shop, make_visitors
from recommendations.choices import TokenScope
from recommendations.models import UserBehavior
from recommendations.services.people.tokens import issue_token
from recommendations.services.search.building import rebuild

PRODUCTS = 20_000
VISITORS = 2_000
SHOPPERS = 500
PROCESSES = 2
CONNECTIONS = 32
ALLOWED = {200, 201, 429, 503}
SINGLE_EVENTS, BATCHES, BATCH_SIZE = 5_000, 300, 100
INGESTION_CONNECTIONS = 8


def main() -> None:
    """Print the table and the ledger."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--per-second", type=float, default=50, help="Requests a second (50).")
    parser.add_argument("--seconds", type=int, default=60, help="How long (60).")
    parser.add_argument("--ingestion", action="store_true", help="Measure the intake of events.")
    options = parser.parse_args()
    # All clients have one address here, which in a real shop would be an attack.
    os.environ |= {"SEARCHES_PER_MINUTE_OF_AN_ADDRESS": "0", "EVENTS_PER_MINUTE_OF_A_VISITOR": "0"}
    with create_shop(PRODUCTS):
        visitors = make_visitors(VISITORS)
        cookies = [make_visitor_cookie(visitor) for visitor in visitors]
        add_histories(visitors, PRODUCTS)
        rebuild()
        shopper_ids = [subject.user_id or 0 for subject in make_shoppers(SHOPPERS)]
        _, token = issue_token(name="load", scopes=[TokenScope.INTERACTIONS_WRITE])
        connection.close()
        where = f"{connection.vendor}, {'Redis' if os.environ.get('REDIS_URL') else 'no Redis'}"
        product_ids = range(1, PRODUCTS + 1)
        with start_server(processes=PROCESSES) as (port, _process):
            if options.ingestion:
                print(f"{PROCESSES} web processes, {where}\n")
                print("| | events a second | statuses | client busy |\n|---|---|---|---|")
                answers = _take_in(
                    port,
                    "one a post",
                    plan_events(SINGLE_EVENTS, cookies=cookies, product_ids=product_ids),
                )
                answers += _take_in(
                    port,
                    f"{BATCH_SIZE} a post",
                    plan_batches(
                        BATCHES,
                        size=BATCH_SIZE,
                        token=token,
                        user_ids=shopper_ids,
                        product_ids=product_ids,
                    ),
                )
            else:
                count = int(options.per_second * options.seconds)
                print(f"{count:,} requests, {options.per_second:g} a second, {where}\n")
                planned = plan_traffic(
                    count,
                    cookies=cookies,
                    product_ids=product_ids,
                    texts=[f"product+{number}" for number in range(1, 200)],
                )
                answers = send(
                    planned, port=port, connections=CONNECTIONS, per_second=options.per_second
                )
                print_table(answers)
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


def _take_in(port: int, name: str, planned: Sequence[Planned]) -> list[Answered]:
    started, computed = perf_counter(), process_time()
    answers = send(planned, port=port, connections=INGESTION_CONNECTIONS)
    taken, computed = perf_counter() - started, process_time() - computed
    accepted = sum(len(answer.accepted) for answer in answers)
    statuses = _describe_statuses(answers)
    print(f"| {name} | {accepted / taken:,.0f} | {statuses} | {computed / taken:.0%} |", flush=True)
    return answers


def print_table(answers: Sequence[Answered]) -> None:
    """Print the times of the answers, of each kind and of all."""
    print("| | requests | statuses | p50 | p95 | p99 | slowest |\n|---|---|---|---|---|---|---|")
    for name, kinds in {**{kind.value: {kind} for kind in Kind}, "all": set(Kind)}.items():
        found = [answer for answer in answers if answer.kind in kinds]
        if found:
            quantiles = np.quantile([one.seconds for one in found], [0.5, 0.95, 0.99, 1.0])
            times = " | ".join(f"{1_000 * seconds:.0f} ms" for seconds in quantiles)
            print(f"| {name} | {len(found):,} | {_describe_statuses(found)} | {times} |")


def _describe_statuses(answers: Sequence[Answered]) -> str:
    counts = sorted(count_statuses(answers).items())
    return ", ".join(f"{number:,} × {status}" for status, number in counts)


if __name__ == "__main__":
    main()
