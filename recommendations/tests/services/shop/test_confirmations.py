"""Mails that confirm orders: in the order's language, once, and late rather than never."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from recommendations.checks import NOWHERE
from recommendations.choices import DeliveryMethod
from recommendations.models import Order
from recommendations.services.shop import confirmations
from recommendations.services.shop.checkouts import Address, Checkout, SeenLine
from recommendations.services.shop.confirmations import GIVE_UP_AFTER, send_due_confirmations
from recommendations.services.shop.orders import place_order
from recommendations.tasks import send_order_confirmations
from recommendations.tests.builders import make_product, make_user, make_visitor, post, sign_in

pytestmark = pytest.mark.django_db

BERLIN = Address("Mara Ode", "Elm Row 4", "10115", "Berlin", "DE", DeliveryMethod.PICKUP)


def place(**columns: Any) -> Order:
    """Place an order of two lamps, and give its row these columns."""
    lamp = make_product(name="Lamp", price="1250.50")
    checkout = Checkout(
        lines=[SeenLine(lamp.pk, 2, Decimal("1250.50"))],
        from_cart=False,
        delivery=BERLIN,
        email="mara@shop.example",
        language="en",
    )
    order, _ = place_order(subject=make_visitor(), checkout=checkout)
    Order.objects.filter(pk=order.pk).update(**columns)
    return order


def test_a_guest_gets_one_mail_with_number_lines_total_and_address() -> None:
    order = place(created_at=timezone.now())
    Order.objects.update(arrives_on="2026-12-05")

    send_order_confirmations()
    send_order_confirmations()

    [sent] = mail.outbox
    assert sent.to == ["mara@shop.example"]
    assert sent.subject == f"Your order {order.pk} at Magpie"
    assert "2 × Lamp: 2,501.00 USD" in sent.body
    assert "Total: 2,501.00 USD" in sent.body
    assert (
        "To a pick-up point near this address, by Saturday, December 5, 2026:\n"
        "Mara Ode\nElm Row 4\n10115 Berlin\nGermany\n"
    ) in sent.body


@pytest.mark.parametrize("language", ["de", "fr"])
def test_the_mail_is_in_the_shoppers_language_or_else_in_the_shops(
    language: str, settings: Any
) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "language": "de", "currency": "EUR"}
    order = place(language=language, arrives_on="2026-12-05")

    send_due_confirmations()

    [sent] = mail.outbox
    assert sent.subject == f"Ihre Bestellung {order.pk} bei Magpie"
    assert "Summe: 2.501,00 EUR" in sent.body
    assert "bis Samstag, 5. Dezember 2026:" in sent.body
    assert "10115 Berlin\nDeutschland\n" in sent.body


@pytest.mark.parametrize(
    ("accepted", "subject"),
    [("de-AT,en;q=0.5", "Ihre Bestellung"), ("en", "Your order"), (None, "Your order")],
)
def test_the_language_is_that_of_the_browser(accepted: str | None, subject: str) -> None:
    browser = Client(headers={} if accepted is None else {"accept-language": accepted})
    post(browser, "/api/cart/", {"product_id": make_product().pk})
    post(browser, "/api/orders/", {"email": "mara@shop.example"})

    send_due_confirmations()

    assert mail.outbox[0].subject.startswith(subject)


def test_an_order_without_an_address_of_mail_or_street_is_no_error() -> None:
    place(email="", confirmation_due_at=None)
    place(name="", street="", postcode="", city="", country="")

    assert send_due_confirmations() == 1


def test_confirmations_above_the_limit_of_an_address_wait_and_none_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(confirmations, "MAILS_PER_HOUR", 2)
    for _ in range(3):
        place()

    first = send_due_confirmations()
    Order.objects.filter(confirmation_due_at__isnull=False).update(
        confirmation_due_at=timezone.now(), email="MARA@shop.example"
    )
    refused = send_due_confirmations()
    monkeypatch.setattr(confirmations, "MAILS_PER_HOUR", 100)
    Order.objects.filter(confirmation_due_at__isnull=False).update(
        confirmation_due_at=timezone.now()
    )
    later = send_due_confirmations()

    assert (first, refused, later) == (2, 0, 1)


def test_a_mail_server_that_fails_is_tried_again_later(settings: Any) -> None:
    place()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    failed = send_due_confirmations()
    at_once = send_due_confirmations()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Order.objects.update(confirmation_due_at=timezone.now())
    again = send_due_confirmations()

    assert (failed, at_once, again) == (0, 0, 1)


def test_a_confirmation_that_fails_for_days_is_given_up() -> None:
    place(created_at=timezone.now() - GIVE_UP_AFTER - timedelta(minutes=1))

    assert send_due_confirmations() == 0


def test_without_a_mail_server_confirmations_stay_due_and_recent_ones_are_sent_later(
    settings: Any,
) -> None:
    old = place(created_at=timezone.now() - GIVE_UP_AFTER - timedelta(minutes=1))
    yesterday = place(created_at=timezone.now() - timedelta(days=1))
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, NOWHERE

    without = send_due_confirmations()
    settings.EMAIL_BACKEND = backend
    later = send_due_confirmations()

    assert (without, later) == (0, 1)
    assert f"Your order {yesterday.pk} at" in mail.outbox[0].subject
    assert Order.objects.get(pk=old.pk).confirmation_due_at is not None


def test_staff_read_what_became_of_a_confirmation(settings: Any) -> None:
    staff = sign_in(make_user(is_staff=True, is_superuser=True))
    old = place(created_at=timezone.now() - GIVE_UP_AFTER - timedelta(minutes=1))
    sent, nameless = place(confirmation_due_at=None), place(email="", confirmation_due_at=None)
    waiting = place(confirmation_due_at="2026-01-05T09:30:00Z", created_at=timezone.now())

    def read(order: Order) -> str:
        page = staff.get(f"/admin/recommendations/order/{order.pk}/change/").content.decode()
        [found] = re.findall(r"(?:None|Sent|Not sent)[^<]*\.(?=\s*<)", page)
        return str(found)

    assert read(old) == "Not sent, and given up after 3 days."
    assert (read(sent), read(nameless)) == ("Sent.", "None: the order has no mail address.")
    assert read(waiting) == "Not sent yet; tried next at 2026-01-05 09:30."
    settings.EMAIL_BACKEND = NOWHERE
    assert read(waiting) == "Not sent: there is no mail server. Set EMAIL_HOST."
