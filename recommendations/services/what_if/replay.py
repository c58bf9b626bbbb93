"""Makes served lists again, by the pipeline that serves, as they are and with a change."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from uuid import UUID

from recommendations.choices import Likeness, Placement
from recommendations.engine.conditions.fields import Op
from recommendations.engine.conditions.parsing import Test
from recommendations.errors import NotFoundError
from recommendations.models import ServedList
from recommendations.services import lists
from recommendations.services.insight.explain import Variation
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.history import ShopperHistory, read_history
from recommendations.services.lists.list_request import ListRequest
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.served_log import get_subject
from recommendations.services.lists.wish import ListWish
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.product_rows import ProductCard

MOST_CARDS = 50_000
"""Products in memory; with more, they are read again."""


@dataclass(frozen=True, slots=True)
class ReplayedList:
    """A list as it was served, as it is made now, and as the change makes it."""

    list_id: UUID
    name: str
    subject_key: str
    """The same for all lists of a subject; a list without a subject has its own."""
    served: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]


class Replay:
    """Replays lists of one placement under two variations; products are read once for all of them.

    The history is that of the moment when a list was served. Products, prices, demand and the
    shoppers' settings are those of now.
    """

    def __init__(self, placement: Placement, before: Variation, after: Variation) -> None:
        self._placement = placement
        self._variations = (before, after)
        self._shared = ListContext(None)
        self.n_left_out = 0
        """Lists that the page does not have any more, or whose product is not for sale."""

    @property
    def products(self) -> Mapping[int, ProductCard]:
        """The products that were read."""
        return self._shared.products

    def run(self, served: Sequence[ServedList]) -> Iterator[tuple[int, list[ReplayedList]]]:
        """Yield the lists of one request after the other, with how many the log has of it.

        `served` has the lists of a page side by side.
        """
        for _, group in groupby(served, key=_get_request_key):
            rows = [*group]
            yield len(rows), self._replay_request(rows)

    def read_products(self, product_ids: set[int]) -> Mapping[int, ProductCard]:
        """Return the products by id; those that are gone are missing."""
        self._shared.read_products(product_ids)
        return self.products

    def choose(self, row: ServedList, candidates: Collection[int]) -> list[int | None]:
        """Return which candidate each variation ranks first; None where it lists none of them.

        Each variation ranks the products of the list as it was served, and no others.
        """
        _, history, request = _read_request(row)
        served = Test("product", Op.IN, tuple(sorted(row.product_ids)))
        boosted = None if request.wish is None else request.wish.boosted
        alone = replace(
            request, page_id=None, count=len(row.product_ids), wish=ListWish(served, boosted)
        )
        ranked = [
            self._make_lists(row, history, alone, variation).get(row.name)
            for variation in self._variations
        ]
        return [
            next((pk for pk in _list_ids(one) if pk in candidates), None) if one else None
            for one in ranked
        ]

    def _replay_request(self, rows: Sequence[ServedList]) -> list[ReplayedList]:
        first = rows[0]
        subject, history, request = _read_request(first)
        made = [
            self._make_lists(first, history, request, variation) for variation in self._variations
        ]
        before, after = ({name: _list_ids(one) for name, one in side.items()} for side in made)
        replayed = [
            ReplayedList(
                list_id=row.pk,
                name=row.name,
                subject_key=subject.key if subject else str(row.pk),
                served=tuple(row.product_ids),
                before=before.get(row.name, ()),
                after=after.get(row.name, ()),
            )
            for row in rows
            if row.name in before or row.name in after
        ]
        self.n_left_out += len(rows) - len(replayed)
        return replayed

    def _make_lists(
        self,
        first: ServedList,
        history: ShopperHistory,
        request: ListRequest,
        variation: Variation,
    ) -> Mapping[str, RecommendationList]:
        if len(self._shared.products) > MOST_CARDS:
            self._shared = ListContext(None)
        context = ListContext(
            get_subject(first),
            given_history=history,
            given_model=variation.model,
            given_rules=variation.rules,
            wish=request.wish,
            as_of=first.created_at,
        )
        context.share_products(self._shared)
        try:
            if request.page_id is not None:
                return lists.build_page(
                    context=context,
                    placement=self._placement,
                    product_id=request.product_id,
                    count=request.count,
                )
            return {
                first.name: _choose_builder(first.name, self._placement, request)(context=context)
            }
        except NotFoundError:
            return {}


def order_by_request(served: Sequence[ServedList]) -> list[ServedList]:
    """Return lists with those of a page side by side, in the order in which pages came first."""
    order: dict[str, int] = {}
    for row in served:
        order.setdefault(_get_request_key(row), len(order))
    return sorted(served, key=lambda row: order[_get_request_key(row)])


def _read_request(row: ServedList) -> tuple[Subject | None, ShopperHistory, ListRequest]:
    """Return whose list it was, the history of that moment, and what was asked for."""
    request = ListRequest.read(row.request or {})
    subject = get_subject(row)
    history = read_history(subject, as_of=row.created_at)
    if request.in_cart:
        history = replace(history, in_cart=frozenset(request.in_cart))
    return subject, history, request


def _choose_builder(
    name: str, placement: Placement, request: ListRequest
) -> Callable[..., RecommendationList]:
    """Return the function behind the route of a list that was asked for alone."""
    # No product has the number 0.
    count, product_id = request.count, request.product_id or 0
    builders: dict[str, Callable[..., RecommendationList]] = {
        "for-you": partial(lists.recommend, placement=placement),
        "recently-viewed": partial(lists.get_recently_viewed, placement=placement),
        "buy-again": partial(lists.get_buy_again, placement=placement),
        "similar": partial(lists.recommend_similar, product_id=product_id),
        **{
            by.list_name: partial(lists.recommend_similar, product_id=product_id, by=by)
            for by in Likeness
        },
        "bought-together": partial(lists.recommend_bought_together, product_id=product_id),
        "complements": lists.recommend_complements,
        "trending": partial(lists.get_trending, category=request.category),
        "popular": partial(lists.get_popular, category=request.category),
        "new-arrivals": lists.get_new_arrivals,
    }
    if name not in builders:
        raise NotFoundError(f"No list is called {name}.")
    return partial(builders[name], count=count)


def _get_request_key(row: ServedList) -> str:
    request = row.request or {}
    return str(request.get("page") or row.pk)


def _list_ids(found: RecommendationList) -> tuple[int, ...]:
    return tuple(entry.product_id for entry in found.entries)
