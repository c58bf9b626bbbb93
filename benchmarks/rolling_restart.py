"""Restart the web processes of a shop behind nginx under load; no request may fail.

    python -m benchmarks.rolling_restart

Two web servers stand behind nginx, which gets 30 requests a second: 80 % lists, 10 % searches and
10 % events. One server after the other is stopped, started and awaited, as an upgrade does. The
exit status is 1 if a request failed or an accepted event was lost. nginx is the one of the machine,
or the one that `make find-tools` unpacks.
"""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from django.conf import settings
from django.db import connection

from benchmarks.environment import FOLDER
from benchmarks.load import CONNECTIONS
from benchmarks.loaded_shop import count_stored, print_table
from benchmarks.over_http import find_free_port, make_visitor_cookie, start_server
from benchmarks.shop_traffic import (
    Answered,
    Ledger,
    Planned,
    count_statuses,
    plan_traffic,
    send,
)
from benchmarks.synthetic_shop import add_histories, create_shop, make_visitors
from recommendations.services.search.building import rebuild

PRODUCTS = 2_000
VISITORS = 500
SERVERS = 2
PER_SECOND = 30
SECONDS_BEFORE, SECONDS_AFTER = 3, 5
MOST_SECONDS = 240
START_SECONDS = 60
PLACES = (os.environ["PATH"], "/usr/sbin", f"{settings.BASE_DIR}/var/nginx/usr/sbin")
NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/client_body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream shop {{
        {servers}
        keepalive 16;
        keepalive_timeout 20s;
    }}
    server {{
        listen 127.0.0.1:{port};
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_connect_timeout 3s;
        proxy_read_timeout 60s;
        location / {{ proxy_pass http://shop; }}
    }}
}}
"""


def main() -> None:
    """Print the table and the ledger."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--nginx", default=shutil.which("nginx", path=os.pathsep.join(PLACES)))
    options = parser.parse_args()
    if options.nginx is None:
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
            proxy = running.enter_context(run_nginx(options.nginx, [port for port, _ in servers]))
            load = Load(proxy, cookies)
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

    def __init__(self, port: int, cookies: Sequence[str]) -> None:
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
                send(take(), port=port, connections=CONNECTIONS, per_second=PER_SECOND)
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


@contextmanager
def run_nginx(program: str, ports: Sequence[int]) -> Iterator[int]:
    """Run nginx before the servers on these ports; yield its own."""
    port, folder = find_free_port(), FOLDER / "nginx"
    folder.mkdir()
    # Without `max_fails=0`, nginx leaves a server alone for ten seconds after it was restarted.
    servers = " ".join(f"server 127.0.0.1:{each} max_fails=0;" for each in ports)
    config = folder / "nginx.conf"
    user = "user root;" if os.getuid() == 0 else ""
    config.write_text(user + NGINX.format(folder=folder, port=port, servers=servers))
    command = [program, "-p", f"{folder}", "-c", f"{config}", "-e", f"{folder}/nginx.log"]
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"nginx did not start: {(folder / 'nginx.log').read_text()}")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main()
