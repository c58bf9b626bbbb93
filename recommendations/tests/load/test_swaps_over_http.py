"""Versions are promoted and rolled back under two hundred requests a second to two processes.

Each version was trained while only its own products were for sale, so no other version can name
one of them: a list that mixes two versions, or that tells another's name, shows by itself.
"""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse

from recommendations.api.visitor import VISITOR_COOKIE
from recommendations.choices import ModelState, TokenScope
from recommendations.models import ModelVersion, Product
from recommendations.services.people.subjects import Subject
from recommendations.services.people.tokens import issue_token
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    make_interactions,
    make_products,
    make_shopper,
    make_visitor,
)
from recommendations.tests.load.servers import PrivateRedis, manage, metric, wait_until, web_process
from recommendations.tests.load.traffic import Browser, Readers

pytestmark = pytest.mark.load

VERSIONS = 4
PER_SECOND = 200
READERS = 16
COUNT = 6
PATH = f"/api/recommendations/me/?count={COUNT}"
REGULARS, PASSERS_BY = 20, 500
"""Visitors who ask again within seconds, mostly for a cached list, and visitors who do not."""
ENOUGH = 200
"""How many answers each version gives before the next goes live, and how many of all are kept
lists, and made ones: a second's worth."""


@dataclass(frozen=True)
class Shown:
    """One answer: its visitor, its process and its list."""

    browser: int
    port: int
    status: int
    version: str | None
    products: tuple[int, ...]


@pytest.fixture
def subjects(transactional_db: None) -> list[Subject]:
    """Return visitors of a shop who have seen some products of every version."""
    for _ in range(VERSIONS):
        for category in ("Lamps", "Tents"):
            make_products(8, category=category)
    products = list(Product.objects.order_by("id"))
    for number in range(40):
        make_interactions(make_shopper(), products[number % 3 :: 3])
    visitors = [make_visitor() for _ in range(REGULARS + PASSERS_BY)]
    for number, visitor in enumerate(visitors):
        make_interactions(visitor, products[number % 5 :: 5])
    return visitors


@pytest.fixture
def named_by(subjects: list[Subject], settings: Any) -> dict[str, set[int]]:
    """Return the versions, oldest and live first, with the products that only it recommends."""
    settings.RECOMMENDATIONS = settings.RECOMMENDATIONS | {"keep_model_versions": VERSIONS}
    ids = list(Product.objects.order_by("id").values_list("id", flat=True))
    size = len(ids) // VERSIONS
    named = {}
    for start in range(0, len(ids), size):
        own = ids[start : start + size]
        Product.objects.update(is_active=False)
        Product.objects.filter(id__in=own).update(is_active=True)
        named[train().name] = set(own)
    Product.objects.update(is_active=True)
    manage("promote_model", next(iter(named)))
    return named


def test_no_list_mixes_two_versions_while_three_go_live_and_one_is_rolled_back(
    subjects: list[Subject], named_by: dict[str, set[int]], redis: PrivateRedis, tmp_path: Path
) -> None:
    names = list(named_by)
    browsers = [browser_of(subject) for subject in subjects]
    token = issue_token(name="load", scopes=[TokenScope.METRICS_READ])[1]

    with (
        web_process(tmp_path, redis_url=redis.url, unlimited=True) as one,
        web_process(tmp_path, redis_url=redis.url, unlimited=True) as other,
    ):
        ports = (one, other)

        def read(turn: int) -> Shown:
            half, is_passing_by = divmod(turn, 2)
            browser = REGULARS + half % PASSERS_BY if is_passing_by else half % REGULARS
            return ask(browsers[browser], browser, ports[half // REGULARS % 2])

        def count_made() -> float:
            # The processes share their counts, and earlier ones left theirs.
            return sum(metric(one, token, "shop_lists_made_total"))

        made = -count_made()
        began = time.monotonic()
        with Readers(read, threads=READERS, per_second=PER_SECOND) as readers:
            wait_for_both(readers, ports, names[0])
            for name in names[1:]:
                manage("promote_model", name)
                wait_for_both(readers, ports, name)
            manage("rollback_model")
            wait_for_both(readers, ports, names[2])
        seconds = time.monotonic() - began
        last = {ask(browsers[number], number, port) for port in ports for number in range(REGULARS)}
        made += count_made()

    shown = readers.made
    print(  # noqa: T201
        f"\n{len(shown) / seconds:.0f} answers a second for {seconds:.0f} seconds,"
        f" {len(shown) - made:.0f} of {len(shown)} from the cache"
    )
    assert readers.failures == []
    assert [one for one in shown if (one.status, len(one.products)) != (200, COUNT)] == []
    assert [one for one in shown if not set(one.products) <= named_by[str(one.version)]] == []
    assert set(different_lists(shown).values()) == {1}
    assert all(Counter(one.version for one in shown)[name] >= ENOUGH for name in names)
    assert {one.version for one in last} == {names[2]}
    assert ModelVersion.objects.get(name=names[3]).state == ModelState.REJECTED.value
    assert min(made, len(shown) - made) >= ENOUGH


def ask(browser: Browser, number: int, port: int) -> Shown:
    status, answer = browser.ask(port, PATH)
    products = tuple(entry["product_id"] for entry in answer.get("recommendations", ()))
    return Shown(number, port, status, answer.get("model_version"), products)


def browser_of(subject: Subject) -> Browser:
    response = HttpResponse()
    response.set_signed_cookie(VISITOR_COOKIE, str(subject.session_id), salt=VISITOR_COOKIE)
    return Browser({VISITOR_COOKIE: response.cookies[VISITOR_COOKIE].value})


def wait_for_both(readers: Readers[Shown], ports: tuple[int, int], version: str) -> None:
    """Return when both processes have answered with a version, together often enough."""
    before = len(readers.made)

    def has_answered_enough() -> bool:
        new = Counter(one.port for one in readers.made[before:] if one.version == version)
        return bool(readers.failures) or (
            all(new[port] for port in ports) and new.total() >= ENOUGH
        )

    wait_until(has_answered_enough, lambda: f"{version} does not answer.")


def different_lists(shown: list[Shown]) -> dict[tuple[int, str | None], int]:
    """Return how many different lists each browser got under each version."""
    lists = defaultdict(set)
    for one in shown:
        lists[one.browser, one.version].add(one.products)
    return {key: len(found) for key, found in lists.items()}
