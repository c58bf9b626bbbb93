"""Put a million interactions into partitions while the shop is under load.

    DATABASE_URL=postgres://… python -m benchmarks.partitions

A shop of 2,000 products and a million interactions over two years answers 30 requests a second:
80 % lists, 10 % searches and 10 % events. Meanwhile `partition_interactions` runs. The exit status
is 1 if an accepted event was lost or stored twice.
"""

import os
import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from statistics import median

from django.db import connection

from benchmarks.loaded_shop import count_stored, print_table
from benchmarks.over_http import make_visitor_cookie, start_server
from benchmarks.rolling_restart import PRODUCTS, VISITORS, Load
from benchmarks.shop_traffic import Ledger
from benchmarks.synthetic_shop import add_histories, create_shop, make_visitors
from recommendations.models import UserBehavior
from recommendations.services.infra.planner_statistics import renew_statistics
from recommendations.services.lists.history import read_history
from recommendations.services.partitions.moving import partition
from recommendations.services.people.subjects import Subject
from recommendations.services.search.building import rebuild

INTERACTIONS = 1_000_000
DAYS = 730
SECONDS_AROUND = 5
ROUNDS = 5


def main() -> None:
    """Print how long the move and the requests took, and the ledger."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--interactions", type=int, default=INTERACTIONS)
    options = parser.parse_args()
    if connection.vendor != "postgresql":
        sys.exit("Only PostgreSQL has partitions: set DATABASE_URL.")
    os.environ |= {"SEARCHES_PER_MINUTE_OF_AN_ADDRESS": "0", "EVENTS_PER_MINUTE_OF_A_VISITOR": "0"}
    with create_shop(PRODUCTS):
        visitors = make_visitors(VISITORS)
        add_histories(visitors, PRODUCTS)
        add_past(options.interactions)
        rebuild()
        cookies = [make_visitor_cookie(visitor) for visitor in visitors]
        before = measure_histories(visitors)
        connection.close()
        with start_server(processes=2) as (port, _):
            load = Load(port, cookies)
            time.sleep(SECONDS_AROUND)
            started = time.monotonic()
            n_rows = partition()
            taken = time.monotonic() - started
            time.sleep(SECONDS_AROUND)
            answers = load.stop()
        ledger = Ledger.compare(answers, count_stored())
        after = measure_histories(visitors)
    print(f"{n_rows:,} rows were moved in {taken:.0f} s.\n")
    print_table(answers)
    print(f"\nReading a history took {before:.2f} ms before and takes {after:.2f} ms.")
    print(f"Ledger: {len(ledger.lost)} events lost, {len(ledger.repeated)} stored twice.")
    if not ledger.is_clean:
        sys.exit(f"Events were lost or stored twice: {ledger}.")


def add_past(count: int) -> None:
    """Add interactions of other visitors, spread over two years, each tenth one an event."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {UserBehavior._meta.db_table}"
            " (product_id, interaction_type, timestamp, session_id, event_id)"
            " SELECT 1 + (n::bigint * 7919) %% %s, 'view', now() - interval '1 second' * (n * %s),"
            " 'past-' || n %% 50000, CASE WHEN n %% 10 = 0 THEN 'past-' || n END"
            " FROM generate_series(1, %s) AS n",
            [PRODUCTS, DAYS * 86_400 / count, count],
        )
    renew_statistics()


def measure_histories(visitors: Sequence[Subject]) -> float:
    """Return the median time of reading a history, in milliseconds; the best of some rounds."""
    medians = []
    for _ in range(ROUNDS):
        times = []
        for visitor in visitors[:200]:
            started = time.perf_counter()
            read_history(visitor)
            times.append(1_000 * (time.perf_counter() - started))
        medians.append(median(times))
    return min(medians)


if __name__ == "__main__":
    main()
