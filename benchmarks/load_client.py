"""Send requests as fast as a few kept-alive connections can; runs in a process of its own.

    echo '{"port": 8000, "connections": 4, "requests": [["/", {}]]}' |
        python -m benchmarks.load_client

It prints JSON: requests per second, the share of time in which it computed, and the seconds of each
request. It stops at the first answer that is not 200.
"""

import http.client
import json
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from time import perf_counter, process_time

Request = tuple[str, Mapping[str, str]]
"""The path of a request and its headers."""


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one run of requests."""

    per_second: float
    busy: float
    """Share of the time in which the client computed; near 1, the client is the bottleneck."""
    seconds: Sequence[float]


def main() -> None:
    """Read a task from standard input, send its requests and print the result."""
    task = json.load(sys.stdin)
    print(json.dumps(asdict(run(task["port"], task["requests"], task["connections"]))))


def run(port: int, requests: Sequence[Request], connections: int) -> Result:
    """Send each request once; a connection sends its next request after the last answer."""
    waiting = iter(requests)
    lock = threading.Lock()
    taken: list[float] = []
    failures: list[str] = []

    def send() -> None:
        server = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for path, headers in _take_requests(waiting, lock):
            started = perf_counter()
            server.request("GET", path, headers=dict(headers))
            response = server.getresponse()
            body = response.read()
            taken.append(perf_counter() - started)
            if response.status != 200:
                failures.append(f"{path} answered {response.status}: {body[:300]!r}")
                return

    threads = [threading.Thread(target=send) for _ in range(connections)]
    started, computed = perf_counter(), process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole, computed = perf_counter() - started, process_time() - computed
    if failures or len(taken) < len(requests):
        raise SystemExit(f"{len(taken)} of {len(requests)} were answered. {' '.join(failures)}")
    return Result(per_second=len(taken) / whole, busy=computed / whole, seconds=taken)


def _take_requests(waiting: Iterator[Request], lock: threading.Lock) -> Iterator[Request]:
    while True:
        with lock:
            following = next(waiting, None)
        if following is None:
            return
        yield following


if __name__ == "__main__":
    main()
