"""Who hears what: every kind of page, for every kind of news."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from recommendations.choices import RuleAction
from recommendations.models import InsightMark, ModelVersion, Product
from recommendations.realtime.application import LiveApplication
from recommendations.services.people import accounts, privacy
from recommendations.services.people.subjects import Subject
from recommendations.services.shop import carts, feedback
from recommendations.tests.builders import (
    PASSWORD,
    make_product,
    make_products,
    make_rule,
    make_user,
    post,
    sign_in,
)
from recommendations.tests.realtime.pages import STAFF, RefusedError, do, open_page, run

pytestmark = pytest.mark.django_db(transaction=True)


def make_staff(name: str, *rights: str) -> User:
    staff = make_user(name, is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return staff


def make_visiting_browser() -> Client:
    """Return a browser with a visitor's cookie."""
    client = Client()
    assert client.get("/api/recommendations/me/").status_code == 200
    return client


def change_product(product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(stock=3)


def test_of_a_like_only_the_pages_of_that_shopper_hear() -> None:
    product, other_product = make_products(2)
    ada = make_user("ada")
    strangers = {
        "visitor": make_visiting_browser(),
        "other shopper": sign_in(make_user("bob")),
        "no cookie": None,
        "staff without rights": sign_in(make_staff("clerk")),
        "staff with rights": sign_in(make_staff("boss", "view_insight", "view_modelversion")),
    }

    async def scenario(application: LiveApplication) -> None:
        phone, laptop = [await open_page(application, await do(sign_in, ada)) for _ in range(2)]
        others = {name: await open_page(application, one) for name, one in strangers.items()}

        await do(feedback.like_product, subject=Subject(user_id=ada.pk), product_id=product.pk)

        for page in (phone, laptop):
            await page.hear_topics("lists", "feedback")
        await do(change_product, other_product)
        for name, page in others.items():
            heard = await page.hear()
            assert heard == {"type": "products", "ids": [other_product.pk]}, name

    run(scenario)


def test_of_a_visitors_cart_only_the_pages_of_that_visitor_hear() -> None:
    product, other_product = make_products(2)
    own, other = make_visiting_browser(), make_visiting_browser()

    async def scenario(application: LiveApplication) -> None:
        page, stranger = await open_page(application, own), await open_page(application, other)

        answer = await do(post, own, "/api/cart/", {"product_id": product.pk})

        assert answer.status_code == 201
        await page.hear_topics("lists", "cart")
        await do(change_product, other_product)
        assert (await stranger.hear())["type"] == "products"

    run(scenario)


def test_the_tab_that_makes_a_change_hears_nothing_of_it() -> None:
    product = make_product()
    browser = sign_in(make_user())

    async def scenario(application: LiveApplication) -> None:
        acting = await open_page(application, browser, query="tab=tab-of-one")
        watching = await open_page(application, browser, query="tab=tab-of-another")

        await do(
            browser.post,
            "/api/likes/",
            {"product_id": product.pk},
            content_type="application/json",
            headers={"X-Tab": "tab-of-one"},
        )

        await watching.hear_topics("lists", "feedback")
        await do(change_product, product)
        assert (await acting.hear())["type"] == "products"

    run(scenario)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "https://testserver",
        "http://testserver:8080",
        "http://testserver.evil.example",
    ],
)
def test_another_site_opens_no_socket(origin: str | None) -> None:
    browser = sign_in(make_user())

    async def scenario(application: LiveApplication) -> None:
        with pytest.raises(RefusedError):
            await open_page(application, browser, origin=origin)

    run(scenario)


def test_everybody_hears_that_staff_hid_a_product() -> None:
    product = make_product()

    async def scenario(application: LiveApplication) -> None:
        page = await open_page(application)
        await do(change_product, product)
        assert (await page.hear())["type"] == "products"

        await do(make_rule, RuleAction.HIDE, product=product)

        assert await page.hear() == {"type": "rules"}

    run(scenario)


