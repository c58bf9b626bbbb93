"""Why and why not, on the sample shop: against what is served, and against the pipeline's data."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Count

from recommendations.choices import InteractionType, Placement, RuleAction, Source
from recommendations.engine import mmr
from recommendations.engine.candidates import Candidate
from recommendations.engine.trace import Stage
from recommendations.models import (
    CartItem,
    Dismissal,
    MerchandisingRule,
    Product,
    UserBehavior,
)
from recommendations.services.insight.explain import TracedPage, Variation, explain_page
from recommendations.services.insight.questions import Page, Question
from recommendations.services.insight.why import explain_entries
from recommendations.services.insight.why_not import explain_absence
from recommendations.services.lists import build, item_lists, non_personal, personal
from recommendations.services.lists.context import ListContext
from recommendations.services.people.subjects import Subject
from recommendations.services.search import live_index
from recommendations.services.shop.merchandising import compile_rules
from recommendations.services.shop.rule_versions import read_draft
from recommendations.services.training import live_model
from recommendations.services.training.train import train
from recommendations.tests.builders import (
    draft_rule,
    make_interactions,
    make_rule,
    make_shopper,
    make_two_taste_shop,
    put_in_cart,
    sign_in,
)

pytestmark = pytest.mark.django_db

N_SHOPPERS = 50
N_PRODUCTS = 200
COUNT = 8


@pytest.fixture
def shoppers(monkeypatch: pytest.MonkeyPatch) -> list[User]:
    """Return fifty shoppers of a small sample shop with a live model, rules, carts, dismissals."""
    monkeypatch.setattr(live_model, "POLL_SECONDS", 3600.0)
    call_command(
        "populate_sample_data",
        *("--products", "240", "--users", "80", "--interactions", "6000"),
        verbosity=0,
    )
    train()
    live_model.refresh()
    live_index.get_current()
    busy = (
        UserBehavior.objects.filter(user__isnull=False, user__is_staff=False)
        .values("user_id")
        .annotate(n=Count("id"))
        .order_by("-n", "user_id")
        .values_list("user_id", flat=True)[:N_SHOPPERS]
    )
    accounts = [User.objects.get(pk=pk) for pk in busy]
    products = [*Product.objects.filter(is_active=True, stock__gt=0).order_by("pk")]
    brands = Counter(product.brand for product in products if product.brand).most_common(3)
    make_rule(RuleAction.HIDE, brand=brands[0][0])
    make_rule(RuleAction.BOOST, brand=brands[1][0])
    make_rule(RuleAction.BURY, brand=brands[2][0])
    make_rule(RuleAction.PIN, product=products[7], placement="home")
    for number, account in enumerate(accounts):
        subject = Subject(user_id=account.pk)
        CartItem.objects.filter(user=account).delete()
        put_in_cart(subject, products[number])
        put_in_cart(subject, products[(5 * number + 1) % len(products)])
        Dismissal.objects.get_or_create(user=account, product=products[60 + number])
    return accounts


def to_lists(page: TracedPage) -> dict[str, list[tuple[int, float]]]:
    return {
        name: [(entry.product_id, entry.confidence_score) for entry in one.found.entries]
        for name, one in page.lists.items()
        if one.found is not None
    }


def test_the_preview_of_fifty_shoppers_equals_what_is_served_at_each_placement(
    shoppers: list[User],
) -> None:
    lengths = Counter[str]()

    for account in shoppers:
        latest = UserBehavior.objects.filter(user=account, product__is_active=True).order_by(
            "-timestamp", "-id"
        )
        product_id = latest.values_list("product_id", flat=True)[0]
        browser = sign_in(account)
        for placement in Placement:
            about = product_id if placement is Placement.PRODUCT else None
            of_product = {} if about is None else {"product_id": about}
            answer = browser.get(
                "/api/page/",
                {"placement": placement.value, "count": COUNT, **of_product},
            ).json()
            served = {
                one["name"]: [
                    (entry["product_id"], entry["confidence_score"])
                    for entry in one["recommendations"]
                ]
                for one in answer["lists"]
            }

            subject = Subject(user_id=account.pk)
            question = Question(Page(placement.value), subject, product_id=about, count=COUNT)

            assert to_lists(explain_page(question)) == served
            lengths[placement.value] += sum(map(len, served.values()))
        category = Product.objects.get(pk=product_id).category.split(" > ")[0]
        asked: dict[str, str | int] = {"category": category, "count": COUNT}
        served = {
            name: [
                (entry["product_id"], entry["confidence_score"])
                for entry in browser.get(f"/api/{name}/", asked).json()["recommendations"]
            ]
            for name in ("trending", "popular")
        }
        question = Question(
            Page.CATEGORY, Subject(user_id=account.pk), category=category, count=COUNT
        )

        assert to_lists(explain_page(question)) == served
        lengths[Page.CATEGORY.value] += sum(map(len, served.values()))
    assert lengths.keys() == {page.value for page in Page}
    assert min(lengths.values()) > N_SHOPPERS


class Pipeline:
    """What the functions of the pipeline took and gave while a list was served."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.spec: Any = None
        self.context: Any = None
        self.rerank: dict[str, Any] = {}
        self.chosen: list[Candidate] = []
        built, reranked = build.build, mmr.rerank_mmr

        def note_build(spec: Any, context: Any) -> Any:
            self.spec, self.context = spec, context
            return built(spec, context)

        def note_rerank(candidates: Any, **arguments: Any) -> Any:
            self.rerank = {"candidates": candidates, **arguments}
            self.chosen = reranked(candidates, **arguments)
            return self.chosen

        monkeypatch.setattr(personal, "build", note_build)
        monkeypatch.setattr(build, "rerank_mmr", note_rerank)

    def list_named(self, shopper: User) -> Iterator[Candidate]:
        """Yield what the sources of the list name, asked for as much as the list asks for."""
        left_out = {*_list_bought(shopper), *_list_in_cart(shopper), *_list_dismissed(shopper)}
        for source in self.spec.sources:
            yield from source(4 * COUNT + 20 + len(left_out))


