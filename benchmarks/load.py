"""Put a steady load on a shop of two web processes: 80 % lists, 10 % searches, 10 % events.

    python -m benchmarks.load
    python -m benchmarks.load --per-second 100 --seconds 60
    python -m benchmarks.load --visitors 50000 --training
    python -m benchmarks.load --per-second 20 --seconds 1800

`benchmarks/loaded_shop.py` describes the shop. With `--training`, it is trained over and over
meanwhile. Memory of the web processes and connections to PostgreSQL are shown at a tenth of the
time and at its end. Then the ledger is checked: every event that was answered with 201 is in the
log exactly once. The exit status is 1 if it is not, or if a request was answered with anything but
200, 201, 429 or 503.
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from contextlib import nullcontext
from threading import Timer

from benchmarks.loaded_shop import (
    VISITORS,
    check_ledger,
    count_connections,
    describe_servers,
    print_table,
    read_memory,
    run_shop,
    train_over_and_over,
)
from benchmarks.shop_traffic import send

CONNECTIONS = 32
WARM_SHARE = 0.1
"""The share of the time after which memory is measured first."""


def main() -> None:
    """Print the table, what the processes take, and the ledger."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--per-second", type=float, default=50, help="Requests a second (50).")
    parser.add_argument("--seconds", type=int, default=60, help="How long (60).")
    parser.add_argument("--visitors", type=int, default=VISITORS, help="How many have histories.")
    parser.add_argument("--training", action="store_true", help="Train meanwhile.")
    options = parser.parse_args()
    with run_shop(visitors=options.visitors) as shop:
        count = int(options.per_second * options.seconds)
        print(f"{count:,} requests, {options.per_second:g} a second, {describe_servers()}\n")

        def show_use(when: str) -> None:
            memory, connections = read_memory(shop.pid), count_connections()
            print(f"{when}: {memory:.0f} MB, {connections} connections", flush=True)

        early = Timer(WARM_SHARE * options.seconds, show_use, ["At a tenth of the time"])
        planned = shop.plan_traffic(count)
        with train_over_and_over() if options.training else nullcontext():
            early.start()
            answers = send(
                planned, port=shop.port, connections=CONNECTIONS, per_second=options.per_second
            )
        early.join()
        show_use("At the end")
        print()
        print_table(answers)
        check_ledger(answers)


if __name__ == "__main__":
    main()
