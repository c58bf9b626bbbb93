"""Clients that ask for costly work without end, while shoppers look at products."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from recommendations.tests.builders import make_products
from recommendations.tests.load.servers import web_server
from recommendations.tests.load.traffic import Answer, Browser, Load

CLIENTS = 12
SECONDS = 10
PAUSE_SECONDS = 0.1
SLOWER_BY_SECONDS = 0.5
PASSWORDS_A_MINUTE = 30
PRODUCTS = "/api/products/?page_size=24"
CSRF = {"Cookie": f"csrftoken={'a' * 32}", "X-CSRFToken": "a" * 32}

Ask = Callable[[int, str, int], int]


def send(port: int, method: str, path: str, headers: dict[str, str], body: object = None) -> int:
    """Return the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def guess(port: int, address: str, number: int) -> int:
    body = {"username": f"invented-{address}-{number}", "password": "guess"}
    headers = {**CSRF, "X-Forwarded-For": address}
    return send(port, "POST", "/api/auth/login/", headers, body)


def search(port: int, address: str, number: int) -> int:
    words = "a%20e%20i%20o%20u%20r%20n%20t"
    path = f"/api/search/?q={words}{number}&count=100"
    return send(port, "GET", path, {"X-Forwarded-For": address})


def attack(port: int, ask: Ask, *, spread: bool, load: Load) -> tuple[list[Answer], Counter[int]]:
    """Return the answers to shoppers, and how often the attackers got each status."""
    statuses: Counter[int] = Counter()
    ended = threading.Event()

    def keep_asking(client: int) -> None:
        number = 0
        while not ended.is_set():
            address = f"10.{client}.{number // 250}.{number % 250}" if spread else "10.0.0.1"
            statuses[ask(port, address, number)] += 1
            number += 1
            # The attackers share this process with the shoppers, whom they must not slow down here.
            ended.wait(PAUSE_SECONDS)

    threads = [threading.Thread(target=keep_asking, args=(client,)) for client in range(CLIENTS)]
    try:
        for thread in threads:
            thread.start()
        return load.run(SECONDS), statuses
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def find_95th_percentile(answers: list[Answer]) -> float:
    times = sorted(answer.seconds for answer in answers)
    return times[int(0.95 * len(times))]


@pytest.mark.load
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "ask", "spread"),
    [
        ("guessing from one address", guess, False),
        ("guessing from an address for each try", guess, True),
        ("searching from one address", search, False),
    ],
)
def test_product_lists_stay_fast_while_clients_ask_for_costly_work(
    tmp_path: Path, name: str, ask: Ask, *, spread: bool
) -> None:
    make_products(200, description="tea and other things in a round tin " * 20)
    variables = {"NUM_PROXIES": "1"}

    with web_server(tmp_path, variables=variables) as server:
        load = Load([server.port], [Browser() for _ in range(5)], [PRODUCTS], per_second=20)
        load.run(2)
        quiet = load.run(5)
        answers, statuses = attack(server.port, ask, spread=spread, load=load)
        elsewhere = guess(server.port, "192.0.2.1", 0)

    before, during = find_95th_percentile(quiet), find_95th_percentile(answers)
    print(f"\n{name}: p95 {before:.3f} s, then {during:.3f} s; {dict(statuses)}")  # noqa: T201
    assert [answer for answer in answers if answer.status != 200] == []
    assert during <= before + SLOWER_BY_SECONDS
    assert set(statuses) <= ({401, 429, 503} if ask is guess else {200, 429, 503})
    assert elsewhere == 401
    if ask is guess:
        # The attack may lie in two minutes.
        assert spread or statuses[401] <= 2 * PASSWORDS_A_MINUTE
        assert statuses[503] + statuses[429] > 0
