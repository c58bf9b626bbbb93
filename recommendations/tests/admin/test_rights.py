"""Staff who may edit accounts gain no right by it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from recommendations.models import UserProfile
from recommendations.tests.admin.forms import read_form
from recommendations.tests.builders import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.django_db

ACCOUNT_RIGHTS = [
    *(f"{action}_user" for action in ("add", "change", "view", "delete")),
    *(f"{action}_group" for action in ("add", "change", "view", "delete")),
    "change_userprofile",
]
NEW_PASSWORD = "another-horse-9"
SET_PASSWORD = {
    "password1": NEW_PASSWORD,
    "password2": NEW_PASSWORD,
    "usable_password": "true",
    "set-password": "1",
}


@pytest.fixture
def clerk() -> User:
    return make_staff("clerk", ACCOUNT_RIGHTS)


def make_staff(username: str, rights: list[str], **columns: Any) -> User:
    user = make_user(username, is_staff=True, **columns)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return user


def address(page: str, *args: Any) -> str:
    return reverse(f"admin:auth_{page}", args=args)


def describe(user: User) -> tuple[Any, ...]:
    user = User.objects.get(pk=user.pk)
    groups = sorted(user.groups.values_list("name", flat=True))
    return (user.username, user.email, user.password, user.is_active, user.is_staff,
            user.is_superuser, groups, sorted(user.get_all_permissions()))  # fmt: skip


def test_staff_cannot_give_rights_to_themselves(clerk: User) -> None:
    client = sign_in(clerk)
    group = Group.objects.create(name="all")
    group.permissions.set(Permission.objects.all())
    form = read_form(client.get(address("user_change", clerk.pk)))
    rights = {
        "is_superuser": "on",
        "groups": [group.pk],
        "user_permissions": list(Permission.objects.values_list("pk", flat=True)),
    }

    answer = client.post(address("user_change", clerk.pk), {**form, **rights, "first_name": "C"})

    before, after = sorted(clerk.get_all_permissions()), describe(clerk)
    assert answer.status_code == 302
    assert after[4:] == (True, False, [], before)
    assert User.objects.get(pk=clerk.pk).first_name == "C"


def test_staff_cannot_give_rights_to_others_or_to_new_accounts(clerk: User) -> None:
    client = sign_in(clerk)
    ada = make_user("ada")
    form = read_form(client.get(address("user_change", ada.pk)))
    new = {**SET_PASSWORD, "username": "eve"}
    rights = {"is_superuser": "on", "is_staff": "on"}

    client.post(address("user_change", ada.pk), {**form, **rights})
    client.post(address("user_change", ada.pk), {**form, **new, **rights, "_saveasnew": "1"})
    client.post(address("user_add"), {**new, **rights, "username": "bob"})

    assert set(User.objects.exclude(pk=clerk.pk).values_list("is_staff", "is_superuser")) == {
        (False, False)
    }


def test_staff_cannot_widen_a_group(clerk: User) -> None:
    client = sign_in(clerk)
    group = Group.objects.create(name="clerks")
    clerk.groups.add(group)
    everything = list(Permission.objects.values_list("pk", flat=True))
    form = read_form(client.get(address("group_change", group.pk)))

    client.post(address("group_change", group.pk), {**form, "permissions": everything})
    client.post(address("group_add"), {"name": "new", "permissions": everything})

    widened = Group.objects.filter(name__in=["clerks", "new"], permissions__isnull=False)
    assert not widened.exists()


@pytest.mark.parametrize(
    "make_account",
    [
        lambda: User.objects.create_superuser("boss", "boss@shop.example", PASSWORD),
        lambda: User.objects.create_superuser("boss", is_active=False),
        lambda: make_staff("boss", ["change_product"]),
        lambda: make_staff("boss", ["change_product"], is_active=False),
        lambda: make_member_of_a_group_with("change_order"),
    ],
    ids=["superuser", "inactive superuser", "other rights", "inactive", "rights by a group"],
)
def test_an_account_with_more_rights_cannot_be_taken_over(
    clerk: User, make_account: Callable[[], User]
) -> None:
    client, account = sign_in(clerk), make_account()
    before = describe(account)
    delete = {"post": "yes", "action": "delete_selected", "_selected_action": [account.pk]}

    answers = [
        client.post(
            address("user_change", account.pk),
            {"username": "mine", "email": "clerk@shop.example", "is_active": "on"},
        ),
        client.post(address("user_password_change", account.pk), SET_PASSWORD),
        client.post(address("user_delete", account.pk), {"post": "yes"}),
        client.post(address("user_changelist"), delete),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    assert describe(account) == before


def make_member_of_a_group_with(right: str) -> User:
    user = make_user("boss")
    group = Group.objects.create(name="bosses")
    group.permissions.set(Permission.objects.filter(codename=right))
    user.groups.add(group)
    return user


def test_staff_still_help_shoppers(clerk: User) -> None:
    client, ada = sign_in(clerk), make_user("ada")
    form = read_form(client.get(address("user_change", ada.pk)))

    client.post(address("user_change", ada.pk), {**form, "email": "ada@shop.example"})
    client.post(address("user_password_change", ada.pk), SET_PASSWORD)

    ada.refresh_from_db()
    assert ada.email == "ada@shop.example"
    assert ada.check_password(NEW_PASSWORD)


def test_staff_open_no_account_to_everybody(clerk: User) -> None:
    client, profile = sign_in(clerk), UserProfile.objects.create(user=make_user("ada"))
    page = reverse("admin:recommendations_userprofile_change", args=[profile.pk])

    client.post(page, {**read_form(client.get(page)), "demo_label": "likes lamps"})

    profile.refresh_from_db()
    assert profile.demo_label == ""


def test_staff_open_no_account_by_moving_the_profile_of_a_demo_shopper(clerk: User) -> None:
    client, demo, ada = sign_in(clerk), make_user("demo"), make_user("ada")
    profile = UserProfile.objects.create(user=demo, demo_label="likes lamps")
    page = reverse("admin:recommendations_userprofile_change", args=[profile.pk])

    client.post(page, {**read_form(client.get(page)), "user": ada.pk})

    profile.refresh_from_db()
    assert profile.user == demo


def test_a_superuser_still_gives_all_rights() -> None:
    client, ada = sign_in(User.objects.create_superuser("root")), make_user("ada")
    form = read_form(client.get(address("user_change", ada.pk)))
    right = Permission.objects.get(codename="change_product")
    rights = {"is_superuser": "on", "is_staff": "on", "user_permissions": [right.pk]}

    client.post(address("user_change", ada.pk), {**form, **rights})

    ada.refresh_from_db()
    assert (ada.is_superuser, ada.is_staff) == (True, True)
    assert list(ada.user_permissions.all()) == [right]


def test_a_new_password_leaves_the_rest_of_the_account_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = User.objects.create_superuser("root", password=PASSWORD)
    client, set_password = sign_in(root), User.set_password

    def take_long(user: User, password: str) -> None:
        User.objects.filter(pk=user.pk).update(first_name="Ada")
        set_password(user, password)

    monkeypatch.setattr(User, "set_password", take_long)
    new = {"new_password1": "a-second-horse-8", "new_password2": "a-second-horse-8"}
    client.post("/admin/password_change/", {"old_password": PASSWORD, **new})
    client = sign_in(User.objects.get(pk=root.pk))
    own = User.objects.get(pk=root.pk)
    User.objects.update(first_name="")
    client.post(address("user_password_change", root.pk), SET_PASSWORD)
    other = User.objects.get(pk=root.pk)

    assert (own.first_name, own.check_password("a-second-horse-8")) == ("Ada", True)
    assert (other.first_name, other.check_password(NEW_PASSWORD)) == ("Ada", True)


def test_a_shopper_gains_nothing_from_the_admin() -> None:
    ada = make_user("ada")

    answer = Client().post("/admin/login/", {"username": "ada", "password": PASSWORD})

    assert answer.status_code == 200
    assert sign_in(ada).get(address("user_change", ada.pk)).status_code == 302
