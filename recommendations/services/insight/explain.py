"""Why a page shows what it shows: its lists, made as they are served, with a trace of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from recommendations.choices import ModelState, Placement
from recommendations.engine.trace import ListTrace
from recommendations.errors import InvalidInputError
from recommendations.models import ModelVersion
from recommendations.services import lists
from recommendations.services.insight.questions import Page, Question
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.given_history import give_history
from recommendations.services.lists.result import RecommendationList
from recommendations.services.shop.merchandising import CurrentRules
from recommendations.services.training import registry
from recommendations.services.training.live_model import Snapshot

CATEGORY_LISTS = {"trending": lists.get_trending, "popular": lists.get_popular}


@dataclass(frozen=True, slots=True)
class Variation:
    """The model and the rules that lists are made with; None: those that serve."""

    model: Snapshot | None = None
    rules: CurrentRules | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TracedList:
    """A list of a page, empty or not, and how it came to be."""

    name: str
    found: RecommendationList | None
    """None if the page has no such list now."""
    trace: ListTrace

    @property
    def product_ids(self) -> list[int]:
        """The products of the list, best first."""
        return [entry.product_id for entry in self.found.entries] if self.found else []


@dataclass(frozen=True, slots=True, eq=False)
class TracedPage:
    """The lists of a page by name, in the order in which they are built."""

    placement: Placement
    lists: Mapping[str, TracedList]
    context: ListContext


def explain_page(question: Question, variation: Variation = Variation()) -> TracedPage:
    """Build the lists of a page by the pipeline that serves them; nothing is stored or logged.

    Raises:
        InvalidInputError: The page needs a product or a category that the question does not name.
        NotFoundError: The product of a product page is not for sale.
    """
    traces: list[ListTrace] = []
    context = ListContext(
        question.subject,
        given_model=variation.model,
        given_rules=variation.rules,
        traces=traces,
    )
    if question.events or question.in_cart:
        give_history(context, question.events, in_cart=question.in_cart)
    if question.page is Page.CATEGORY:
        if not question.category:
            raise InvalidInputError("A category page needs its category.", field="category")
        found = {}
        for name, build in CATEGORY_LISTS.items():
            found[name] = build(context=context, count=question.count, category=question.category)
            traces[-1].name = name
        return _gather(Placement.SEARCH, found, context)
    placement = Placement(question.page.value)
    found = lists.build_page(
        context=context,
        placement=placement,
        product_id=question.product_id,
        count=question.count,
    )
    return _gather(placement, found, context)


def list_model_names() -> list[str]:
    """Return the versions that can be tried: the live one first, then the newest."""
    states = dict(
        ModelVersion.objects.exclude(
            state__in=[ModelState.CANDIDATE.value, ModelState.FAILED.value]
        ).values_list("name", "state")
    )
    present = registry.find_present(states)
    readable = [
        (state != ModelState.LIVE.value, name) for name, state in states.items() if name in present
    ]
    return [name for _, name in sorted(readable, key=lambda one: one[0])]


@lru_cache(maxsize=1)
def load_model(name: str) -> Snapshot:
    """Return a version; the one that was asked for last stays in memory.

    Raises:
        ArtifactError: Its artifact is missing or damaged.
    """
    return Snapshot(name, registry.load_artifact(name).warm_up())


def _gather(
    placement: Placement, found: Mapping[str, RecommendationList], context: ListContext
) -> TracedPage:
    traced = {
        trace.name: TracedList(trace.name, found.get(trace.name), trace)
        for trace in context.traces or ()
    }
    return TracedPage(placement, traced, context)
