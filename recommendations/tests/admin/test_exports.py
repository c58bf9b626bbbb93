"""The page from which staff export data."""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from recommendations.services.infra.costly_work import EXPORT, serve
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_products,
    make_shopper,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db

PAGE = "/admin/recommendations/product/export/"


def make_staff(*rights: str) -> Client:
    user = make_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return sign_in(user)


def download(staff: Client, **fields: str) -> Any:
    return staff.post(PAGE, {"table": "products", "format": "csv", **fields})


def read(response: Any) -> list[dict[str, str]]:
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(StringIO(text)))


def test_staff_with_the_permission_download_a_file_that_is_noted() -> None:
    staff = make_staff("export_data", "view_product")
    make_interactions(make_shopper(), make_products(3))

    page = staff.get(PAGE)
    answer = download(staff, table="interactions")

    assert b"Keep the files as safe as the shop" in page.content
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer["Content-Disposition"].startswith('attachment; filename="interactions-')
    assert "no-store" in answer["Cache-Control"]
    assert len(read(answer)) == 3
    assert LogEntry.objects.get().change_message == "Exported interactions as csv."
    assert PAGE in staff.get(reverse("admin:recommendations_product_changelist")).content.decode()


def test_without_the_permission_nothing_is_exported() -> None:
    staff = make_staff("view_product", "change_product", "view_order")

    assert download(staff).status_code == 403
    assert staff.get(PAGE).status_code == 403
    assert (
        PAGE not in staff.get(reverse("admin:recommendations_product_changelist")).content.decode()
    )
    assert download(sign_in(make_user("ada"))).status_code == 302
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"since": "2026-03-01"}, "always whole"),
        ({"since": "soon"}, "Enter a valid date"),
        ({"table": "carts"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_exported_is_said_in_the_form(fields: dict[str, str], sentence: str) -> None:
    answer = download(make_staff("export_data"), **fields)

    assert sentence in answer.content.decode()
    assert not LogEntry.objects.exists()


@pytest.fixture
def _held() -> Iterator[None]:
    """Take the process's place for exports, as another download does."""
    with serve("192.0.2.1"):
        release = EXPORT.hold()
    yield
    release()


@pytest.mark.usefixtures("_held")
def test_a_second_download_is_asked_to_wait() -> None:
    make_product()

    answer = download(make_staff("export_data"))

    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_the_place_is_free_after_a_download_even_one_that_was_broken_off() -> None:
    staff = make_staff("export_data")
    make_products(3)

    broken_off = download(staff)
    # What the server does, without the end of the request, which would close the connection.
    for close in broken_off._resource_closers:
        close()
    whole = download(staff)

    assert len(read(whole)) == 3
    assert len(read(download(staff))) == 3


def test_staff_can_export_one_source() -> None:
    staff = make_staff("export_data")
    make_product(source="erp", external_id="1")
    make_product(source="pim", external_id="1")

    page = staff.get(PAGE)
    answer = download(staff, source="pim")
    refused = download(staff, source="pim", table="orders")

    assert b'<option value="erp">erp</option>' in page.content
    assert 'filename="products-pim-' in answer["Content-Disposition"]
    assert [row["source"] for row in read(answer)] == ["pim"]
    assert LogEntry.objects.get().change_message == "Exported products of pim as csv."
    assert b"has every source" in refused.content
