from collections.abc import Iterator
from pathlib import Path

import pytest

from recommendations.services.training.train import train
from recommendations.tests.builders import make_two_taste_shop
from recommendations.tests.load.running_shop import PER_SECOND, PERSONAL, Shop, make_readable
from recommendations.tests.load.servers import PrivateRedis, web_process
from recommendations.tests.load.traffic import Browser, Load


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[PrivateRedis]:
    """Return a Redis server for this test alone."""
    server = PrivateRedis(tmp_path)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def shop(transactional_db: None, tmp_path: Path, redis: PrivateRedis) -> Iterator[Shop]:
    """Return a trained shop with browsers that have a history."""
    products = make_two_taste_shop(categories=("Lamps", "Tents", "Books"))
    train()
    try:
        with (
            web_process(tmp_path, redis_url=redis.url) as one,
            web_process(tmp_path, redis_url=redis.url) as other,
        ):
            browsers = [Browser() for _ in range(10)]
            for number, browser in enumerate(browsers):
                for product in products[("Tents", "Books")[number % 2]][:3]:
                    seen = {"product_id": product.pk, "interaction_type": "view"}
                    assert browser.ask(one, "/api/interaction/", seen)[0] == 201
            paths = [
                PERSONAL,
                "/api/trending/",
                f"/api/products/{products['Lamps'][0].pk}/similar/",
            ]
            load = Load([one, other], browsers, paths, per_second=PER_SECOND)
            load.run(2)
            yield Shop(redis, load)
    finally:
        make_readable()