def _list_bought(shopper: User) -> set[int]:
    bought = UserBehavior.objects.filter(
        user=shopper, interaction_type=InteractionType.PURCHASE.value
    )
    return set(bought.values_list("product_id", flat=True))


def _list_in_cart(shopper: User) -> set[int]:
    return set(CartItem.objects.filter(user=shopper).values_list("product_id", flat=True))


def _list_dismissed(shopper: User) -> set[int]:
    return set(Dismissal.objects.filter(user=shopper).values_list("product_id", flat=True))


def find_choice_stages(rerank: dict[str, Any]) -> tuple[list[int], dict[int, Stage]]:
    """Choose by MMR within caps, the plain way; return who is chosen, and why others are not."""
    candidates, weight = rerank["candidates"], rerank["mmr_lambda"]
    order = [*dict.fromkeys(one.source for one in candidates)]
    relevance = {
        one.product_id: weight * one.score - 10 * order.index(one.source) for one in candidates
    }
    # Without vectors, nothing is alike.
    has_vectors = rerank["vectors"] is not None
    vectors = dict(zip(relevance, rerank["vectors"], strict=True)) if has_vectors else {}
    by_model = {one.product_id for one in candidates if has_vectors and one.source is Source.MODEL}
    paths = {pk: rerank["products"][pk].category.split(" > ") for pk in relevance}
    chosen: list[int] = []
    stages = dict.fromkeys(relevance, Stage.OUTRANKED)

    def is_barred(pk: int) -> bool:
        same = sum(paths[one] == paths[pk] for one in chosen)
        same_top = sum(paths[one][0] == paths[pk][0] for one in chosen)
        return bool(same >= rerank["max_per_category"] or same_top >= rerank["max_per_department"])

    def find_value(pk: int) -> float:
        alike = [vectors[one] @ vectors[pk] for one in chosen if {one, pk} <= by_model]
        return float(relevance[pk] - (1 - weight) * max([0.0, *alike]))

    while len(chosen) < rerank["count"]:
        left = [pk for pk in relevance if pk not in chosen]
        free = [pk for pk in left if not is_barred(pk)]
        if not free:
            break
        best = max(free, key=find_value)
        for pk in left:
            if pk not in free and find_value(pk) > find_value(best):
                stages[pk] = Stage.CAPPED
            elif pk in free and relevance[pk] > relevance[best]:
                stages[pk] = stages[pk] if stages[pk] is Stage.CAPPED else Stage.TOO_SIMILAR
        chosen.append(best)
    return chosen, stages


