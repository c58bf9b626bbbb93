"""Lists, searches and events at once, on two web processes: the short form of `make load`."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.shop_traffic import (
    Answered,
    Kind,
    Ledger,
    count_statuses,
    plan_batches,
    plan_traffic,
    send,
)
from recommendations.choices import TokenScope
from recommendations.models import UserBehavior
from recommendations.services.people.tokens import issue_token
from recommendations.services.training.train import train
from recommendations.tests.builders import make_shopper, make_two_taste_shop
from recommendations.tests.load.servers import web_server
from recommendations.tests.load.traffic import Browser

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_mixed_load_is_answered_and_every_accepted_event_is_stored_once(tmp_path: Path) -> None:
    shop = make_two_taste_shop(categories=("Lamps", "Tents", "Books"))
    train()
    ids = [product.pk for products in shop.values() for product in products]
    shoppers = [make_shopper().user_id or 0 for _ in range(3)]
    _, token = issue_token(name="shop", scopes=[TokenScope.INTERACTIONS_WRITE])

    with web_server(tmp_path, unlimited=True, workers=2) as server:
        browsers = [Browser() for _ in range(5)]
        for browser in browsers:
            browser.ask(server.port, "/api/recommendations/me/?count=1")
        cookies = [f"visitor={browser.cookies['visitor']}" for browser in browsers]
        traffic = plan_traffic(120, cookies=cookies, product_ids=ids, texts=["lamp", "tent"])
        batches = plan_batches(3, size=20, token=token, user_ids=shoppers, product_ids=ids)
        answers = send([*traffic, *batches], port=server.port, connections=4)

    stored = Counter(UserBehavior.objects.exclude(event_id=None).values_list("event_id", flat=True))
    events = sum(one.kind is Kind.EVENT for one in traffic)
    assert count_statuses(answers) == {200: 120 - events + 3, 201: events}
    assert sum(stored.values()) == events + 60
    assert Ledger.compare(answers, {str(key): times for key, times in stored.items()}).is_clean


def test_the_ledger_names_what_was_lost_and_what_was_stored_twice() -> None:
    answers = [Answered(Kind.EVENT, 201, 0.1, ("a",)), Answered(Kind.EVENT, 201, 0.1, ("b", "c"))]

    ledger = Ledger.compare(answers, {"b": 1, "c": 2, "d": 1})

    assert (ledger.lost, ledger.repeated, ledger.is_clean) == (["a"], ["c"], False)
