"""The number of queries of each list: the same for every length; without the session's two."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recommendations.api.facets import build_facets_key
from recommendations.choices import InteractionType
from recommendations.models import Product, UserProfile
from recommendations.services.experiments import definitions, random_slots
from recommendations.services.infra.layered_cache import delete_cached
from recommendations.services.people.subjects import Subject
from recommendations.services.search import curation, live_index
from recommendations.services.shop import category_counts, merchandising, orders
from recommendations.services.shop.carts import add_to_cart
from recommendations.services.shop.feedback import dismiss_product, like_product
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.api.matrix import generate_schema, get_operation
from recommendations.tests.api.routes import get_routes
from recommendations.tests.builders import (
    make_interactions,
    make_products,
    make_shopper,
    make_two_taste_shop,
    make_user,
    put_in_cart,
    sign_in,
)

pytestmark = pytest.mark.django_db

LENGTHS = (3, 12)
SESSION = 2
"""The session and its user."""

ROWS: dict[str, int] = {
    "/api/products/?page_size=100": 2,
    "/api/products/facets/": 6,
    "/api/categories/": 1,
    "/api/search/?q=lamp&count=100": 5,
    "/api/search/suggestions/?q=lamp": 3,
    "/api/recently-viewed/?count=100": 2,
    "/api/cart/": 1,
    "/api/likes/": 1,
    "/api/not-interested/": 1,
    "/api/orders/": 2,
    "/api/demo/shoppers/": 1,
    "/api/me/export/": 13,
    "/api/me/counts/": 4,
}
"""Addresses of lists that grow with the rows of a table, and their number of queries."""

LISTS: dict[str, int] = {
    "/api/products/{product}/": 4,
    "/api/recommendations/me/?count={count}": 2,
    "/api/search/?q=lamps&count={count}": 4,
    "/api/trending/?count={count}": 2,
    "/api/popular/?count={count}": 2,
    "/api/products/{product}/similar/?count={count}": 5,
    "/api/products/{product}/bought-together/?count={count}": 5,
    "/api/cart/recommendations/?count={count}": 5,
    "/api/page/?placement=home&count={count}": 5,
    "/api/page/?placement=search&count={count}": 2,
    "/api/page/?placement=cart&count={count}": 6,
    "/api/page/?placement=product&product_id={product}&count={count}": 7,
}
"""Addresses with lists of one product or of the engine, and their queries without a cached list.

