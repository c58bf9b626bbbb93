"""The pages on which staff try a change on lists that were served."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from recommendations.admin import what_if
from recommendations.choices import ModelState, RuleAction, WhatIfState
from recommendations.models import ModelVersion, Product, ServedList, UserBehavior, WhatIf
from recommendations.services.lists import served_log
from recommendations.services.people.roles import Role
from recommendations.tests.admin.handed_over import HandedOver, keep_handed_over, work
from recommendations.tests.builders import (
    draft_rule,
    make_products,
    make_rule,
    make_user,
    sign_in,
)

pytestmark = pytest.mark.django_db

PAGE = "/admin/recommendations/merchandisingrule/what-if/"
TRIED = {"placement": "home", "how_many": "1000", "model": ""}
MOST_QUERIES = 30


@pytest.fixture
def merchandiser() -> Client:
    member = make_user("merchandiser", is_staff=True)
    member.groups.add(Group.objects.get(name=Role.MERCHANDISER.value))
    return sign_in(member)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> HandedOver:
    """Keep what is handed to the queue, until `work` does it."""
    return keep_handed_over(monkeypatch, what_if)


def serve_lists(count: int = 3) -> None:
    make_products(6, brand="Acme")
    make_products(6, brand="Nord")
    for _ in range(count):
        Client().get("/api/popular/", {"count": 8})
    served_log.flush()


def click_often() -> None:
    """Turn the lists of the log around in turns, and click in each."""
    for number, served in enumerate(ServedList.objects.order_by("created_at")):
        if number % 2:
            served.product_ids = served.product_ids[::-1]
            served.save()
        UserBehavior.objects.create(
            session_id=f"clicking-{number}",
            product_id=served.product_ids[number % 8],
            interaction_type="view",
            list_id=served.pk,
        )


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_staff_try_a_rule_and_read_what_it_would_do(merchandiser: Client, sent: HandedOver) -> None:
    serve_lists(240)
    Product.objects.update(cost=4)
    click_often()
    hiding = draft_rule(RuleAction.HIDE, brand="Acme")
    form = text_of(merchandiser.get(PAGE))

    asked = merchandiser.post(PAGE, {**TRIED, "tried": [hiding.pk]})
    waiting = merchandiser.get(asked["Location"])
    work(sent)
    done = text_of(merchandiser.get(asked["Location"]))

    assert f"“Acme” (rule {hiding.pk})" in form
    assert "Waiting for the worker." in text_of(waiting)
    assert 'http-equiv="refresh"' in waiting.content.decode()
    for words in ("100.0% 240 of 240", "Expected clicks", "Expected margin", "Nord", "leaves"):
        assert words in done
    listed = text_of(merchandiser.get(PAGE))
    assert "done" in listed
    assert "merchandiser" in listed


def test_a_thin_log_is_told_on_the_page(merchandiser: Client, sent: HandedOver) -> None:
    serve_lists()
    rule = make_rule(RuleAction.HIDE, brand="Acme")

    asked = merchandiser.post(PAGE, {**TRIED, "withdrawn": [rule.pk]})
    work(sent)
    page = text_of(merchandiser.get(asked["Location"]))

    told = "200 clicks on products that stood at several places are needed, and the log has 0."
    assert told in page
    assert "No margin is told: no product of these lists has a cost." in page


def draw_slots(count: int) -> None:
    """Copy a list of the log, with a slot in which either brand was drawn; half are clicked."""
    serve_lists(1)
    [served] = ServedList.objects.all()
    acme, nord = (
        next(pk for pk in served.product_ids if Product.objects.get(pk=pk).brand == brand)
        for brand in ("Acme", "Nord")
    )
    for number in range(count):
        drawn = (acme, nord)[number % 2]
        slot = {"place": 1, "candidates": [acme, nord], "product": drawn, "propensity": 0.5}
        served.pk, served.slot = uuid4(), {**slot, "draw": str(number)}
        served.save(force_insert=True)
        if number % 4 < 2:
            UserBehavior.objects.create(
                session_id=f"v{number}",
                product_id=drawn,
                interaction_type="view",
                list_id=served.pk,
            )


def test_the_page_tells_what_a_change_would_have_earned_in_a_slot_at_random(
    merchandiser: Client, sent: HandedOver
) -> None:
    draw_slots(420)
    # Its products are newer, so they are ranked first without the rule.
    hiding = draft_rule(RuleAction.HIDE, brand="Nord")

    asked = merchandiser.post(PAGE, {**TRIED, "tried": [hiding.pk]})
    work(sent)
    page = text_of(merchandiser.get(asked["Location"]))
    german = text_of(merchandiser.get(asked["Location"], headers={"Accept-Language": "de"}))

    told = "Draws of the slot: 420; clicks on it: 210; draws in which the change would put another"
    assert told in page
    # Either brand was clicked in half of its 210 draws.
    assert "SNIPS 500.0 (" in page
    assert "Lose des Platzes: 420; Klicks auf ihn: 210" in german
    assert "SNIPS 500,0 (" in german


def test_the_page_says_why_a_slot_tells_nothing(merchandiser: Client, sent: HandedOver) -> None:
    draw_slots(20)
    hiding = draft_rule(RuleAction.HIDE, brand="Acme")

    asked = merchandiser.post(PAGE, {**TRIED, "tried": [hiding.pk]})
    work(sent)
    page = text_of(merchandiser.get(asked["Location"]))

    assert "200 draws that agree with a policy are needed, and the log has 10." in page
    assert "SNIPS" not in page


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ("{", "This is not JSON"),
        ('{"unknown": 1}', "No recommender is called unknown"),
        ('{"collaborative": -1}', "Weights are numbers from 0 up"),
    ],
)
def test_weights_that_are_none_are_told_at_their_field(
    merchandiser: Client, weights: str, told: str
) -> None:
    page = merchandiser.post(PAGE, {**TRIED, "weights": weights})

    assert told in text_of(page)
    assert "weights" in page.context["form"].errors
    assert not WhatIf.objects.exists()


def test_the_field_of_weights_is_empty_before_and_after_an_error(merchandiser: Client) -> None:
    serve_lists()

    asked = merchandiser.get(PAGE)
    refused = merchandiser.post(PAGE, TRIED)

    for page in (asked, refused):
        assert page.status_code == 200
        assert not page.context["form"]["weights"].value()
        assert re.search(r'<input[^>]*name="weights"[^>]*>', page.content.decode())
        assert not re.search(r'<input[^>]*name="weights"[^>]*value=', page.content.decode())


def test_without_lists_the_page_says_so(merchandiser: Client, sent: HandedOver) -> None:
    hiding = draft_rule(RuleAction.HIDE, brand="Acme")

    asked = merchandiser.post(PAGE, {**TRIED, "tried": [hiding.pk]})
    work(sent)

    page = text_of(merchandiser.get(asked["Location"]))
    assert "No list of this placement could be made again." in page


def test_nothing_to_try_is_an_error_of_the_form(merchandiser: Client) -> None:
    page = merchandiser.post(PAGE, TRIED)

    assert "Choose what to try: a rule, a model version or weights." in text_of(page)
    assert not WhatIf.objects.exists()


def test_a_version_whose_files_are_deleted_is_told_in_words(merchandiser: Client) -> None:
    ModelVersion.objects.create(name="pruned", state=ModelState.REJECTED.value)

    form = text_of(merchandiser.get(PAGE))
    page = text_of(merchandiser.post(PAGE, {**TRIED, "model": "pruned"}))

    assert "pruned (its files are deleted)" in form
    assert "The files of model version pruned are deleted, so it cannot be tried." in page
    assert not WhatIf.objects.exists()


def test_a_run_can_be_cancelled(merchandiser: Client, sent: HandedOver) -> None:
    hiding = draft_rule(RuleAction.HIDE, brand="Acme")
    address = merchandiser.post(PAGE, {**TRIED, "tried": [hiding.pk]})["Location"]

    page = text_of(merchandiser.post(address, {"cancel": ""}, follow=True))
    work(sent)

    assert "The what-if is cancelled." in page
    assert WhatIf.objects.get().state == WhatIfState.CANCELLED.value
    again = text_of(merchandiser.post(address, {"cancel": ""}, follow=True))
    assert "The what-if is over already." in again


def test_a_run_whose_worker_was_killed_is_told_and_handed_over_again(
    merchandiser: Client, sent: HandedOver
) -> None:
    serve_lists()
    hiding = draft_rule(RuleAction.HIDE, brand="Acme")
    address = merchandiser.post(PAGE, {**TRIED, "tried": [hiding.pk]})["Location"]
    sent.clear()
    WhatIf.objects.update(
        state=WhatIfState.RUNNING.value, changed_at=timezone.now() - timedelta(minutes=4)
    )

    told = text_of(merchandiser.get(address))
    merchandiser.post(address)
    work(sent)

    assert "Nothing has happened for three minutes. The worker may have stopped." in told
    assert WhatIf.objects.get().state == WhatIfState.DONE.value


def test_another_run_is_refused_while_one_is_under_way(merchandiser: Client) -> None:
    hiding = draft_rule(RuleAction.HIDE, brand="Acme")
    merchandiser.post(PAGE, {**TRIED, "tried": [hiding.pk]})

    page = text_of(merchandiser.post(PAGE, {**TRIED, "tried": [hiding.pk]}))

    assert "Another what-if is under way. Wait until it is over, or cancel it." in page
    assert WhatIf.objects.count() == 1


def test_who_may_not_try_gets_403_and_no_button() -> None:
    run = WhatIf.objects.create(placement="home", how_many=1, change={})
    member = make_user("support", is_staff=True)
    member.groups.add(Group.objects.get(name=Role.SUPPORT.value))
    client = sign_in(member)

    statuses = [
        client.get(PAGE).status_code,
        client.post(PAGE, TRIED).status_code,
        client.get(f"{PAGE}{run.pk}/").status_code,
        client.post(f"{PAGE}{run.pk}/", {"cancel": ""}).status_code,
    ]

    assert statuses == [403] * 4
    run.refresh_from_db()
    assert run.state == WhatIfState.WAITING.value
    assert PAGE not in client.get("/admin/").content.decode()


def test_a_run_that_there_is_not_is_404(merchandiser: Client) -> None:
    assert merchandiser.get(f"{PAGE}99/").status_code == 404
    assert merchandiser.get(f"{PAGE}{2**70}/").status_code == 404


def test_the_pages_need_few_queries(
    merchandiser: Client,
    sent: HandedOver,
    django_assert_max_num_queries: Any,
) -> None:
    serve_lists()
    for number in range(5):
        make_rule(RuleAction.BURY, brand=f"Brand {number}", product=Product.objects.first())
        rule = draft_rule(RuleAction.HIDE, product=Product.objects.last())
        address = merchandiser.post(PAGE, {**TRIED, "tried": [rule.pk]})["Location"]
        work(sent)

    with django_assert_max_num_queries(MOST_QUERIES):
        merchandiser.get(PAGE)
    with django_assert_max_num_queries(MOST_QUERIES):
        page = merchandiser.get(address)

    assert page.status_code == 200


def test_the_result_speaks_german(merchandiser: Client, sent: HandedOver) -> None:
    serve_lists()
    hiding = draft_rule(RuleAction.HIDE, brand="Acme")
    address = merchandiser.post(PAGE, {**TRIED, "tried": [hiding.pk]})["Location"]
    work(sent)

    german = {"Accept-Language": "de"}
    page = text_of(merchandiser.get(address, headers=german))
    form = text_of(merchandiser.get(PAGE, headers=german))

    assert "Was wäre wenn?" in form
    for words in ("Listen, die sich ändern", "100,0 %", "Vorher", "geht hinaus"):
        assert words in page
