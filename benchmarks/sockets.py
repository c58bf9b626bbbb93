"""Measure open pages: how soon the other tab hears of an event, and what idle sockets cost the API.

    python -m benchmarks.sockets [--sockets 1000]

One web process, started as in the image, serves a shop of 10,000 products. Half the sockets are
first tabs, half second tabs of the same visitors. Lists are asked for with and without them in
turns, so that other work on the machine slows both alike. It takes about three minutes.
"""

import asyncio
import os
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from contextlib import AsyncExitStack
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin

from benchmarks.over_http import LIST_PATH, find_worker, make_visitor_cookie, run_load, start_server
from benchmarks.synthetic_shop import add_histories, create_shop, make_visitors

PRODUCTS = 10_000
EVENTS = 300
EVENTS_PER_SECOND = 20
IDLE_SECONDS = 30
ROUNDS = 6
REQUESTS = 3_000
VISITORS_WITH_LISTS = 50
CONNECTIONS_AT_ONCE = 20
HEAR_SECONDS = 10
SOCKETS_OF_AN_ADDRESS = 150


def main() -> None:
    """Print what was measured."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=1_000, help="How many pages are open.")
    count = parser.parse_args().sockets
    with create_shop(PRODUCTS):
        visitors = make_visitors(count // 2)
        add_histories(visitors[:VISITORS_WITH_LISTS], PRODUCTS)
        cookies = [make_visitor_cookie(visitor) for visitor in visitors]
        with start_server() as (port, process):
            asyncio.run(_measure(port, find_worker(process.pid), cookies))


async def _measure(port: int, worker: int, cookies: list[str]) -> None:
    requests = [(LIST_PATH, {"Cookie": one}) for one in cookies[:VISITORS_WITH_LISTS]]
    load = list(islice(cycle(requests), REQUESTS))
    await asyncio.to_thread(run_load, port, load)
    idle_alone = await _measure_idling(worker)
    alone, beside = [], []
    work: dict[str, float] = {"alone": 0.0, "beside": 0.0}

    async def run(where: str) -> float:
        before = _read_seconds_of_work(worker)
        result = await asyncio.to_thread(run_load, port, load)
        work[where] += _read_seconds_of_work(worker) - before
        return float(result["per_second"])

    for _ in range(ROUNDS):
        alone.append(await run("alone"))
        async with AsyncExitStack() as opened:
            begun = perf_counter()
            tabs = await _open_tabs(opened, port, cookies)
            opening = perf_counter() - begun
            beside.append(await run("beside"))
            if len(beside) == ROUNDS:
                idle_beside = await _measure_idling(worker)
                seconds = await _send_events(port, cookies, tabs)
    ratio = median(one / other for one, other in zip(beside, alone, strict=True))
    p50, p95, p99 = np.quantile(seconds, [0.5, 0.95, 0.99])
    print(
        f"{2 * len(cookies):,} sockets, opened in {opening:.1f} s.\n"
        f"Cached lists a second: {median(alone):,.0f} without them, {median(beside):,.0f} beside "
        f"them; {ratio:.1%} (median of {ROUNDS} rounds, each {min(beside):,.0f} to "
        f"{max(beside):,.0f} beside them).\n"
        f"A list takes {1_000 * work['alone'] / ROUNDS / REQUESTS:.2f} ms of a core without them, "
        f"{1_000 * work['beside'] / ROUNDS / REQUESTS:.2f} ms beside them; on a busy machine this "
        f"says more.\n"
        f"Of one core, the process takes {idle_beside:.1%} beside them while nobody asks, and "
        f"{idle_alone:.1%} without them ({IDLE_SECONDS} s).\n"
        f"From a request to the news in the other tab: p50 {1_000 * p50:.0f} ms, p95 "
        f"{1_000 * p95:.0f} ms, p99 {1_000 * p99:.0f} ms ({len(seconds)} events, "
        f"{EVENTS_PER_SECOND} a second)."
    )


async def _measure_idling(worker: int) -> float:
    """Return the share of a core that the process takes while nobody asks."""
    before = _read_seconds_of_work(worker)
    await asyncio.sleep(IDLE_SECONDS)
    return (_read_seconds_of_work(worker) - before) / IDLE_SECONDS


def _read_seconds_of_work(pid: int) -> float:
    _, _, fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def _open_tabs(
    opened: AsyncExitStack, port: int, cookies: list[str]
) -> list[ClientConnection]:
    """Open two tabs of each visitor; return the second ones."""
    slots = asyncio.Semaphore(CONNECTIONS_AT_ONCE)

    async def open_tab(number: int, cookie: str) -> ClientConnection:
        # Each address may have some sockets only, and Linux has many addresses of its own.
        address = f"127.0.1.{1 + number // SOCKETS_OF_AN_ADDRESS}"
        async with slots:
            return await opened.enter_async_context(
                connect(
                    f"ws://127.0.0.1:{port}/ws/shop/",
                    origin=Origin(f"http://127.0.0.1:{port}"),
                    additional_headers={"Cookie": cookie},
                    local_addr=(address, 0),
                    ping_interval=None,
                    close_timeout=0,
                )
            )

    tabs = [open_tab(number, one) for number, one in enumerate([*cookies, *cookies])]
    return (await asyncio.gather(*tabs))[len(cookies) :]


async def _send_events(port: int, cookies: list[str], tabs: list[ClientConnection]) -> list[float]:
    """Send events of one visitor after the other; return the seconds until their tab heard."""

    async def send(number: int) -> float:
        await asyncio.sleep(number / EVENTS_PER_SECOND)
        place = number % len(cookies)
        begun = perf_counter()
        hearing = asyncio.create_task(_hear(tabs[place]))
        await asyncio.to_thread(_post_event, port, cookies[place], 1 + number)
        return await hearing - begun

    return list(await asyncio.gather(*map(send, range(min(EVENTS, len(cookies))))))


async def _hear(tab: ClientConnection) -> float:
    async with asyncio.timeout(HEAR_SECONDS):
        while "lists" not in str(await tab.recv()):
            pass
    return perf_counter()


def _post_event(port: int, cookie: str, product_id: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=HEAR_SECONDS)
    body = f'{{"product_id": {product_id}, "interaction_type": "view"}}'
    headers = {"Cookie": cookie, "Content-Type": "application/json"}
    connection.request("POST", "/api/interaction/", body, headers)
    status = connection.getresponse().status
    connection.close()
    if status != 201:
        raise SystemExit(f"An event was answered with {status}.")


if __name__ == "__main__":
    main()
