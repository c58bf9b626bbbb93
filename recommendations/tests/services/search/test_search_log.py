from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.models import LoggedSearch, Product, QueryDay, SearchRedirect, UserBehavior
from recommendations.services.people.subjects import Subject
from recommendations.services.search import search_log
from recommendations.services.search.curation import note_change
from recommendations.services.search.query_figures import Listing, count_queries, list_queries
from recommendations.services.shop.interactions import record_interaction
from recommendations.tests.builders import (
    make_product,
    make_shopper,
    make_user,
    make_visitor,
    sign_in,
)

pytestmark = pytest.mark.django_db


def search(q: str, **query: Any) -> str:
    """Search as a stranger; return the id of the search."""
    list_id: str = Client().get("/api/search/", {"q": q, **query}).json()["list_id"]
    return list_id


def list_logged() -> list[str]:
    search_log.flush()
    return sorted(LoggedSearch.objects.values_list("query", flat=True))


def click(list_id: str, product: Product, subject: Subject, **columns: Any) -> None:
    record_interaction(
        subject=subject,
        product_id=product.pk,
        interaction_type=InteractionType.VIEW,
        list_id=list_id,  # type: ignore[arg-type]
        **columns,
    )


def buy(product: Product, subject: Subject) -> None:
    record_interaction(
        subject=subject, product_id=product.pk, interaction_type=InteractionType.PURCHASE
    )


def count(query: str, *names: str) -> tuple[int, ...]:
    """Count the queries anew; return figures of one of them today."""
    search_log.flush()
    count_queries()
    day = QueryDay.objects.get(query=query)
    return tuple(getattr(day, name) for name in names)


def test_a_search_is_logged_folded_and_without_anybody() -> None:
    make_product(name="Lamp")

    list_id = search("  Müller LAMPS ")

    search_log.flush()
    logged = LoggedSearch.objects.get()
    assert str(logged.pk) == list_id
    assert (logged.query, logged.found, logged.is_first) == ("muller lamps", 1, True)
    assert (logged.is_corrected, logged.answered_by) == (False, "words")
    at = logged.searched_at
    assert (at.minute, at.second, at.microsecond) == (0, 0, 0)
    columns = {field.name for field in LoggedSearch._meta.get_fields()}
    assert not columns & {"user", "session_id", "address"}


@pytest.mark.parametrize(
    "text",
    ["anna@example.com", "call 030 123 4567", "+49 (30) 123-4567", "4111 1111 1111 1111"],
)
def test_a_query_that_may_be_personal_is_not_logged(text: str) -> None:
    list_id = search(text)

    assert len(list_id) == 36
    assert list_logged() == []


@pytest.mark.parametrize("text", ["iphone 15", "10x12 rug", "size 42 black 128 gb", "?!"])
def test_a_query_with_short_numbers_is_logged_if_it_has_words(text: str) -> None:
    search(text)

    assert list_logged() == [search_log.fold_query(text)] * (text != "?!")


def test_a_search_waits_for_no_write_and_survives_a_failing_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_: Any) -> None:
        raise OperationalError("The database went away.")

    with monkeypatch.context() as broken:
        broken.setattr(LoggedSearch.objects, "bulk_create", fail)
        search("lamp")
        with pytest.raises(OperationalError):
            search_log.flush()

    assert search_log.count_pending() == {"searches": 1}
    assert list_logged() == ["lamp"]


def test_the_suggestions_while_typing_are_not_logged() -> None:
    Client().get("/api/search/suggestions/?q=lam")

    assert list_logged() == []


def test_old_searches_are_pruned() -> None:
    long_ago = timezone.now() - timedelta(days=91)
    search("new")
    search("old")
    search_log.flush()
    count_queries()
    LoggedSearch.objects.filter(query="old").update(searched_at=long_ago)
    QueryDay.objects.filter(query="old").update(day=long_ago.date())

    pruned = search_log.prune()

    assert pruned == 1
    assert list_logged() == ["new"]
    assert QueryDay.objects.get().query == "new"


