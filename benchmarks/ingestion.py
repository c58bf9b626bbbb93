"""Measure how many events a second a shop of two web processes takes, singly and in batches.

    python -m benchmarks.ingestion

`benchmarks/loaded_shop.py` describes the shop. The client shares the cores with it. At the end, the
ledger is checked, as by `benchmarks/load.py`.
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from time import perf_counter, process_time

from benchmarks.loaded_shop import (
    PROCESSES,
    LoadedShop,
    check_ledger,
    describe_servers,
    describe_statuses,
    run_shop,
)
from benchmarks.shop_traffic import Answered, Planned, plan_batches, plan_events, send

SINGLE_EVENTS, BATCHES, BATCH_SIZE = 5_000, 300, 100
CONNECTIONS = 16


def main() -> None:
    """Print the table and the ledger."""
    ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter).parse_args()
    with run_shop() as shop:
        print(f"{PROCESSES} web processes, {describe_servers()}\n")
        print("| | events a second | statuses | client busy |\n|---|---|---|---|")
        singles = plan_events(SINGLE_EVENTS, cookies=shop.cookies, product_ids=shop.product_ids)
        batches = plan_batches(
            BATCHES,
            size=BATCH_SIZE,
            token=shop.token,
            user_ids=shop.shopper_ids,
            product_ids=shop.product_ids,
        )
        answers = _take_in(shop, "one a post", singles)
        answers += _take_in(shop, f"{BATCH_SIZE} a post", batches)
        check_ledger(answers)


def _take_in(shop: LoadedShop, name: str, planned: Sequence[Planned]) -> list[Answered]:
    started, computed = perf_counter(), process_time()
    answers = send(planned, port=shop.port, connections=CONNECTIONS)
    taken, computed = perf_counter() - started, process_time() - computed
    accepted = sum(len(answer.accepted) for answer in answers)
    statuses = describe_statuses(answers)
    print(f"| {name} | {accepted / taken:,.0f} | {statuses} | {computed / taken:.0%} |", flush=True)
    return answers


if __name__ == "__main__":
    main()