One query reads the history, and one more each candidate source that the list needs. Where products
of a kind are looked up, one looks for changed products, at most twice a second.
"""


@pytest.fixture(autouse=True)
def _no_look_for_a_new_model_or_rule(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_model, "POLL_SECONDS", 3600.0)
    monkeypatch.setattr(curation, "POLL_SECONDS", 3600.0)
    curation.get_current()
    for room in (merchandising, definitions, random_slots):
        monkeypatch.setattr(room, "CACHE_SECONDS", 3600)


def test_the_query_counts_cover_every_route_that_returns_a_list() -> None:
    listing = {name for name in get_routes() if has_list(find_answer_schema(name))}
    # For servers only: test_catalogue_writing.py, test_insight.py and test_experiments.py count
    # their queries.
    listing -= {
        "catalogue",
        "figures",
        "list-figures",
        "day-figures",
        "readiness",
        "experiments",
        "assignments",
    }
    counted = [path.partition("?")[0] for path in (*ROWS, *LISTS)]

    patterns = {name: get_routes()[name].pattern for name in listing}
    filled = {path.format(product=1, count=1).removeprefix("/api/") for path in counted}

    matched = {name for name, pattern in patterns.items() if any(map(pattern.match, filled))}
    assert len(listing) > 15
    assert matched == listing


@pytest.mark.parametrize("path", ROWS)
def test_twelve_rows_take_as_many_queries_as_three(path: str) -> None:
    shopper = make_user()
    client = sign_in(shopper)
    client.get("/api/recommendations/me/")  # asks which model is live

    counts = []
    for _ in add_rows(Subject(user_id=shopper.pk), *LENGTHS):
        delete_cached([category_counts.KEY, build_facets_key(None)])
        live_index.get_current()
        counts.append(count_queries(lambda: client.get(path)) - SESSION)

    assert counts == [ROWS[path]] * len(LENGTHS)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_of_twelve_takes_as_many_queries_as_one_of_three(path: str) -> None:
    client, lamp = make_trained_shop()

    counts = [
        count_queries(partial(client.get, path.format(count=count, product=lamp.pk))) - SESSION
        for count in LENGTHS
    ]

    assert max(counts) <= LISTS[path]


def test_a_cached_list_takes_one_query() -> None:
    client, _ = make_trained_shop()
    client.get("/api/recommendations/me/?count=12")

    again = count_queries(lambda: client.get("/api/recommendations/me/?count=12")) - SESSION

    assert again == 1


def test_a_list_takes_three_queries_where_the_model_cannot_fill_it_alone() -> None:
    shop = make_two_taste_shop(categories=("Lamps", "Tents", "Books"))
    train()
    # Too new for the model, and of the category that has its share already.
    make_interactions(make_shopper(), make_products(3, category="Lamps"))
    shopper, twin = make_user(), make_user("twin")
    for one in (shopper, twin):
        make_interactions(Subject(user_id=one.pk), shop["Lamps"][:6])
    # What is in demand is asked once for everybody.
    sign_in(twin).get("/api/recommendations/me/?count=12")
    client = sign_in(shopper)

    counted = count_queries(lambda: client.get("/api/recommendations/me/?count=12")) - SESSION

    assert counted == 3


def find_answer_schema(name: str) -> Any:
    """Return the schema of the JSON that GET answers with."""
    content = get_operation(name, "get")["responses"].get("200", {}).get("content", {})
    return content.get("application/json", {}).get("schema", {})


def has_list(schema: Any) -> bool:
    """Return whether an answer of this schema has a list of unbounded length in it."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return has_list(generate_schema()["components"]["schemas"][name])
        return schema.get("type") == "array" or any(map(has_list, schema.values()))
    return isinstance(schema, list) and any(map(has_list, schema))


def count_queries(ask: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as asked:
        response = ask()
    assert response.status_code == 200
    return len(asked)


def add_rows(subject: Subject, *sizes: int) -> Iterator[None]:
    """Add rows to every table of a subject, and yield at each of these sizes."""
    in_cart: list[Product] = []
    for number in range(max(sizes)):
        brand = {"category": f"Lamps {number}", "brand": f"Brand {number}"}
        bought, kept, liked, hidden = make_products(4, **brand)
        add_to_cart(subject=subject, product_id=bought.pk)
        orders.place_order(subject=subject)
        make_interactions(subject, [bought, liked])
        like_product(subject=subject, product_id=liked.pk)
        dismiss_product(subject=subject, product_id=hidden.pk)
        in_cart.append(kept)
        UserProfile.objects.create(user=make_user(f"demo-{number}"), demo_label="Loves lamps")
        if number + 1 in sizes:
            for product in in_cart:
                add_to_cart(subject=subject, product_id=product.pk)
            yield


def make_trained_shop() -> tuple[Client, Product]:
    """Return a shopper with a history and a cart in a shop with a model, and a product."""
    shop = make_two_taste_shop(categories=("Lamps", "Tents", "Books"))
    lamps = shop["Lamps"]
    for _ in range(5):
        make_interactions(make_shopper(), lamps[:3], interaction_type=InteractionType.PURCHASE)
    train()
    shopper, twin = make_user(), make_user("twin")
    for one in (shopper, twin):
        subject = Subject(user_id=one.pk)
        make_interactions(subject, [*lamps[3:6], *shop["Tents"][3:6], *shop["Books"][3:6]])
        put_in_cart(subject, lamps[1])
        dismiss_product(subject=subject, product_id=lamps[12].pk)
    # The twin's requests fill the caches that all shoppers share.
    for path, count in product([*LISTS, "/api/popular/"], LENGTHS):
        sign_in(twin).get(path.format(count=count, product=lamps[0].pk))
    return sign_in(shopper), lamps[0]
