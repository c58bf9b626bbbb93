"""A form saves what a person changed in it, and nothing else."""

import threading
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import F, Model
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from recommendations.admin.shown_values import ShownValuesForm
from recommendations.models import CartItem, Product, ProductImage, UserProfile
from recommendations.tests.admin.forms import read_form
from recommendations.tests.builders import make_product, make_user, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    return sign_in(User.objects.create_superuser("root"))


def address(row: Model) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(name, args=[row.pk])


def open_form(staff: Client, row: Model) -> dict[str, Any]:
    return read_form(staff.get(address(row)))


def list_messages(page: Any) -> str:
    return " ".join(str(each) for each in page.context["messages"])


def test_what_is_sold_while_a_form_is_open_stays_sold(staff: Client) -> None:
    product = make_product(name="Lamp", stock=10)
    form = open_form(staff, product)
    Product.objects.update(stock=F("stock") - 3)

    page = staff.post(address(product), {**form, "name": "Desk lamp"}, follow=True)

    product.refresh_from_db()
    assert (product.name, product.stock) == ("Desk lamp", 7)
    assert "Stock: “7”" in list_messages(page)


def test_stock_is_changed_by_the_difference(staff: Client) -> None:
    product = make_product(stock=10)
    form = open_form(staff, product)
    Product.objects.update(stock=F("stock") - 3)

    page = staff.post(address(product), {**form, "stock": "15"}, follow=True)

    product.refresh_from_db()
    assert product.stock == 12
    assert "from 10 to 7; your change of +5 makes it 12" in list_messages(page)


def test_stock_never_falls_below_zero(staff: Client) -> None:
    product = make_product(stock=10)
    form = open_form(staff, product)
    Product.objects.update(stock=F("stock") - 3)

    refused = staff.post(address(product), {**form, "stock": "1"})
    product.refresh_from_db()
    stock_after_refusal = product.stock
    staff.post(address(product), read_form(refused))

    product.refresh_from_db()
    assert "this went from 10 to 7, so it cannot be lowered by 9" in refused.content.decode()
    assert (stock_after_refusal, product.stock) == (7, 1)


def test_the_second_of_two_staff_is_told_and_keeps_what_they_typed(staff: Client) -> None:
    product = make_product(name="Lamp", description="Old")
    form = open_form(staff, product)
    staff.post(address(product), {**form, "name": "Desk lamp", "description": "Bright"})

    refused = staff.post(address(product), {**form, "name": "Floor lamp", "brand": "Acme"})
    product.refresh_from_db()
    name_after_refusal = product.name
    form = read_form(refused)
    staff.post(address(product), form)

    product.refresh_from_db()
    assert "someone else changed this to “Desk lamp”" in refused.content.decode()
    assert (form["name"], form["brand"]) == (["Floor lamp"], ["Acme"])
    assert name_after_refusal == "Desk lamp"
    assert (product.name, product.description, product.brand) == ("Floor lamp", "Bright", "Acme")


def test_the_second_is_told_of_changes_to_other_fields(staff: Client) -> None:
    product = make_product(name="Lamp", price="9.99")
    form = open_form(staff, product)
    staff.post(address(product), {**form, "price": "12.50"})

    page = staff.post(address(product), {**form, "name": "Desk lamp"}, follow=True)

    product.refresh_from_db()
    assert (product.name, str(product.price)) == ("Desk lamp", "12.50")
    assert "Price: “12.50" in list_messages(page)


def test_the_same_change_by_two_is_no_conflict(staff: Client) -> None:
    product = make_product(name="Lamp")
    form = {**open_form(staff, product), "name": "Desk lamp"}
    staff.post(address(product), form)

    assert staff.post(address(product), form).status_code == 302


def test_a_form_of_another_row_is_refused_once(staff: Client) -> None:
    product, other = make_product(name="Lamp"), make_product(name="Tent")
    form = open_form(staff, product)
    stolen = {**form, "shown": open_form(staff, other)["shown"], "name": "Desk lamp"}

    refused = staff.post(address(product), stolen)
    staff.post(address(product), read_form(refused))

    product.refresh_from_db()
    assert "check and save again" in refused.content.decode()
    assert product.name == "Desk lamp"


def test_a_cart_that_the_shopper_changed_is_not_set_back(staff: Client) -> None:
    item = CartItem.objects.create(user=make_user(), product=make_product(), quantity=1)
    form = open_form(staff, item)
    CartItem.objects.update(quantity=4)

    refused = staff.post(address(item), {**form, "quantity": "2"})

    item.refresh_from_db()
    assert "someone else changed this to “4”" in refused.content.decode()
    assert item.quantity == 4


def test_an_account_keeps_what_happened_to_it_meanwhile(staff: Client) -> None:
    account = make_user("ada")
    form = open_form(staff, account)
    now = timezone.now()
    User.objects.filter(pk=account.pk).update(last_login=now, password="changed", is_active=False)

    staff.post(address(account), {**form, "first_name": "Ada"})

    account.refresh_from_db()
    assert (account.first_name, account.is_active) == ("Ada", False)
    assert (account.last_login, account.password) == (now, "changed")


