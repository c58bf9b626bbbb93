"""Each role of staff does its work, and nothing else."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from recommendations.models import Product, RoleRight
from recommendations.services.people.roles import RIGHTS, Role, give_rights
from recommendations.tests.admin.forms import read_form
from recommendations.tests.admin.rows import make_a_row_of_everything
from recommendations.tests.builders import make_product, make_user, sign_in

pytestmark = pytest.mark.django_db

PAGES: dict[Role, dict[str, str]] = {
    Role.CATALOGUE_MANAGER: {
        "product": "vac", "variant": "vd", "productimage": "vacd", "productcategory": "vd",
        "pictureaddress": "vd", "category": "vc", "attributevalue": "v", "productattribute": "v",
        "feed": "vacd", "feedrun": "v",
    },
    Role.MERCHANDISER: {
        "product": "v", "variant": "v", "category": "v", "categorypage": "vc",
        "merchandisingrule": "vacd", "experiment": "vacd", "randomslot": "vacd",
        "searchsynonym": "vacd", "searchredirect": "vacd", "pinnedsearch": "vacd",
        "ignoredword": "vacd",
    },
    Role.ANALYST: {
        "product": "v", "category": "v", "modelversion": "v", "experiment": "v", "randomslot": "v",
    },
    Role.SUPPORT: {
        "product": "v", "variant": "v", "order": "v", "orderline": "v", "cartitem": "v",
        "user": "v",
    },
    Role.ADMINISTRATOR: {
        "product": "vacd", "variant": "vd", "productimage": "vacd", "productcategory": "vd",
        "pictureaddress": "vd", "category": "vc", "attributevalue": "vd", "productattribute": "vd",
        "feed": "vacd", "feedrun": "vd", "merchandisingrule": "vacd", "searchsynonym": "vacd",
        "categorypage": "vc", "experiment": "vacd", "randomslot": "vacd",
        "searchredirect": "vacd", "pinnedsearch": "vacd", "ignoredword": "vacd",
        "modelversion": "vd", "traininglease": "vd", "order": "vd", "orderline": "vd",
        "cartitem": "vacd", "user": "vacd", "group": "vacd", "userprofile": "vacd",
        "apitoken": "vacd", "shopperid": "vd", "userbehavior": "vd", "like": "vd",
        "dismissal": "vd", "servedlist": "vd", "periodictask": "vacd", "intervalschedule": "vacd",
        "listinspection": "v", "crontabschedule": "vacd", "solarschedule": "vacd",
        "clockedschedule": "vacd",
    },
}  # fmt: skip
"""What each role may do with the rows of each table: view, add, change, delete."""

OTHER_PAGES = {
    "/admin/figures.csv": {Role.MERCHANDISER, Role.ANALYST, Role.ADMINISTRATOR},
    "/admin/recommendations/searchsynonym/queries/": {
        *(Role.MERCHANDISER, Role.ANALYST, Role.ADMINISTRATOR),
    },
    "/admin/recommendations/product/import/": {Role.CATALOGUE_MANAGER, Role.ADMINISTRATOR},
    "/admin/recommendations/product/export/": {Role.ADMINISTRATOR},
    "/admin/recommendations/listinspection/why/": {
        *(Role.MERCHANDISER, Role.SUPPORT, Role.ADMINISTRATOR),
    },
    "/admin/recommendations/userprofile/shoppers/": {Role.SUPPORT, Role.ADMINISTRATOR},
    "/admin/recommendations/merchandisingrule/what-if/": {
        *(Role.MERCHANDISER, Role.ANALYST, Role.ADMINISTRATOR),
    },
}
"""Pages of their own, and who may open them."""

ACTIONS: dict[Role, dict[str, set[str]]] = {
    Role.CATALOGUE_MANAGER: {
        "product": {
            *("activate", "deactivate", "set_category"),
            *("make_repeatable", "make_unrepeatable", "follow_category"),
        },
        "category": {"make_repeatable"},
    },
    Role.MERCHANDISER: {
        table: {"switch_on", "switch_off"}
        for table in (
            "merchandisingrule", "searchsynonym", "searchredirect", "pinnedsearch", "ignoredword",
        )
    },
    Role.ANALYST: {},
    Role.SUPPORT: {"order": {"mark_packed", "mark_sent", "mark_delivered", "cancel"}},
}  # fmt: skip
"""The actions of each role beside the deletion, where it has some."""

MENUS = {
    Role.CATALOGUE_MANAGER: [
        *("Products", "Categories", "Import", "Feeds"),
        *("Attribute values", "Attributes of products", "Categories of products", "Feed runs"),
        *("Picture addresses", "Product images", "Variants"),
    ],
    Role.MERCHANDISER: [
        *("What the shop earns", "What shoppers search for", "Products", "Categories"),
        *("Rules of lists", "Why is it shown?", "What if?", "Experiments", "Random slots"),
        "Category pages",
        *("Synonyms", "Redirects"),
        *("Pinned products", "Ignored words"),
        "Variants",
    ],
    Role.ANALYST: [
        *("What the shop earns", "What shoppers search for", "Products", "Categories"),
        *("What if?", "Experiments", "Random slots", "Model versions"),
    ],
    Role.SUPPORT: [
        *("Orders", "Carts", "Shoppers", "Products", "Why is it shown?"),
        *("Accounts", "Order lines", "Variants"),
    ],
}


def make_member(role: Role) -> User:
    member = make_user(role.name.lower(), is_staff=True)
    member.groups.add(Group.objects.get(name=role.value))
    return member


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def make_rows() -> dict[type[Model], Model]:
    """Return a row of every table that has a page, as far as it can have one."""
    rows = make_a_row_of_everything(1)
    for model in admin.site._registry:
        if model not in rows and (row := model._default_manager.first()):
            rows[model] = row
    return rows


def try_pages(client: Client, model: type[Model], row: Model | None) -> dict[str, int]:
    """Return the status of each page of a table."""
    statuses = {
        "v": client.get(address(model, "changelist")).status_code,
        "a": client.get(address(model, "add")).status_code,
    }
    if row is not None:
        # A form that sends nothing is shown again, or nothing was to be changed.
        changed = client.post(address(model, "change", row.pk), {})
        statuses |= {
            "v row": client.get(address(model, "change", row.pk)).status_code,
            "v history": client.get(address(model, "history", row.pk)).status_code,
            "c": 200 if changed.status_code in {200, 302} else changed.status_code,
            "d": client.get(address(model, "delete", row.pk)).status_code,
        }
    return statuses


@pytest.mark.parametrize("role", Role)
def test_a_role_opens_the_pages_of_its_work_and_no_other(role: Role) -> None:
    rows = make_rows()
    client = sign_in(make_member(role))

    statuses = {
        (model._meta.model_name, page): status
        for model in admin.site._registry
        for page, status in try_pages(client, model, rows.get(model)).items()
    }

    assert statuses == {
        (name, page): 200 if page[0] in PAGES[role].get(str(name), "") else 403
        for name, page in statuses
    }


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", OTHER_PAGES)
def test_pages_of_their_own_need_a_right_of_their_own(role: Role, page: str) -> None:
    status = sign_in(make_member(role)).get(page).status_code

    assert status == (200 if role in OTHER_PAGES[page] else 403)


@pytest.mark.parametrize("role", ACTIONS)
def test_a_role_is_offered_the_actions_of_its_work(role: Role) -> None:
    make_rows()
    client = sign_in(make_member(role))
    offered: dict[str, set[str]] = {}

    for model in admin.site._registry:
        name = str(model._meta.model_name)
        if "v" in PAGES[role].get(name, ""):
            form = client.get(address(model, "changelist")).context.get("action_form")
            names = {value for value, _ in form.fields["action"].choices if value} if form else ()
            if actions := {*names} - {"delete_selected"}:
                offered[name] = actions

    assert offered == ACTIONS[role]


@pytest.mark.parametrize("role", [Role.MERCHANDISER, Role.ANALYST, Role.SUPPORT])
def test_an_action_of_another_role_does_nothing(role: Role) -> None:
    product = make_product()
    form = {"_selected_action": [product.pk], "action": "deactivate"}

    sign_in(make_member(role)).post(address(Product, "changelist"), form)

    product.refresh_from_db()
    assert product.is_active


@pytest.mark.parametrize("role", MENUS)
def test_the_menu_of_a_role_has_its_work(role: Role) -> None:
    context = sign_in(make_member(role)).get("/admin/").context

    titles = [item["title"] for group in context["sidebar_navigation"] for item in group["items"]]
    assert titles == MENUS[role]


@pytest.mark.parametrize("role", Role)
def test_every_entry_of_a_menu_opens(role: Role) -> None:
    client = sign_in(make_member(role))
    groups = client.get("/admin/").context["sidebar_navigation"]

    links = [item["link"] for group in groups for item in group["items"]]

    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_staff_without_a_role_have_no_menu_and_see_no_figure() -> None:
    page = sign_in(make_user(is_staff=True)).get("/admin/")

    assert page.status_code == 200
    assert page.context["sidebar_navigation"] == []
    assert page.context["dashboard"] is None


def test_a_button_that_a_role_may_not_use_is_not_shown() -> None:
    product = make_product()
    manager, analyst = (
        sign_in(make_member(role)) for role in (Role.CATALOGUE_MANAGER, Role.ANALYST)
    )

    def has_button(client: Client, button: str) -> bool:
        return button in client.get(address(Product, "change", product.pk)).content.decode()

    assert (has_button(manager, 'name="_save"'), has_button(analyst, 'name="_save"')) == (
        True,
        False,
    )


# --- How roles get their rights -------------------------------------------------------------------


def list_rights(role: Role) -> set[str]:
    rights = Permission.objects.filter(group__name=role.value)
    return {f"{right.content_type.app_label}.{right.codename}" for right in rights}


def test_rights_are_given_once() -> None:
    before = {role: list_rights(role) for role in Role}

    assert give_rights() == 0
    assert {role: list_rights(role) for role in Role} == before
    assert Group.objects.filter(name__in=[role.value for role in Role]).count() == 5


def test_a_right_of_a_later_table_is_given() -> None:
    content_type = ContentType.objects.get_for_model(Product)
    Permission.objects.create(codename="view_later", content_type=content_type, name="Later")

    assert give_rights() == 1
    holders = {role for role in Role if "recommendations.view_later" in list_rights(role)}
    assert holders == {Role.ADMINISTRATOR}


def test_what_an_administrator_took_away_stays_away() -> None:
    support = Group.objects.get(name=Role.SUPPORT.value)
    support.permissions.remove(Permission.objects.get(codename="view_cartitem"))
    Group.objects.get(name=Role.ANALYST.value).delete()

    give_rights()

    assert "recommendations.view_cartitem" not in list_rights(Role.SUPPORT)
    assert not Group.objects.filter(name=Role.ANALYST.value).exists()


def test_a_new_database_gets_all_rights() -> None:
    RoleRight.objects.all().delete()
    Group.objects.all().delete()

    give_rights()

    assert "recommendations.view_insight" in list_rights(Role.ANALYST)
    assert "recommendations.change_product" in list_rights(Role.CATALOGUE_MANAGER)


@pytest.mark.parametrize("role", Role)
def test_every_right_of_a_role_exists(role: Role) -> None:
    wanted = {pattern for pattern in RIGHTS[role] if "*" not in pattern}

    assert wanted <= list_rights(role)


# --- Who gives roles ------------------------------------------------------------------------------


def offered_groups(client: Client, account: User) -> Iterable[str]:
    page = client.get(reverse("admin:auth_user_change", args=[account.pk]))
    field = page.context["adminform"].form.fields["groups"]
    return [group.name for group in field.queryset]


def test_an_administrator_makes_staff_of_a_role() -> None:
    administrator, ada = make_member(Role.ADMINISTRATOR), make_user("ada")
    client = sign_in(administrator)
    page = reverse("admin:auth_user_change", args=[ada.pk])
    analyst = Group.objects.get(name=Role.ANALYST.value)

    form = read_form(client.get(page))
    client.post(page, {**form, "is_staff": "on", "groups": [analyst.pk], "is_superuser": "on"})

    ada.refresh_from_db()
    assert (ada.is_staff, ada.is_superuser) == (True, False)
    assert list(ada.groups.all()) == [analyst]


def test_nobody_gives_a_role_with_more_rights_than_their_own() -> None:
    ada = make_user("ada")
    giver = make_member(Role.ANALYST)
    rights = ["give_roles", "change_user", "view_user"]
    giver.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = sign_in(giver)
    page = reverse("admin:auth_user_change", args=[ada.pk])
    administrators = Group.objects.get(name=Role.ADMINISTRATOR.value)

    form = read_form(client.get(page))
    client.post(page, {**form, "is_staff": "on", "groups": [administrators.pk]})

    ada.refresh_from_db()
    assert offered_groups(client, ada) == [Role.ANALYST.value]
    assert (ada.is_staff, list(ada.groups.all())) == (False, [])


def test_support_gives_no_role() -> None:
    client, ada = sign_in(make_member(Role.SUPPORT)), make_user("ada")

    answer = client.post(reverse("admin:auth_user_change", args=[ada.pk]), {"is_staff": "on"})

    ada.refresh_from_db()
    assert (answer.status_code, ada.is_staff) == (403, False)