def test_a_query_is_counted_with_what_it_found() -> None:
    make_product(name="Kettle")
    for text in ("kettle", "KETTLE", "kettel"):
        search(text)
    search("sundial")

    counts = {
        query: count(query, "searches", "without_result", "corrected")
        for query in ("kettle", "kettel", "sundial")
    }

    assert counts == {"kettle": (2, 0, 0), "kettel": (1, 0, 1), "sundial": (1, 1, 0)}


def test_further_pages_and_narrowed_results_are_the_same_search() -> None:
    lamp, *_ = [make_product(name="Lamp") for _ in range(3)]
    search("lamp", count=2)
    second = search("lamp", count=2, page=2)
    search("lamp", in_stock="true")
    search("lamp", ordering="price")

    click(second, lamp, make_visitor())

    assert count("lamp", "searches", "with_click", "clicks") == (1, 1, 1)


def test_a_redirected_query_is_neither_without_result_nor_without_click() -> None:
    SearchRedirect.objects.create(query="returns", path="/account")
    note_change()

    search("returns")

    assert count("returns", "searches", "without_result", "redirected") == (1, 0, 1)
    for listing in (Listing.WITHOUT_RESULT, Listing.WITHOUT_CLICK):
        assert list_queries(listing=listing, days=1) == []


def test_one_subject_counts_once_for_a_product_and_a_query() -> None:
    lamp, desk = make_product(name="Lamp"), make_product(name="Desk lamp")
    eager, other = make_visitor(), make_shopper()
    for _ in range(3):
        list_id = search("lamp")
        click(list_id, lamp, eager)
        click(list_id, lamp, eager)
    click(list_id, desk, eager)
    click(list_id, lamp, other)

    counts = count("lamp", "searches", "with_click", "clicks")

    assert counts == (3, 3, 3)


def test_what_a_subject_buys_after_its_click_counts() -> None:
    lamp, desk = make_product(name="Lamp"), make_product(name="Desk lamp")
    buyer, looker = make_shopper(), make_visitor()
    list_id = search("lamp")
    click(list_id, lamp, buyer)
    click(list_id, lamp, looker)

    buy(lamp, buyer)
    buy(desk, buyer)

    assert count("lamp", "clicks", "purchases") == (2, 1)


def test_interactions_with_other_ids_count_for_no_query() -> None:
    lamp = make_product(name="Lamp")
    search("lamp")

    click("6f1c6f0e-4f6e-4e0e-9b53-0f2f4a3c7d11", lamp, make_visitor())

    assert count("lamp", "with_click", "clicks") == (0, 0)


def test_counting_again_follows_late_clicks_and_erasure() -> None:
    lamp = make_product(name="Lamp")
    list_id = search("lamp")
    before = count("lamp", "clicks")
    click(list_id, lamp, make_visitor())
    after = count("lamp", "clicks")

    UserBehavior.objects.all().delete()

    assert (before, after, count("lamp", "clicks")) == ((0,), (1,), (0,))
    assert LoggedSearch.objects.count() == 1


def test_days_that_the_worker_missed_are_counted() -> None:
    search("lamp")
    search_log.flush()
    LoggedSearch.objects.update(searched_at=datetime(2026, 1, 5, 12, tzinfo=UTC))

    count_queries()

    assert [f"{row.day}" for row in QueryDay.objects.all()] == ["2026-01-05"]


def test_an_interaction_through_the_api_carries_the_search() -> None:
    lamp = make_product(name="Lamp")
    list_id = search("lamp")
    client = sign_in(make_user())

    event = {"product_id": lamp.pk, "interaction_type": "view", "list_id": list_id, "position": 0}
    client.post("/api/interaction/", event, content_type="application/json")

    assert count("lamp", "with_click") == (1,)
