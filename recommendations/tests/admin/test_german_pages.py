"""No page of the German admin speaks English."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.contrib.auth.models import User
from django.utils import timezone, translation

from recommendations.choices import ModelState, OrderStatus, RuleAction
from recommendations.errors import InvalidInputError, NotFoundError, TrainingRefusedError
from recommendations.management.commands.update_translations import read_catalog
from recommendations.models import ModelVersion, Order
from recommendations.services.insight.upkeep import keep_figures
from recommendations.services.search.rule_inputs import parse_page_address
from recommendations.services.shop.order_status import require_next
from recommendations.services.shop.rule_versions import publish_rules, revert_rules
from recommendations.services.training.failures import INTERRUPTED
from recommendations.services.training.registry import promote, roll_back
from recommendations.tests.admin.rows import make_a_row_of_everything
from recommendations.tests.builders import draft_rule, make_product, sign_in

pytestmark = pytest.mark.django_db

START = "/admin/"
WHY = "/admin/recommendations/listinspection/why/"
MOST_PAGES = 400
ENGLISH = re.compile(
    r"(?<![\w-])(a|the|is|are|were|of|and|to|not|with|for|has|have|had|that|this|its|it|from|by|be|"
    r"been|who|which|when|where|than|then|there|these|those|you|your|into|only|all|each|every|does|did|do|"
    r"or|if|at|on|but|no|more|one|two)(?![\w-])",
    re.IGNORECASE,
)
"""Words that English sentences are made of, and German ones are not."""
NAMES: frozenset[str] = frozenset({"home", "server", "orders", "Start"})
"""What rows and formats of files are called, and what Django calls the first page in German."""
SAID = ("title", "placeholder", "aria-label", "alt", "data-confirm")
ICON = "material-symbols-outlined"
"""The class of an icon, whose text is its name."""
SKIPPED = frozenset({"script", "style", "code", "pre", "template"})


class PageReader(HTMLParser):
    """Collects what a page says and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self._skipped = 0
        self._is_icon = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._skipped += tag in SKIPPED
        self._is_icon = ICON in (given.get("class") or "").split()
        self.texts += [given[name] or "" for name in SAID if name in given]
        if tag == "a" and (href := given.get("href")):
            self.links.append(href)

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in SKIPPED
        self._is_icon = False

    def handle_data(self, data: str) -> None:
        if not (self._skipped or self._is_icon):
            self.texts.append(" ".join(data.split()))


def read_known() -> set[str]:
    """Return the English texts with a German translation, but for those that are German too."""
    strings = {str(message.id): str(message.string) for message in read_catalog() if message.id}
    return strings.keys() - set(strings.values())


def is_english(text: str) -> bool:
    return len({word.lower() for word in ENGLISH.findall(text)}) >= 2


def make_model_versions() -> None:
    """Add a version of each state, as trainings leave them."""
    measured = {"cases": 400, "ndcg": {"ensemble": 0.1, "popularity": 0.2, "live": 0.3}}
    versions: dict[ModelState, dict[str, Any]] = {
        ModelState.LIVE: {"metrics": {"cases": 3}, "promoted_at": timezone.now()},
        ModelState.RETIRED: {"metrics": {**measured, "listed_products": 3}},
        ModelState.REJECTED: {
            "metrics": {**measured, "listed_products": 3, "listed_products_live": 90}
        },
        ModelState.FAILED: {"reason": INTERRUPTED},
    }
    for number, (state, columns) in enumerate(versions.items()):
        ModelVersion.objects.create(name=f"made-{number}", state=state.value, **columns)


def make_rules_with_problems() -> None:
    """Add drafts of which the list of rules tells something."""
    product = make_product(stock=0)
    draft_rule(RuleAction.HIDE, condition={"field": "price", "op": "at_least", "value": 0})
    draft_rule(RuleAction.PIN, product=product, position=1)
    draft_rule(RuleAction.HIDE, product=product)
    draft_rule(RuleAction.BOOST, product=product, is_active=False)
    draft_rule(RuleAction.BURY, brand="Nobody's")
    for name, op in (("brand", "same_as_viewed"), ("query", "in")):
        condition = {"field": name, "op": op, **({"value": ["lamp"]} if op == "in" else {})}
        draft_rule(RuleAction.BOOST, condition=condition, placement="home")


def test_no_english_sentence_stands_on_a_page_of_the_german_admin() -> None:
    client = sign_in(User.objects.create_superuser("root"))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    for number in range(2):
        make_a_row_of_everything(number)
    make_model_versions()
    make_rules_with_problems()
    keep_figures()
    waiting = [START, f"{WHY}?history=typed&placement=home"]
    seen = set(waiting)
    known, english = read_known() - NAMES, dict[str, str]()

    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        page = client.get(address)
        if page.status_code != 200 or "text/html" not in page["Content-Type"]:
            continue
        reader = PageReader()
        reader.feed(page.content.decode())
        for text in reader.texts:
            if text in known or is_english(text):
                english.setdefault(text, address)
        for link in reader.links:
            found = urlsplit(urljoin(address, link))
            target = found.path
            if target.startswith(START) and "logout" not in target and target not in seen:
                seen.add(target)
                waiting.append(target)

    assert [f"{address} says “{text}”" for text, address in english.items()] == []


@pytest.mark.parametrize(
    "refused",
    [
        lambda: require_next(Order.objects.create(), OrderStatus.DELIVERED),
        lambda: publish_rules(author=None, digest="another"),
        lambda: revert_rules(version_id=1, author=None),
        lambda: promote("nothing"),
        roll_back,
        lambda: parse_page_address("lamps"),
    ],
    ids=["order", "publish", "revert", "promote", "roll back", "address"],
)
def test_what_services_refuse_is_said_in_german(refused: Callable[[], Any]) -> None:
    with (
        translation.override("de"),
        pytest.raises((InvalidInputError, NotFoundError, TrainingRefusedError)) as told,
    ):
        refused()

    assert not is_english(str(told.value))