def test_groups_given_meanwhile_stay(staff: Client) -> None:
    account = make_user("ada")
    group = account.groups.create(name="buyers")
    account.groups.clear()
    form = open_form(staff, account)
    account.groups.add(group)

    staff.post(address(account), {**form, "first_name": "Ada"})

    assert list(account.groups.all()) == [group]


def test_a_profile_notes_the_time_of_a_change(staff: Client) -> None:
    profile = UserProfile.objects.create(user=make_user())
    before = profile.last_updated
    form = open_form(staff, profile)
    UserProfile.objects.update(preferences={"brands": {"Acme": 1.0}})

    staff.post(address(profile), {**form, "demo_label": "likes lamps"})

    profile.refresh_from_db()
    assert profile.demo_label == "likes lamps"
    assert profile.preferences == {"brands": {"Acme": 1.0}}
    assert profile.last_updated > before


def test_a_schedule_keeps_its_runs(staff: Client) -> None:
    schedule = IntervalSchedule.objects.create(every=1, period="days")
    task = PeriodicTask.objects.create(name="retrain", task="a.task", interval=schedule)
    form = open_form(staff, task)
    now = timezone.now()
    PeriodicTask.objects.update(last_run_at=now, total_run_count=7)

    page = staff.post(address(task), {**form, "description": "nightly"})

    task.refresh_from_db()
    assert page.status_code == 302
    assert (task.description, task.last_run_at, task.total_run_count) == ("nightly", now, 7)


def test_a_schedule_that_is_switched_off_forgets_its_last_run(staff: Client) -> None:
    schedule = IntervalSchedule.objects.create(every=1, period="days")
    task = PeriodicTask.objects.create(
        name="retrain", task="a.task", interval=schedule, last_run_at=timezone.now()
    )
    form = open_form(staff, task)
    del form["enabled"]

    staff.post(address(task), form)

    task.refresh_from_db()
    assert (task.enabled, task.last_run_at) == (False, None)


def test_a_task_chosen_from_the_list_is_saved(staff: Client) -> None:
    schedule = IntervalSchedule.objects.create(every=1, period="days")
    task = PeriodicTask.objects.create(name="retrain", task="a.task", interval=schedule)
    chosen = "recommendations.tasks.retrain"

    staff.post(address(task), {**open_form(staff, task), "regtask": chosen})

    task.refresh_from_db()
    assert task.task == chosen


def test_an_inline_saves_what_was_changed_in_it(staff: Client) -> None:
    product = make_product()
    picture = ProductImage.objects.create(product=product, image="products/a.png", position=1)
    form = open_form(staff, product)
    ProductImage.objects.update(position=5)

    staff.post(address(product), {**form, "name": "Desk lamp"})
    unchanged = ProductImage.objects.get().position
    refused = staff.post(address(product), {**form, "further_images-0-position": "2"})

    picture.refresh_from_db()
    assert unchanged == 5
    assert "someone else changed this to “5”" in refused.content.decode()
    assert picture.position == 5


def test_an_inline_whose_row_is_gone_is_refused(staff: Client) -> None:
    product = make_product(name="Lamp")
    ProductImage.objects.create(product=product, image="products/a.png")
    form = open_form(staff, product)
    ProductImage.objects.all().delete()

    page = staff.post(address(product), {**form, "further_images-0-position": "2"})

    assert page.status_code == 200
    assert not ProductImage.objects.exists()


def test_a_row_that_is_gone_is_not_brought_back(staff: Client) -> None:
    product = make_product()
    form = open_form(staff, product)
    Product.objects.all().delete()

    staff.post(address(product), form)

    assert not Product.objects.exists()


def test_a_new_row_is_saved_whole(staff: Client) -> None:
    form = read_form(staff.get(reverse("admin:recommendations_product_add")))
    typed = {"name": "Lamp", "category": "Home", "price": "9.99", "stock": "3"}

    staff.post(reverse("admin:recommendations_product_add"), {**form, **typed})

    product = Product.objects.get()
    assert (product.name, product.stock, product.is_active) == ("Lamp", 3, True)


@pytest.mark.parametrize("page", admin.site._registry.values(), ids=lambda page: page.opts.label)
def test_every_form_of_the_admin_saves_only_changes(page: Any) -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("root")
    inlines = page.get_inline_instances(request)
    forms = [each for each in [page, *inlines] if each.has_change_permission(request)]

    assert all(issubclass(each.form, ShownValuesForm) for each in forms)
    assert not page.list_editable or issubclass(page.list_form, ShownValuesForm)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time.")
@pytest.mark.django_db(transaction=True)
def test_a_purchase_while_a_form_is_saved_counts(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = make_product(stock=10)
    form = open_form(staff, product)
    buyer = threading.Thread(target=buy_three)
    validate = Product.full_clean

    def validate_while_somebody_buys(row: Product, **options: Any) -> None:
        buyer.start()
        # Until the purchase is done, or waits for the form.
        buyer.join(timeout=1)
        validate(row, **options)

    monkeypatch.setattr(Product, "full_clean", validate_while_somebody_buys)
    staff.post(address(product), {**form, "stock": "15"})
    buyer.join()

    product.refresh_from_db()
    assert product.stock == 12


def buy_three() -> None:
    Product.objects.update(stock=F("stock") - 3)
    connection.close()