def test_why_not_names_the_true_stage_of_two_hundred_products(
    shoppers: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    products = [*Product.objects.order_by("pk")[:N_PRODUCTS]]
    Product.objects.filter(pk__in=[product.pk for product in products[:3]]).update(stock=0)
    Product.objects.filter(pk__in=[product.pk for product in products[3:6]]).update(is_active=False)
    products = [*Product.objects.order_by("pk")[:N_PRODUCTS]]
    condition = MerchandisingRule.objects.get(action="hide").condition
    assert condition is not None
    (hidden_brand,) = condition["value"]
    counted = Counter[Stage]()
    assert len(products) == N_PRODUCTS

    pipeline = Pipeline(monkeypatch)
    for shopper in shoppers[:8]:
        context = ListContext(Subject(user_id=shopper.pk))
        served = personal.build_personal_list(context, Placement.HOME, COUNT)
        chosen, stages = find_choice_stages(pipeline.rerank)
        assert chosen == [one.product_id for one in pipeline.chosen]
        named_by_sources = [*pipeline.list_named(shopper)]
        page = explain_page(Question(Page.HOME, Subject(user_id=shopper.pk), count=COUNT))
        bought, in_cart = _list_bought(shopper), _list_in_cart(shopper)
        dismissed = _list_dismissed(shopper)
        named = {one.product_id for one in named_by_sources}

        def find_stage(
            product: Product,
            listed: set[int] = {entry.product_id for entry in served.entries},  # noqa: B006
            stages: dict[int, Stage] = stages,
            bought: set[int] = bought,
            in_cart: set[int] = in_cart,
            dismissed: set[int] = dismissed,
            named: set[int] = named,
        ) -> Stage | None:
            truths = (
                (product.pk in listed, None),
                (not product.is_active, Stage.INACTIVE),
                (product.stock == 0, Stage.SOLD_OUT),
                (product.pk in in_cart, Stage.IN_CART),
                (product.pk in dismissed, Stage.DISMISSED),
                (product.pk in bought and not product.is_repeatable, Stage.BOUGHT),
                (product.brand == hidden_brand, Stage.HIDDEN),
                (product.pk in stages, stages.get(product.pk)),
                (product.pk in named, Stage.NOT_NEEDED),
                (True, Stage.NOT_NAMED),
            )
            return next(stage for holds, stage in truths if holds)

        for product in products:
            found = explain_absence(page, page.lists["for-you"], product.pk)

            told = found.stage if found else None
            assert told is find_stage(product), (shopper.pk, product.pk, told)
            if told is not None:
                counted[told] += 1

    assert {
        Stage.INACTIVE,
        Stage.SOLD_OUT,
        Stage.IN_CART,
        Stage.DISMISSED,
        Stage.BOUGHT,
        Stage.HIDDEN,
        Stage.OUTRANKED,
        Stage.NOT_NEEDED,
        Stage.NOT_NAMED,
        Stage.TOO_SIMILAR,
    } <= counted.keys()


def test_a_full_category_is_named_and_how_many_of_it_the_list_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tents = make_two_taste_shop()["Tents"]
    train()
    live_model.refresh()
    camper = make_shopper()
    make_interactions(camper, tents[:3])
    pipeline = Pipeline(monkeypatch)
    personal.build_personal_list(ListContext(camper), Placement.HOME, COUNT)
    _, stages = find_choice_stages(pipeline.rerank)
    page = explain_page(Question(Page.HOME, camper, count=COUNT))

    capped = [pk for pk, stage in stages.items() if stage is Stage.CAPPED]
    told = [explain_absence(page, page.lists["for-you"], pk) for pk in capped]

    assert len(capped) >= 3
    assert {(one.stage, one.group, one.cap) for one in told if one} == {
        (Stage.CAPPED, "Tents", COUNT // 2)
    }


def test_the_parts_of_each_score_add_up_by_member_and_by_history(shoppers: list[User]) -> None:
    explained = 0

    for shopper in shoppers[:10]:
        page = explain_page(Question(Page.HOME, Subject(user_id=shopper.pk), count=COUNT))
        traced = page.lists["for-you"]
        for why in explain_entries(page, traced):
            if why.parts is None:
                continue
            explained += 1
            assert why.named is not None
            assert sum(part.part for part in why.parts.members) == pytest.approx(why.named.score)
            of_history = sum(part.part for part in why.parts.history)
            assert of_history + why.parts.rest == pytest.approx(why.named.score)
            assert abs(why.parts.rest) < np.inf
            assert traced.found is not None
            assert traced.found.entries[why.place - 1].product_id == why.entry.product_id
    assert explained > 40


def test_what_is_said_to_bring_a_product_in_does_so(shoppers: list[User]) -> None:
    tried = 0

    for shopper in shoppers[:6]:
        question = Question(Page.HOME, Subject(user_id=shopper.pk), count=COUNT)
        page = explain_page(question)
        traced = page.lists["for-you"]
        for candidate in traced.trace.weighed:
            found = explain_absence(page, traced, candidate.product_id)
            if found is None or found.boosts is None:
                continue
            rules = [
                draft_rule(RuleAction.BOOST, product_id=found.product_id)
                for _ in range(found.boosts)
            ]
            draft = Variation(rules=compile_rules(read_draft()))
            other = explain_page(question, draft)
            for rule in rules:
                rule.delete()
            tried += 1

            assert found.product_id in other.lists["for-you"].product_ids
            break
    assert tried >= 3


class Builds:
    """What each list of a page was built from, in the order in which they were built."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.notes: list[dict[str, Any]] = []
        built, reranked = build.build, mmr.rerank_mmr

        def note_build(spec: Any, context: Any) -> Any:
            excluded = context.already_shown.union(spec.exclude)
            self.notes.append({"spec": spec, "excluded": excluded, "trace": len(context.traces)})
            return built(spec, context)

        def note_rerank(candidates: Any, **arguments: Any) -> Any:
            chosen = reranked(candidates, **arguments)
            # Whoever asks what score would do has the list chosen again.
            self.notes[-1].setdefault("rerank", {"candidates": candidates, **arguments})
            self.notes[-1].setdefault("chosen", chosen)
            return chosen

        for module in (personal, item_lists, non_personal):
            monkeypatch.setattr(module, "build", note_build)
        monkeypatch.setattr(build, "rerank_mmr", note_rerank)


def test_why_not_names_the_true_stage_on_every_other_page(
    shoppers: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    products = [*Product.objects.order_by("pk")[:N_PRODUCTS]]
    Product.objects.filter(pk__in=[product.pk for product in products[:3]]).update(stock=0)
    Product.objects.filter(pk__in=[product.pk for product in products[3:6]]).update(is_active=False)
    products = [*Product.objects.order_by("pk")[:N_PRODUCTS]]
    condition = MerchandisingRule.objects.get(action="hide").condition
    assert condition is not None
    (hidden_brand,) = condition["value"]
    counted = Counter[tuple[str, Stage]]()
    builds = Builds(monkeypatch)

    for number, shopper in enumerate(shoppers[:3]):
        bought, in_cart = _list_bought(shopper), _list_in_cart(shopper)
        dismissed = _list_dismissed(shopper)
        for place in (Page.PRODUCT, Page.CART, Page.SEARCH, Page.CATEGORY):
            builds.notes.clear()
            about = products[20 + number]
            question = Question(
                place,
                Subject(user_id=shopper.pk),
                product_id=about.pk if place is Page.PRODUCT else None,
                category=about.category.split(" > ")[0] if place is Page.CATEGORY else "",
                count=COUNT,
            )
            page = explain_page(question)
            traces = page.context.traces or []
            for note in builds.notes:
                trace = traces[note["trace"]]
                traced = page.lists[trace.name]
                if traced.trace is not trace:
                    continue
                spec = note["spec"]
                plain, stages = find_choice_stages(note["rerank"])
                chosen = [one.product_id for one in note["chosen"]]
                assert plain == chosen
                left_out = note["excluded"].union(spec.avoid)
                limit = 4 * COUNT + 20 + len(bought | in_cart | dismissed) + len(left_out)
                asked = [*spec.sources]
                asked += [one.source for one in trace.asked if one.source is spec.fallback]
                named = {one.product_id for source in asked for one in source(limit)}
                for product in products:
                    pk = product.pk
                    truths = (
                        (pk in traced.product_ids, None),
                        (pk in note["excluded"], Stage.SHOWN_ELSEWHERE),
                        (pk in spec.avoid, Stage.SAME_KIND),
                        (pk in chosen, Stage.WITHOUT_REASON),
                        (not product.is_active, Stage.INACTIVE),
                        (product.stock == 0, Stage.SOLD_OUT),
                        (pk in in_cart, Stage.IN_CART),
                        (pk in dismissed, Stage.DISMISSED),
                        (pk in bought and not product.is_repeatable, Stage.BOUGHT),
                        (product.brand == hidden_brand, Stage.HIDDEN),
                        (pk in stages, stages.get(pk)),
                        (pk in named, Stage.NOT_NEEDED),
                        (True, Stage.NOT_NAMED),
                    )
                    truth = next(stage for holds, stage in truths if holds)

                    found = explain_absence(page, traced, pk)

                    told = found.stage if found else None
                    assert told is truth, (place, trace.name, shopper.pk, pk, told, truth)
                    if told is not None:
                        counted[place.value, told] += 1

    assert {place for place, _ in counted} == {"product", "cart", "search", "category"}
    assert {("category", Stage.OUTRANKED), ("category", Stage.NOT_NAMED)} <= counted.keys()
    assert {("product", Stage.SHOWN_ELSEWHERE), ("cart", Stage.IN_CART)} <= counted.keys()
    assert {("product", Stage.OUTRANKED), ("search", Stage.OUTRANKED)} <= counted.keys()
