"""Send a shop of two web processes three times what it can answer, and see that it recovers.

    python -m benchmarks.saturation

`benchmarks/loaded_shop.py` describes the shop. First a few connections ask as fast as they are
answered: that is the peak. Then three times as many requests a second are due for a minute, over
so many connections that the shop has to refuse some. Goodput is what it answers with 200 or 201.
Last, requests are due at a third of the peak, and the table shows how fast they are answered in
which seconds after the flood. The client shares the cores with the shop. At the end, the ledger is
checked, as by `benchmarks/load.py`.
"""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from time import perf_counter

from benchmarks.loaded_shop import (
    LoadedShop,
    check_ledger,
    describe_servers,
    describe_statuses,
    print_table,
    run_shop,
)
from benchmarks.shop_traffic import Answered, send

PEAK_REQUESTS = 6_000
PEAK_CONNECTIONS = 16
FLOOD_CONNECTIONS = 256
TIMES_THE_PEAK = 3
RECOVERY_STEPS = (5, 5, 10)
"""Seconds."""


def main() -> None:
    """Print the peak, the goodput of the flood, and the recovery."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="How long the flood lasts (60).")
    options = parser.parse_args()
    with run_shop() as shop:
        print(f"{describe_servers()}\n")
        answers: list[Answered] = []
        _send(shop, PEAK_REQUESTS, answers, connections=PEAK_CONNECTIONS)
        peak = _send(shop, PEAK_REQUESTS, answers, connections=PEAK_CONNECTIONS)
        print(f"Peak: {peak:,.0f} answers a second.")
        due = TIMES_THE_PEAK * peak
        goodput = _send(
            shop,
            int(due * options.seconds),
            answers,
            connections=FLOOD_CONNECTIONS,
            per_second=due,
        )
        print(f"Flood of {due:,.0f} a second: goodput {goodput:,.0f} ({goodput / peak:.0%}).")
        for seconds in RECOVERY_STEPS:
            print(f"\nThe next {seconds} seconds, at {peak / 3:,.0f} a second:\n")
            begun = len(answers)
            _send(
                shop,
                int(peak / 3 * seconds),
                answers,
                connections=PEAK_CONNECTIONS,
                per_second=peak / 3,
            )
            print_table(answers[begun:])
        check_ledger(answers)


def _send(
    shop: LoadedShop,
    count: int,
    answers: list[Answered],
    *,
    connections: int,
    per_second: float | None = None,
) -> float:
    """Send a mix of requests, add their answers, and return how many good ones came a second."""
    planned = shop.plan_traffic(count, first=len(answers))
    started = perf_counter()
    new = send(planned, port=shop.port, connections=connections, per_second=per_second)
    taken = perf_counter() - started
    answers += new
    print(f"{count:,} requests in {taken:.0f} s: {describe_statuses(new)}.", flush=True)
    return _count_good(new) / taken


def _count_good(answers: Sequence[Answered]) -> int:
    return sum(answer.status in {200, 201} for answer in answers)


if __name__ == "__main__":
    main()
