"""Reasons in the lists of every shopper of a sample shop: various, true, and they add up."""

from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from django.core.management import call_command

from recommendations.choices import InteractionType, Placement
from recommendations.engine.result import RankedProduct
from recommendations.models import UserBehavior
from recommendations.reasons import ReasonCode
from recommendations.services.insight.explain import explain_page
from recommendations.services.insight.questions import Page, Question
from recommendations.services.insight.why import Why, explain_entries
from recommendations.services.people.subjects import Subject
from recommendations.services.training import live_model
from recommendations.services.training.train import train

pytestmark = pytest.mark.django_db

COUNT = 12
NEARLY_AS_MUCH = 0.5
TOLD = {
    ReasonCode.VIEWED: InteractionType.VIEW,
    ReasonCode.LIKED: InteractionType.LIKE,
    ReasonCode.PUT_IN_CART: InteractionType.CART,
    ReasonCode.PURCHASED: InteractionType.PURCHASE,
}


@pytest.fixture
def shoppers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the ids of all who did something in a small sample shop with a live model."""
    monkeypatch.setattr(live_model, "POLL_SECONDS", 3600.0)
    call_command(
        "populate_sample_data",
        *("--products", "240", "--users", "80", "--interactions", "6000"),
        verbosity=0,
    )
    train()
    live_model.refresh()
    active = UserBehavior.objects.filter(user__isnull=False).values_list("user_id", flat=True)
    return sorted({pk for pk in active if pk is not None})


def explain_home(user_id: int) -> Iterator[tuple[str, list[Why]]]:
    """Yield each list of a shopper's home page, explained."""
    page = explain_page(Question(Page(Placement.HOME.value), Subject(user_id=user_id), count=COUNT))
    for name, traced in page.lists.items():
        yield name, explain_entries(page, traced)


def add_up(why: Why) -> dict[int, float]:
    """Return what each product of the history, other than the listed one, added to the score."""
    parts: dict[int, float] = defaultdict(float)
    for one in why.parts.history if why.parts else ():
        if one.product_id != why.entry.product_id:
            parts[one.product_id] += one.part
    return parts


def names_another(entry: RankedProduct) -> bool:
    return entry.reason.product_id not in {None, entry.product_id}


def test_no_product_is_named_in_more_than_a_third_of_a_list_where_others_explain_nearly_as_much(
    shoppers: list[int],
) -> None:
    explained = gave_way = 0

    for user_id in shoppers:
        whole = next(listed for name, listed in explain_home(user_id) if name == "for-you")
        listed = [why for why in whole if why.parts is not None]
        named = Counter(why.entry.reason.product_id for why in listed if names_another(why.entry))
        most = max(1, len(listed) // 3)
        for why in listed:
            parts, reason = add_up(why), why.entry.reason.product_id
            if not names_another(why.entry):
                continue
            own = parts[reason or 0]
            explained += 1
            gave_way += own < max(parts.values())
            assert own >= NEARLY_AS_MUCH * max(parts.values()) - 1e-6
            if named[reason] > most:
                free = [part for pk, part in parts.items() if named[pk] < most]
                assert max(free, default=0.0) < NEARLY_AS_MUCH * own + 1e-6
    assert explained > 5 * len(shoppers)
    assert gave_way > 0.05 * explained


def test_what_was_viewed_liked_put_in_the_cart_or_bought_is_said_as_it_was(
    shoppers: list[int],
) -> None:
    done = set(UserBehavior.objects.values_list("user_id", "product_id", "interaction_type"))
    told = Counter[ReasonCode]()

    for user_id in shoppers:
        for _, listed in explain_home(user_id):
            for why in listed:
                reason = why.entry.reason
                if reason.code in TOLD:
                    assert (user_id, reason.product_id, TOLD[reason.code].value) in done
                    told[reason.code] += 1
    assert min(told[code] for code in TOLD) > 0


def test_the_parts_of_a_score_add_up_to_it(shoppers: list[int]) -> None:
    explained = 0

    for user_id in shoppers:
        for _, listed in explain_home(user_id):
            for why in listed:
                if why.parts is not None:
                    explained += 1
                    total = sum(one.part for one in why.parts.history) + why.parts.rest
                    assert total == pytest.approx(why.parts.score, abs=1e-4)
    assert explained > 5 * len(shoppers)
