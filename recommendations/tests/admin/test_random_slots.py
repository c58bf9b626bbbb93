"""The page on which staff let a slot be filled at random."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from recommendations.choices import Placement
from recommendations.models import RandomSlot
from recommendations.services.lists import ListContext, recommend
from recommendations.services.people.roles import Role
from recommendations.tests.admin.forms import read_form
from recommendations.tests.builders import (
    make_products,
    make_random_slot,
    make_user,
    make_visitor,
    sign_in,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/recommendations/randomslot/"
FILLED = {"placement": "home", "place": "2", "n_candidates": "5", "is_active": "on"}


@pytest.fixture
def merchandiser() -> Client:
    member = make_user("merchandiser", is_staff=True)
    member.groups.add(Group.objects.get(name=Role.MERCHANDISER.value))
    return sign_in(member)


def find_slot() -> Any:
    context = ListContext(make_visitor(), takes_part=True)
    return recommend(context=context, placement=Placement.HOME).slot


def test_staff_switch_a_slot_on_change_it_and_delete_it(
    merchandiser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    make_products(12)
    before = find_slot()

    with django_capture_on_commit_callbacks(execute=True):
        added = merchandiser.post(f"{LIST}add/", FILLED)
    on = find_slot()
    [slot] = RandomSlot.objects.all()
    form = read_form(merchandiser.get(f"{LIST}{slot.pk}/change/")) | {"place": ["4"]}
    with django_capture_on_commit_callbacks(execute=True):
        merchandiser.post(f"{LIST}{slot.pk}/change/", form)
    changed = find_slot()
    with django_capture_on_commit_callbacks(execute=True):
        merchandiser.post(f"{LIST}{slot.pk}/delete/", {"post": "yes"})

    assert (before, added.status_code) == (None, 302)
    assert (on.draw.place, len(on.draw.candidates)) == (2, 5)
    assert changed.draw.place == 4
    assert find_slot() is None


def test_a_new_slot_is_off_until_staff_switch_it_on(
    merchandiser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    make_products(12)

    with django_capture_on_commit_callbacks(execute=True):
        merchandiser.post(f"{LIST}add/", {k: v for k, v in FILLED.items() if k != "is_active"})

    assert RandomSlot.objects.get().is_active is False
    assert find_slot() is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"place": "0"}, "greater than or equal to 1"),
        ({"place": "21"}, "less than or equal to 20"),
        ({"n_candidates": "1"}, "greater than or equal to 2"),
        ({"n_candidates": "21"}, "less than or equal to 20"),
        ({"placement": "nowhere"}, "Select a valid choice"),
    ],
)
def test_what_is_no_slot_is_refused(merchandiser: Client, wrong: dict[str, str], told: str) -> None:
    page = merchandiser.post(f"{LIST}add/", FILLED | wrong)

    assert told in page.content.decode()
    assert not RandomSlot.objects.exists()


def test_a_placement_has_one_slot(merchandiser: Client) -> None:
    make_random_slot(placement="home")

    page = merchandiser.post(f"{LIST}add/", FILLED)

    assert "already exists" in page.content.decode()
    assert RandomSlot.objects.count() == 1
