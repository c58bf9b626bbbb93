"""No page of the admin needs more than 30 queries, however many rows it shows."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from recommendations.choices import CategoryOrder, Placement
from recommendations.models import CategoryPage, Product
from recommendations.services.insight.upkeep import keep_figures
from recommendations.services.search import live_index
from recommendations.tests.admin.rows import make_a_row_of_everything
from recommendations.tests.builders import make_interactions, make_visitor, sign_in

pytestmark = pytest.mark.django_db

MOST = 30
TABLES = "/admin/recommendations"
OTHER_PAGES = [
    *("/admin/", "/admin/?days=90", "/admin/search/?s=product&extended=1", "/admin/figures.csv"),
    *(f"{TABLES}/product/import/", f"{TABLES}/product/export/"),
    *(f"{TABLES}/userprofile/shoppers/", f"{TABLES}/userprofile/shoppers/?q=shopper"),
    *(f"{TABLES}/searchsynonym/queries/", f"{TABLES}/listinspection/why/"),
    *(f"{TABLES}/merchandisingrule/publish/", f"{TABLES}/merchandisingrule/history/"),
    *(f"{TABLES}/merchandisingrule/what-if/", f"{TABLES}/modelversion/next/"),
    *(f"{TABLES}/merchandisingrule/preview/?placement={each.value}" for each in Placement),
    f"{TABLES}/product/?in_stock=some&missing=description&interactions=none&q=Product",
]


@pytest.fixture
def staff() -> Client:
    return sign_in(User.objects.create_superuser("root"))


@pytest.mark.parametrize("page", admin.site._registry.values(), ids=lambda page: page.opts.label)
def test_lists_and_forms_need_few_queries(
    staff: Client, django_assert_max_num_queries: Any, page: Any
) -> None:
    rows = [make_a_row_of_everything(number) for number in range(5)]
    name = f"admin:{page.opts.app_label}_{page.opts.model_name}"

    with django_assert_max_num_queries(MOST):
        listed = staff.get(reverse(f"{name}_changelist"))
    statuses = {listed.status_code}
    if page.model in rows[0]:
        with django_assert_max_num_queries(MOST):
            shown = staff.get(reverse(f"{name}_change", args=[rows[0][page.model].pk]))
        statuses.add(shown.status_code)

    assert statuses == {200}


@pytest.mark.parametrize("address", OTHER_PAGES)
def test_other_pages_need_few_queries(
    staff: Client,
    django_assert_max_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    # As outside of tests, not every list looks for changed products.
    monkeypatch.setattr(live_index, "POLL_SECONDS", 3600.0)
    for number in range(5):
        make_a_row_of_everything(number)
    keep_figures()
    # The first page of a process builds its index of search.
    staff.get("/admin/")

    with django_assert_max_num_queries(MOST):
        page = staff.get(address)

    assert page.status_code == 200
    assert Product.objects.exists()


def test_pages_about_one_row_need_few_queries(
    staff: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        page = make_a_row_of_everything(number)[CategoryPage]
    CategoryPage.objects.update(default_order=CategoryOrder.PERSONAL.value)
    visitor = make_visitor()
    make_interactions(visitor, list(Product.objects.all()))
    staff.get("/admin/")
    statuses = {}

    for name, key in [
        ("recommendations_categorypage_preview", page.pk),
        ("recommendations_shopper", User.objects.get(username="shopper-0").pk),
        ("recommendations_visitor", visitor.session_id),
    ]:
        with django_assert_max_num_queries(MOST):
            statuses[name] = staff.get(reverse(f"admin:{name}", args=[key])).status_code

    assert set(statuses.values()) == {200}
