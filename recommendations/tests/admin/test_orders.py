"""Orders in the admin: their status, and who may change it."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from recommendations.models import Order, OrderChange
from recommendations.services.people.roles import Role
from recommendations.tests.builders import make_user, sign_in

pytestmark = pytest.mark.django_db

LIST = "/admin/recommendations/order/"


@pytest.fixture
def clerk() -> User:
    clerk = make_user("clerk", is_staff=True)
    clerk.groups.add(Group.objects.get(name=Role.SUPPORT.value))
    return clerk


def read_messages(page: Any) -> str:
    return " ".join(str(each) for each in page.context["messages"])


def test_support_sends_an_order_from_its_page(clerk: User) -> None:
    client, order = sign_in(clerk), Order.objects.create(session_id="v", status="packed")
    page = client.get(f"{LIST}{order.pk}/change/")

    answer = client.post(
        f"{LIST}{order.pk}/status/", {"status": "sent", "note": "by bike"}, follow=True
    )

    order.refresh_from_db()
    change = OrderChange.objects.get()
    assert [status for status, _ in page.context["steps"]] == ["sent", "cancelled"]
    assert (order.status, change.staff, change.note) == ("sent", clerk, "by bike")
    assert "1 of 1 order is sent now." in read_messages(answer)
    assert "by bike" in answer.content.decode()


def test_several_orders_change_at_once_and_what_did_not_is_told(clerk: User) -> None:
    placed = Order.objects.create(session_id="v")
    sent = Order.objects.create(session_id="v", status="sent")

    page = sign_in(clerk).post(
        LIST,
        {"_selected_action": [placed.pk, sent.pk], "action": "mark_packed"},
        follow=True,
    )

    assert "1 of 2 orders are packed now." in read_messages(page)
    assert list(Order.objects.order_by("pk").values_list("status", flat=True)) == ["packed", "sent"]


def test_a_status_that_may_not_follow_changes_nothing(clerk: User) -> None:
    order = Order.objects.create(session_id="v")

    page = sign_in(clerk).post(f"{LIST}{order.pk}/status/", {"status": "returned"}, follow=True)

    order.refresh_from_db()
    assert "may follow, not returned" in read_messages(page)
    assert (order.status, OrderChange.objects.count()) == ("placed", 0)


@pytest.mark.parametrize("status", ["", "lost", "\0"])
def test_an_unknown_status_is_not_found(clerk: User, status: str) -> None:
    order = Order.objects.create(session_id="v")

    answer = sign_in(clerk).post(f"{LIST}{order.pk}/status/", {"status": status})

    assert answer.status_code == 404


def test_who_may_only_see_orders_changes_none() -> None:
    staff = make_user("ada", is_staff=True)
    staff.user_permissions.add(*Group.objects.get(name="Support").permissions.filter(
        codename="view_order"
    ))  # fmt: skip
    client, order = sign_in(staff), Order.objects.create(session_id="v")

    page = client.get(f"{LIST}{order.pk}/change/")
    answer = client.post(f"{LIST}{order.pk}/status/", {"status": "sent"})
    client.post(LIST, {"_selected_action": [order.pk], "action": "mark_sent"})

    order.refresh_from_db()
    assert "steps" not in page.context
    assert (answer.status_code, order.status) == (403, "placed")


def test_the_customer_is_a_link_for_those_who_may_follow_it(clerk: User) -> None:
    order = Order.objects.create(user=make_user("mara"))
    staff = make_user("ada", is_staff=True)
    staff.user_permissions.add(*Group.objects.get(name="Support").permissions.filter(
        codename="view_order"
    ))  # fmt: skip

    def shows_link(client: Client) -> bool:
        page = client.get(f"{LIST}{order.pk}/change/").content.decode()
        assert "mara" in page
        return f"/shoppers/{order.user_id}/" in page

    assert (shows_link(sign_in(clerk)), shows_link(sign_in(staff))) == (True, False)


def test_the_page_of_an_order_names_its_status(clerk: User) -> None:
    order = Order.objects.create(session_id="v", status="packed")

    page = sign_in(clerk).get(f"{LIST}{order.pk}/change/").content.decode()

    assert "Packed" in page
    assert "(&#x27;packed" not in page
