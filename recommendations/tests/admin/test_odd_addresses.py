"""No query string makes a page of the admin fail."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from recommendations.models import Product
from recommendations.tests.admin.rows import make_a_row_of_everything
from recommendations.tests.builders import sign_in

# Not in one transaction: after an error, PostgreSQL would refuse all further queries.
pytestmark = pytest.mark.django_db(transaction=True)

ODD_VALUES = [
    "", "99999", "0", "-1", "9" * 30, "1e400", "nan", "three", "\0", "a\0b", "%", "'", "é" * 500,
    "2026-13-45", "[]", "{}", "None", "True", "1,2,x",
]  # fmt: skip
ODD_NAMES = [
    "p", "o", "q", "all", "e", "_popup", "_to_field", "_changelist_filters", "_facets", "page", "s",
    "id", "id__exact", "id__in", "id__gt", "pk", "pk__isnull", "nothing", "nothing__exact",
    "created_at__year", "created_at__month", "created_at__day", "created_at__gte",
    "timestamp__year", "user__id__exact", "user__password__startswith", "password__startswith",
    "is_active__exact", "state__exact", "name__regex", "a\0b", "__", "term", "app_label",
    "model_name", "field_name", "last_updated__isnull", "start_time__year",
]  # fmt: skip
ODD_INITIALS = ["99999-01-01", "three"]
ODD_DATES = [
    {"year": year, "month": month, "day": day}
    for year, month, day in [
        *[("99999", "1", "1"), ("2026", "13", "1"), ("2026", "2", "30"), ("x", "y", "z")],
        *[("0", "0", "0"), ("2026", "9" * 30, "1"), ("\0", "1", "1")],
    ]
]


@pytest.fixture
def staff() -> Client:
    client = sign_in(User.objects.create_superuser("root"))
    client.raise_request_exception = False
    return client


def pair(names: list[str]) -> list[str]:
    """Return a query string for each name; the values take turns."""
    return [
        urlencode({name: ODD_VALUES[7 * number % len(ODD_VALUES)]})
        for number, name in enumerate(names)
    ]


def list_queries(page: Any) -> list[str]:
    """Return odd query strings for a list: filters, dates, pages and orders."""
    fields = [field.name for field in page.opts.fields]
    lookups = [
        urlencode({f"{name}__exact": value}) for name in fields for value in ("9" * 30, "\0")
    ]
    dates = [
        urlencode({f"{page.date_hierarchy}__{part}": value for part, value in date.items()})
        for date in ODD_DATES
        if page.date_hierarchy
    ]
    several = ["p=1&p=2&p=x", "o=1.2.-3.99999", "_popup=x&_popup=y", "&&&", "=", "%00", "%ff"]
    return [*pair(ODD_NAMES), *pair([f"{name}__gt" for name in fields]), *lookups, *dates, *several]


@pytest.mark.parametrize("page", admin.site._registry.values(), ids=lambda page: page.opts.label)
def test_no_query_string_breaks_a_list(staff: Client, page: Any) -> None:
    make_a_row_of_everything(1)
    address = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")

    statuses = {query: staff.get(f"{address}?{query}").status_code for query in list_queries(page)}

    assert {query: status for query, status in statuses.items() if status >= 500} == {}


@pytest.mark.parametrize("page", admin.site._registry.values(), ids=lambda page: page.opts.label)
def test_no_query_string_breaks_the_form_of_a_new_row(staff: Client, page: Any) -> None:
    address = reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_add")
    columns = [*page.opts.fields, *page.opts.many_to_many]
    queries = [urlencode({column.name: value}) for column in columns for value in ODD_INITIALS]

    statuses = {query: staff.get(f"{address}?{query}").status_code for query in queries}

    assert {query: status for query, status in statuses.items() if status >= 500} == {}


def test_no_query_string_breaks_another_page(staff: Client) -> None:
    row = make_a_row_of_everything(1)[Product]
    product, tables = f"/admin/recommendations/product/{row.pk}", "/admin/recommendations"
    addresses = [
        *["/admin/", "/admin/search/", "/admin/autocomplete/", "/admin/jsi18n/", "/admin/login/"],
        *["/admin/password_change/", f"{tables}/", "/admin/auth/user/1/password/"],
        *[f"{product}/change/", f"{product}/history/", f"{product}/delete/"],
        *[f"{tables}/product/{each}/change/" for each in ("x", "9" * 30, "_0A", "_00", "add")],
        *[f"{tables}/traininglease/_00/change/", f"{tables}/servedlist/{'9' * 30}/history/"],
    ]
    rule = {"app_label": "recommendations", "model_name": "merchandisingrule"}
    queries = [
        *pair(ODD_NAMES),
        *(urlencode({"s": "o", "page": value}) for value in ODD_VALUES),
        *(urlencode({"s": value, "extended": "1"}) for value in ODD_VALUES),
        *(urlencode({**rule, "field_name": "product", "term": value}) for value in ODD_VALUES),
        *(urlencode({**rule, "field_name": "product", "page": value}) for value in ODD_VALUES),
    ]
    odd = {"/admin/search/": queries, "/admin/autocomplete/": queries}

    failed = [
        f"{address}?{query}"
        for address in addresses
        for query in odd.get(address, pair(ODD_NAMES))
        if staff.get(f"{address}?{query}").status_code >= 500
    ]

    assert failed == []


def test_an_odd_value_is_refused_with_a_page(staff: Client) -> None:
    answer = staff.get("/admin/recommendations/product/?created_at__year=99999")

    assert answer.status_code in {302, 400}


def test_an_odd_value_is_one_line_of_the_log(
    staff: Client, caplog: pytest.LogCaptureFixture
) -> None:
    staff.get("/admin/recommendations/userbehavior/?timestamp__year=99999")

    lines = [record for record in caplog.records if record.name == "ecommerce_rec.admin_site"]
    assert [(line.getMessage(), line.exc_info) for line in lines] == [
        (
            "/admin/recommendations/userbehavior/ cannot use its query string: "
            "ValueError('year 99999 is out of range')",
            None,
        )
    ]


@pytest.mark.parametrize("odd", ["three", "9" * 30, "\0", ""])
def test_odd_ids_of_selected_rows_make_no_list_fail(staff: Client, odd: str) -> None:
    lists = [
        reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_changelist")
        for page in admin.site._registry.values()
    ]

    failed = {
        address: response.status_code
        for address in lists
        for response in [
            staff.post(address, {"action": "delete_selected", "_selected_action": ["1", odd]})
        ]
        if response.status_code >= 500
    }

    assert failed == {}


@pytest.mark.parametrize("field", ["task", "regtask"])
@pytest.mark.parametrize("odd", ["a\0b", "a" * 201])
def test_an_odd_name_of_a_task_is_told_in_its_form(staff: Client, field: str, odd: str) -> None:
    page = reverse("admin:django_celery_beat_periodictask_add")

    response = staff.post(page, {"name": "mine", "args": "[]", "kwargs": "{}", field: odd})

    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors
