"""Open sockets: how many, for how long, and what they do with clients that misbehave."""

import asyncio

import pytest

from recommendations.realtime import hub, relay, sockets
from recommendations.realtime.application import LiveApplication
from recommendations.services.people.subjects import Subject
from recommendations.services.shop import carts
from recommendations.tests.builders import make_product, make_shopper, make_user, sign_in
from recommendations.tests.realtime.pages import RefusedError, do, open_page, run

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_subjects_oldest_socket_makes_room_for_one_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub, "MAX_OF_AUDIENCE", 2)
    user = make_user()
    browser, product = sign_in(user), make_product()

    async def scenario(application: LiveApplication) -> None:
        oldest, *others = [await open_page(application, browser) for _ in range(3)]

        assert await oldest.hear() == {"closed": 4008}
        await do(carts.add_to_cart, subject=Subject(user_id=user.pk), product_id=product.pk)
        for page in others:
            await page.hear_topics("lists", "cart")

    run(scenario)


def test_an_address_with_too_many_sockets_gets_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MAX_OF_ADDRESS", 2)
    monkeypatch.setattr(sockets, "HEARTBEAT_SECONDS", 0.05)

    async def scenario(application: LiveApplication) -> None:
        first, _ = [await open_page(application) for _ in range(2)]
        with pytest.raises(RefusedError):
            await open_page(application)
        await open_page(application, address="192.0.2.2")

        await first.leave()

        await open_page(application)

    run(scenario)


def test_a_process_with_too_many_sockets_opens_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MAX_SOCKETS", 1)
    monkeypatch.setattr(sockets, "HEARTBEAT_SECONDS", 0.05)

    async def scenario(application: LiveApplication) -> None:
        page = await open_page(application)
        with pytest.raises(RefusedError):
            await open_page(application, address="192.0.2.2")
        await page.leave()

    run(scenario)


def test_a_client_that_sends_something_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HEARTBEAT_SECONDS", 0.05)

    async def scenario(application: LiveApplication) -> None:
        page = await open_page(application)

        await page.say("x" * 1000)

        assert await page.hear() == {"closed": 1003}

    run(scenario)


def test_a_page_has_to_connect_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(sockets, "LIFETIME_SECONDS", 0.1)

    async def scenario(application: LiveApplication) -> None:
        page = await open_page(application)

        assert await page.hear() == {"closed": 4001}

    run(scenario)


def test_a_batch_of_events_is_one_piece_of_news() -> None:
    user, products = make_user(), [make_product() for _ in range(20)]
    subject = Subject(user_id=user.pk)

    def fill_cart() -> None:
        for product in products:
            carts.add_to_cart(subject=subject, product_id=product.pk)

    async def scenario(application: LiveApplication) -> None:
        page = await open_page(application, await do(sign_in, user))

        await do(fill_cart)

        heard = [(await page.hear())["type"]]
        while "cart" not in heard or "lists" not in heard:
            heard.append((await page.hear())["type"])
        # Gathered for a moment each time, so far fewer than the forty announcements.
        assert len(heard) < 20

    run(scenario)


def test_a_page_that_cannot_be_told_of_others_is_not_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub, "START_SECONDS", 0.1)
    browser = sign_in(make_user())

    async def scenario(application: LiveApplication) -> None:
        async def never(_self: object) -> None:
            await asyncio.Future()

        monkeypatch.setattr(relay.Relay, "run", never)
        with pytest.raises(RefusedError):
            await open_page(application, browser)

    run(scenario)


def test_an_announcement_without_listeners_costs_nothing() -> None:
    subject, product = make_shopper(), make_product()

    cart = carts.add_to_cart(subject=subject, product_id=product.pk)

    assert cart.item_count == 1
