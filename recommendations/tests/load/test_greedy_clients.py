"""Clients of one address that ask for far too much, while shoppers of another look at products."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from recommendations.tests.builders import make_products
from recommendations.tests.load.running_shop import require_no_shopper_noticed
from recommendations.tests.load.servers import web_process
from recommendations.tests.load.slow_clients import ask_and_read_nothing, hold
from recommendations.tests.load.traffic import Browser, Load, worst_percent

LONG_LIST = "/api/products/?page_size=100"
SEARCH = "/api/search/?q=a%20e%20i%20o%20u%20r%20n%20t&count=100"
SECONDS = 8


def read_nothing_of_eight_lists(port: int, ended: threading.Event) -> None:
    with hold(50, partial(ask_and_read_nothing, port, LONG_LIST, times=8)):
        ended.wait(1.5)


def vanish_after_asking(port: int, ended: threading.Event) -> None:
    with hold(400, partial(ask_and_read_nothing, port, SEARCH)):
        pass
    ended.wait(1.0)


@pytest.mark.load
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attack", [read_nothing_of_eight_lists, vanish_after_asking])
def test_an_address_that_asks_for_far_too_much_delays_others_by_300_ms_at_most(
    tmp_path: Path, attack: Callable[[int, threading.Event], None]
) -> None:
    make_products(500, category="Lamps")
    ended = threading.Event()
    with web_process(tmp_path, unlimited=True) as port:

        def keep_attacking() -> None:
            while not ended.is_set():
                attack(port, ended)

        browsers = [Browser(address="127.0.0.2") for _ in range(10)]
        load = Load([port], browsers, ["/api/products/", "/api/trending/"], per_second=20)
        load.run(2)
        undisturbed = load.run(4)
        attacker = threading.Thread(target=keep_attacking)
        attacker.start()
        try:
            answers = load.run(SECONDS)
        finally:
            ended.set()
            attacker.join()

    before, during = worst_percent(undisturbed), worst_percent(answers, after_seconds=1.0)
    times = f"{before:.3f} s undisturbed, {during:.3f} s beside {attack.__name__}"
    print(f"\n99 of 100 answers: {times}")  # noqa: T201
    require_no_shopper_noticed(answers)
    assert during < 0.3
