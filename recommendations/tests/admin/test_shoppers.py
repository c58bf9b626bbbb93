"""What staff see of one shopper."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client

from recommendations.models import Dismissal, Like, Order, OrderLine, ServedList
from recommendations.services.people.roles import Role
from recommendations.services.people.subjects import Subject
from recommendations.tests.builders import make_interactions, make_product, make_user, sign_in

pytestmark = pytest.mark.django_db

PAGES = "/admin/recommendations/userprofile"


@pytest.fixture
def support() -> Client:
    clerk = make_user("clerk", is_staff=True)
    clerk.groups.add(Group.objects.get(name=Role.SUPPORT.value))
    return sign_in(clerk)


def make_busy_shopper(name: str = "mara") -> User:
    mara = make_user(name, email=f"{name}@shop.example")
    lamp, tent, rug = (make_product(name=name) for name in ("Lamp", "Tent", "Rug"))
    order = Order.objects.create(user=mara)
    OrderLine.objects.create(order=order, product=lamp, product_name="Lamp", price=5, quantity=2)
    Like.objects.create(user=mara, product=tent)
    Dismissal.objects.create(user=mara, product=rug)
    make_interactions(Subject(user_id=mara.pk), [lamp, tent])
    ServedList.objects.create(
        user=mara, placement="home", name="for-you", source="model", product_ids=[rug.pk, lamp.pk]
    )
    return mara


def test_the_page_shows_orders_likes_history_and_lists(support: Client) -> None:
    mara = make_busy_shopper()

    page = support.get(f"{PAGES}/shoppers/{mara.pk}/")

    record = page.context["record"]
    assert [(order.pk, total) for order, _, total in page.context["orders"]] == [
        (mara.orders.get().pk, "$10.00")
    ]
    assert [each.product.name for each in record.likes] == ["Tent"]
    assert [each.product.name for each in record.dismissals] == ["Rug"]
    assert [each.product.name for each in record.interactions] == ["Tent", "Lamp"]
    assert [[name for _, name in names] for _, names in record.lists] == [["Rug", "Lamp"]]


def test_each_look_is_noted(support: Client) -> None:
    mara = make_busy_shopper()

    support.get(f"{PAGES}/shoppers/{mara.pk}/")

    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_repr, entry.change_message) == (
        "clerk", f"u{mara.pk}", "Looked at what the shopper did.",
    )  # fmt: skip


def test_a_visitor_without_an_account_has_a_page(support: Client) -> None:
    make_interactions(Subject(session_id="v-1"), [make_product(name="Lamp")])

    page = support.get(f"{PAGES}/visitors/v-1/")

    assert [each.product.name for each in page.context["record"].interactions] == ["Lamp"]


@pytest.mark.parametrize(
    ("query", "found"),
    [("mar", ["mara"]), ("MARA@", ["mara"]), ("zoe", []), ("9" * 30, [])],
)
def test_shoppers_are_found_by_name_and_mail(support: Client, query: str, found: list[str]) -> None:
    make_busy_shopper()

    page = support.get(f"{PAGES}/shoppers/", {"q": query})

    assert [account.username for account, _ in page.context["found"]] == found


def test_a_shopper_is_found_by_an_order(support: Client) -> None:
    mara = make_busy_shopper()

    page = support.get(f"{PAGES}/shoppers/", {"q": f"#{mara.orders.get().pk}"})

    assert [account.username for account, _ in page.context["found"]] == ["mara"]


@pytest.mark.parametrize("page", ["shoppers/999999/", f"shoppers/{'9' * 18}/", "visitors/nobody/"])
def test_nobody_has_no_page(support: Client, page: str) -> None:
    assert support.get(f"{PAGES}/{page}").status_code == 404
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("page", ["shoppers/", "shoppers/{}/", "visitors/v-1/"])
def test_the_pages_need_a_permission_of_their_own(page: str) -> None:
    mara = make_busy_shopper()
    staff = make_user("ada", is_staff=True)
    staff.groups.add(Group.objects.get(name=Role.CATALOGUE_MANAGER.value))

    assert sign_in(staff).get(f"{PAGES}/{page.format(mara.pk)}").status_code == 403


def test_a_busy_shopper_costs_no_more_queries(
    support: Client, django_assert_max_num_queries: Any
) -> None:
    mara = make_busy_shopper()
    for _ in range(30):
        make_interactions(Subject(user_id=mara.pk), [make_product()])
        Order.objects.create(user=mara)

    with django_assert_max_num_queries(16):
        support.get(f"{PAGES}/shoppers/{mara.pk}/")
