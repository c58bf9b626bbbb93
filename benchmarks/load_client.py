"""Asks a server as fast as a few kept-alive connections can: a process of its own, told by JSON.

    echo '{"port": 8000, "connections": 4, "asked": [["/", {}]]}' | python -m benchmarks.load_client

Prints the requests a second and how long each took, in seconds, as JSON. An answer that is not 200
ends it.
"""

import http.client
import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter, process_time

Asked = tuple[str, Mapping[str, str]]
"""A path, and the headers to send with it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of requests took."""

    per_second: float
    busy: float
    """The part of the time that the client itself computed: near 1, it is what was measured."""
    seconds: Sequence[float]


def main() -> None:
    """Read what to ask, ask it, print what was measured."""
    told = json.load(sys.stdin)
    print(json.dumps(asdict(run(told["port"], told["asked"], told["connections"]))))


def run(port: int, asked: Sequence[Asked], connections: int) -> Measured:
    """Send each request once, shared out among the connections, each after the last's answer."""
    waiting = iter(asked)
    next_one = threading.Lock()
    taken: list[float] = []
    failures: list[str] = []

    def ask_on() -> None:
        server = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for path, headers in _shared(waiting, next_one):
            started = perf_counter()
            server.request("GET", path, headers=dict(headers))
            response = server.getresponse()
            body = response.read()
            taken.append(perf_counter() - started)
            if response.status != 200:
                failures.append(f"{path} answered {response.status}: {body[:300]!r}")
                return

    threads = [threading.Thread(target=ask_on) for _ in range(connections)]
    started, computed = perf_counter(), process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole, computed = perf_counter() - started, process_time() - computed
    if failures or len(taken) < len(asked):
        raise SystemExit(f"{len(taken)} of {len(asked)} were answered. {' '.join(failures)}")
    return Measured(per_second=len(taken) / whole, busy=computed / whole, seconds=taken)


def _shared(waiting: Iterator[Asked], lock: threading.Lock) -> Iterator[Asked]:
    while True:
        with lock:
            following = next(waiting, None)
        if following is None:
            return
        yield following


if __name__ == "__main__":
    main()