def test_of_many_changed_products_pages_hear_once_and_no_ids() -> None:
    first, *_ = make_products(120)

    async def scenario(application: LiveApplication) -> None:
        page = await open_page(application)
        await do(Product.objects.filter(pk__gt=0).update, stock=4)
        assert await page.hear() == {"type": "products"}

        await do(change_product, first)
        await do(make_rule, RuleAction.HIDE, product=first)

        assert await page.hear() == {"type": "rules"}

    run(scenario)


@pytest.mark.parametrize(
    ("rights", "topics"),
    [
        (["view_modelversion"], ["training"]),
        (["view_insight"], ["figures"]),
        (["view_modelversion", "view_insight"], ["training", "figures"]),
    ],
)
def test_staff_hear_of_what_they_may_see(rights: list[str], topics: list[str]) -> None:
    staff = sign_in(make_staff("ann", *rights))

    async def scenario(application: LiveApplication) -> None:
        boss = await do(sign_in, await do(make_staff, "boss", "view_modelversion", "view_insight"))
        page, all_pages = [
            await open_page(application, browser, path=STAFF) for browser in (staff, boss)
        ]

        await do(ModelVersion.objects.create, name="first")

        assert await all_pages.hear() == {"type": "training"}
        if "training" in topics:
            assert await page.hear() == {"type": "training"}

        await do(
            InsightMark.objects.create,
            at=timezone.now(),
            interaction_id=0,
            order_id=0,
            settings="",
        )

        assert await all_pages.hear() == {"type": "figures"}
        if "figures" in topics:
            assert await page.hear() == {"type": "figures"}

    run(scenario)


@pytest.mark.parametrize("kind", ["no cookie", "visitor", "shopper", "staff without rights"])
def test_others_hear_nothing_of_the_admin(kind: str) -> None:
    browsers: dict[str, Callable[[], Client | None]] = {
        "no cookie": lambda: None,
        "visitor": make_visiting_browser,
        "shopper": lambda: sign_in(make_user()),
        "staff without rights": lambda: sign_in(make_staff("clerk", "view_product")),
    }
    browser = browsers[kind]()

    async def scenario(application: LiveApplication) -> None:
        with pytest.raises(RefusedError):
            await open_page(application, browser, path=STAFF)

    run(scenario)


def test_no_socket_stands_at_another_path() -> None:
    async def scenario(application: LiveApplication) -> None:
        with pytest.raises(RefusedError):
            await open_page(application, path="/ws/")

    run(scenario)


def sign_out(user: User, browser: Client) -> None:
    assert post(browser, "/api/auth/logout/", {}).status_code == 204


def reset_password(user: User, browser: Client) -> None:
    credentials = accounts.make_reset_credentials(user)
    accounts.reset_password(**credentials, password="another-" + PASSWORD)


def erase(user: User, browser: Client) -> None:
    privacy.erase(Subject(user_id=user.pk))


@pytest.mark.parametrize("end", [sign_out, reset_password, erase])
def test_the_socket_of_a_session_that_ended_is_closed(end: object) -> None:
    user = make_user()
    browser = sign_in(user)

    async def scenario(application: LiveApplication) -> None:
        page = await open_page(application, browser)

        await do(end, user, browser)  # type: ignore[arg-type]

        heard = [await page.hear()]
        while "closed" not in heard[-1]:
            heard.append(await page.hear())
        assert heard[-1] == {"closed": 4001}

    run(scenario)


def test_what_is_rolled_back_is_not_announced() -> None:
    product = make_product()
    ada = make_user()
    subject = Subject(user_id=ada.pk)

    def fail_to_add() -> None:
        with pytest.raises(Exception, match="at most"):
            carts.add_to_cart(subject=subject, product_id=product.pk, quantity=100)

    async def scenario(application: LiveApplication) -> None:
        page = await open_page(application, await do(sign_in, ada))

        await do(fail_to_add)

        await do(change_product, product)
        assert (await page.hear())["type"] == "products"

    run(scenario)
