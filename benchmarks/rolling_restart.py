"""Restart the web processes of a shop behind nginx under load; no request may fail.

    python -m benchmarks.rolling_restart

Two web servers stand behind nginx with docs/nginx.conf, which gets 30 requests a second over TLS:
80 % lists, 10 % searches and 10 % events. One server after the other is stopped, started and
awaited, as an upgrade does. The exit status is 1 if a request failed or an accepted event was lost.
nginx is the one of the machine, or the one that `make find-tools` unpacks.
"""

import os
import ssl
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from django.db import connection

from benchmarks.environment import FOLDER
from benchmarks.load import CONNECTIONS
from benchmarks.loaded_shop import count_stored, print_table
from benchmarks.over_http import make_visitor_cookie, start_server
from benchmarks.shop_traffic import (
    Answered,
    Ledger,
    Planned,
    count_statuses,
    plan_traffic,
    send,
)
from benchmarks.synthetic_shop import add_histories, create_shop, make_visitors
from deploy.nginx.running import PROGRAM, run_nginx
from recommendations.services.search.building import rebuild

PRODUCTS = 2_000
VISITORS = 500
SERVERS = 2
PER_SECOND = 30
SECONDS_BEFORE, SECONDS_AFTER = 3, 5
MOST_SECONDS = 240


def main() -> None:
    """Print the table and the ledger."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.parse_args()
    if PROGRAM is None:
        sys.exit("There is no nginx here: install it, or run `make find-tools`.")
    os.environ |= {"SEARCHES_PER_MINUTE_OF_AN_ADDRESS": "0", "EVENTS_PER_MINUTE_OF_A_VISITOR": "0"}
    with create_shop(PRODUCTS):
        visitors = make_visitors(VISITORS)
        add_histories(visitors, PRODUCTS)
        rebuild()
        cookies = [make_visitor_cookie(visitor) for visitor in visitors]
        connection.close()
        with ExitStack() as running:
            servers = [running.enter_context(start_server()) for _ in range(SERVERS)]
            ports = [port for port, _ in servers]
            nginx = running.enter_context(run_nginx(FOLDER, host="127.0.0.1", servers=ports))
            load = Load(nginx.tls_port, cookies, tls=nginx.trust)
            time.sleep(SECONDS_BEFORE)
            for port, process in servers:
                running.enter_context(restart(port, process))
            time.sleep(SECONDS_AFTER)
            answers = load.stop()
        ledger = Ledger.compare(answers, count_stored())
    print_table(answers)
    refusals = Counter((one.kind.value, one.status, one.refusal) for one in answers if one.refusal)
    for (kind, status, refusal), number in refusals.most_common():
        print(f"{number} {kind} were refused with {status}: {refusal}")
    failed = set(count_statuses(answers)) - {200, 201}
    print(f"\nLedger: {len(ledger.lost)} events lost, {len(ledger.repeated)} stored twice.")
    if failed or not ledger.is_clean:
        sys.exit(f"Requests failed: statuses {sorted(failed)}, {ledger}.")


class Load:
    """Requests at a steady rate, from now until `stop`."""

    def __init__(
        self, port: int, cookies: Sequence[str], *, tls: ssl.SSLContext | None = None
    ) -> None:
        planned = plan_traffic(
            PER_SECOND * MOST_SECONDS,
            cookies=cookies,
            product_ids=range(1, PRODUCTS + 1),
            texts=[f"product+{number}" for number in range(1, 200)],
        )
        self._may_go_on = threading.Event()
        self._may_go_on.set()
        self._answers: list[Answered] = []

        def take() -> Iterator[Planned]:
            for request in planned:
                if not self._may_go_on.is_set():
                    return
                yield request

        self._thread = threading.Thread(
            target=lambda: self._answers.extend(
                send(take(), port=port, connections=CONNECTIONS, per_second=PER_SECOND, tls=tls)
            )
        )
        self._thread.start()

    def stop(self) -> list[Answered]:
        """Send no more; return the answers to all requests."""
        self._may_go_on.clear()
        self._thread.join()
        return self._answers


@contextmanager
def restart(port: int, process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop a server, start it anew on its port and wait until it is ready."""
    process.terminate()
    process.wait(timeout=20)
    with start_server(port=port):
        yield


if __name__ == "__main__":
    main()
