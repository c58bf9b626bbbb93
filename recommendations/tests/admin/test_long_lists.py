"""Lists of tables with millions of rows: their pages and their searches."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from recommendations.admin.long_lists import LongListPaginator
from recommendations.models import Dismissal, Like, ServedList, UserBehavior
from recommendations.services.people.subjects import Subject
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_user,
    make_visitor,
    sign_in,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/recommendations/userbehavior/"


@pytest.fixture
def root() -> Client:
    return sign_in(User.objects.create_superuser("root"))


def list_shown(root: Client, query: dict[str, str]) -> list[int]:
    """Return the ids of the interactions that the list shows."""
    answer = root.get(LIST, query)
    assert answer.status_code == 200
    return [row.pk for row in answer.context["cl"].result_list]


def test_pages_follow_each_other_from_the_newest_interaction(root: Client) -> None:
    visitor, product, now = make_visitor(), make_product(), timezone.now()
    rows = [
        make_interactions(visitor, [product], at=now - timedelta(minutes=number % 7))[0]
        for number in range(250)
    ]
    newest_first = sorted(rows, key=lambda row: (row.timestamp, row.pk), reverse=True)

    shown = [list_shown(root, {"p": str(number)}) for number in (1, 2, 3)]

    assert [len(page) for page in shown] == [100, 100, 50]
    assert [*shown[0], *shown[1], *shown[2]] == [row.pk for row in newest_first]


def test_a_page_joins_only_its_own_rows(root: Client) -> None:
    make_interactions(make_visitor(), [make_product() for _ in range(3)])
    list_shown(root, {})

    with CaptureQueriesContext(connection) as queries:
        list_shown(root, {})

    pages = [one["sql"] for one in queries if '"user_behavior"' in one["sql"]]
    assert ["OFFSET" in sql or "LIMIT" in sql for sql in pages] == [True, False]
    assert ["JOIN" in sql for sql in pages] == [False, True]
    assert "COUNT" not in "".join(pages)


@pytest.mark.parametrize("text", ["ada", "a-visitor", "reading lamp"])
def test_a_search_finds_by_shopper_by_visitor_and_by_product(root: Client, text: str) -> None:
    ada, visitor = Subject(user_id=make_user("ada").pk), Subject(session_id="a-visitor")
    lamp, tent = make_product(name="A Reading Lamp"), make_product(name="Tent")
    by_ada = make_interactions(ada, [tent])
    by_visitor = make_interactions(visitor, [tent])
    of_lamp = make_interactions(make_visitor(), [lamp])
    expected = {"ada": by_ada, "a-visitor": by_visitor, "reading lamp": of_lamp}

    assert list_shown(root, {"q": text}) == [row.pk for row in expected[text]]


def test_a_search_that_finds_nothing_says_so(root: Client) -> None:
    make_interactions(make_visitor(), [make_product()])

    assert list_shown(root, {"q": "no such thing"}) == []
    assert UserBehavior.objects.count() == 1


def test_a_served_list_is_found_by_its_id_and_by_its_visitor(root: Client) -> None:
    lists = [
        ServedList.objects.create(session_id=name, placement="home", source="popular")
        for name in ("a-visitor", "another")
    ]
    address = "/admin/recommendations/servedlist/"

    found = [
        [row.pk for row in root.get(address, {"q": text}).context["cl"].result_list]
        for text in (str(lists[0].pk), "another", "nobody")
    ]

    assert found == [[lists[0].pk], [lists[1].pk], []]


LONG = [UserBehavior, ServedList, Like, Dismissal]
"""Tables with a row for each thing that shoppers do."""


@pytest.mark.parametrize("table", LONG)
def test_a_long_list_is_not_counted_and_its_order_has_an_index(table: type[Model]) -> None:
    page = admin.site._registry[table]
    order = [str(column) for column in page.ordering or table._meta.ordering or ()]

    assert page.paginator is LongListPaginator
    assert not page.show_full_result_count
    assert [column.removeprefix("-") for column in order] in [
        list(index.fields) for index in table._meta.indexes
    ]


@pytest.mark.parametrize("table", [Like, Dismissal])
@pytest.mark.parametrize("text", ["ada", "a-visitor", "reading lamp", "nobody"])
def test_a_search_finds_feedback_by_shopper_by_visitor_and_by_product(
    root: Client, table: type[Like | Dismissal], text: str
) -> None:
    ada, lamp, tent = make_user("ada"), make_product(name="A Reading Lamp"), make_product()
    expected = {
        "ada": [table.objects.create(user=ada, product=tent)],
        "a-visitor": [table.objects.create(session_id="a-visitor", product=tent)],
        "reading lamp": [table.objects.create(session_id="another", product=lamp)],
        "nobody": [],
    }

    answer = root.get(f"/admin/recommendations/{table._meta.model_name}/", {"q": text})

    assert list(answer.context["cl"].result_list) == expected[text]
