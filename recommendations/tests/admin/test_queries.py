from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from recommendations.models import QueryDay
from recommendations.services.search.query_figures import COUNTS, ROWS_SHOWN
from recommendations.tests.admin.forms import read_form
from recommendations.tests.builders import sign_in

pytestmark = pytest.mark.django_db

PAGE = "/admin/recommendations/searchsynonym/queries/"


@pytest.fixture
def staff() -> Client:
    return sign_in(User.objects.create_superuser("root"))


def add_day(query: str, days_ago: int = 0, **counts: int) -> None:
    day = timezone.localdate() - timedelta(days=days_ago)
    QueryDay.objects.create(day=day, query=query, **(dict.fromkeys(COUNTS, 0) | counts))


def list_rows(client: Client, **query: Any) -> list[tuple[str, int]]:
    rows = client.get(PAGE, query).context["rows"]
    return [(row["query"], row["searches"]) for row in rows]


def test_a_window_adds_up_its_days(staff: Client) -> None:
    add_day("lamp", searches=1)
    add_day("lamp", days_ago=6, searches=10)
    add_day("lamp", days_ago=29, searches=100)
    add_day("lamp", days_ago=30, searches=1000)

    windows = {days: list_rows(staff, days=days) for days in (1, 7, 30)}

    assert windows == {1: [("lamp", 1)], 7: [("lamp", 11)], 30: [("lamp", 111)]}


def test_each_list_shows_its_queries(staff: Client) -> None:
    add_day("found", searches=5, with_click=2)
    add_day("sometimes", searches=4, without_result=1, with_click=1)
    add_day("missing", searches=3, without_result=3)
    add_day("ignored", searches=2)
    add_day("led", searches=6, redirected=6)

    names = {
        listing: [query for query, _ in list_rows(staff, listing=listing)]
        for listing in ("top", "without-result", "without-click")
    }

    assert names == {
        "top": ["led", "found", "sometimes", "missing", "ignored"],
        "without-result": ["missing", "sometimes"],
        "without-click": ["ignored"],
    }


def test_each_row_leads_to_forms_with_the_query(staff: Client) -> None:
    add_day("sofa & co", searches=1)

    [row] = staff.get(PAGE).context["rows"]
    buttons = dict(row["buttons"])
    forms = {label: read_form(staff.get(address)) for label, address in buttons.items()}

    assert forms["Synonym"]["phrase"] == ["sofa & co"]
    assert forms["Redirect"]["query"] == ["sofa & co"]
    assert forms["Pins"]["query"] == ["sofa & co"]
    assert forms["Ignore"]["word"] == ["sofa & co"]


def test_many_queries_take_as_many_database_queries_as_one(
    staff: Client, django_assert_num_queries: Any
) -> None:
    for number in range(ROWS_SHOWN + 5):
        add_day(f"query {number}", searches=1)

    with django_assert_num_queries(3):  # the session, its user and the counts
        rows = list_rows(staff)

    assert len(rows) == ROWS_SHOWN


@pytest.mark.parametrize("query", ["days=9", "days=x&listing=y", "listing="])
def test_odd_windows_and_lists_are_the_first(staff: Client, query: str) -> None:
    page = staff.get(f"{PAGE}?{query}")

    assert (page.status_code, page.context["days"]) == (200, 1)
    assert "No query of this kind" in page.content.decode()


def test_queries_need_their_permission_and_buttons_that_of_the_rule() -> None:
    user = User.objects.create_user("viewer", is_staff=True)
    viewer = sign_in(user)
    add_day("lamp", searches=1)
    refused = viewer.get(PAGE).status_code
    codes = ["view_queryday", "add_searchsynonym", "view_searchsynonym"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codes))

    page = viewer.get(PAGE)

    [row] = page.context["rows"]
    assert (refused, page.status_code) == (403, 200)
    assert [label for label, _ in row["buttons"]] == ["Synonym"]
    listed = viewer.get(reverse("admin:recommendations_searchsynonym_changelist"))
    assert PAGE in listed.content.decode()


def test_the_page_says_how_often_a_query_was_redirected(staff: Client) -> None:
    add_day("returns", searches=7, redirected=7)

    page = staff.get(PAGE).content.decode()

    assert '<th scope="col">Redirected</th>' in page
    assert "<td>7</td><td>0</td><td>0</td><td>7</td>" in page
