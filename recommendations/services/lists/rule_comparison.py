"""The lists of sample shoppers under two sets of rules, side by side, for staff."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from recommendations.choices import Placement
from recommendations.errors import NotFoundError
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.demand import get_popular_products
from recommendations.services.lists.history import read_history
from recommendations.services.lists.item_lists import recommend_complements, recommend_similar
from recommendations.services.lists.personal import build_personal_list
from recommendations.services.lists.result import RecommendationList
from recommendations.services.people.subjects import Subject, find_recently_active
from recommendations.services.shop.merchandising import CurrentRules

SAMPLE_SHOPPERS = 3
SAMPLE_DAYS = 90
COMPARED_PRODUCTS = 12


@dataclass(frozen=True, slots=True)
class Side:
    """A list under one set of rules."""

    product_ids: Sequence[int]
    names: Sequence[str]
    pinned: frozenset[int]


@dataclass(frozen=True, slots=True)
class ComparedList:
    """The list of one shopper under both sets of rules."""

    before: Side
    after: Side

    @property
    def is_changed(self) -> bool:
        """Whether a product or a place differs."""
        return self.before.product_ids != self.after.product_ids


def compare_rules(
    *,
    before: CurrentRules,
    after: CurrentRules,
    placement: Placement,
    user_ids: Sequence[int | None],
    product_id: int | None = None,
    query: str | None = None,
) -> list[ComparedList]:
    """Return the list of a placement for each shopper, under both sets of rules.

    The lists are those that would be served: for the shopper on the home page and beside a search,
    similar products on the page of a product (by default one in demand), and complements in the
    cart.

    Raises:
        NotFoundError: The product is not for sale, or there is none.
    """
    if placement is Placement.PRODUCT and product_id is None:
        product_id = next((pk for pk, _ in get_popular_products()), None)
        if product_id is None:
            raise NotFoundError("There is no product in demand: choose one.")
    # What is read for one list is not read again for the others.
    shared = ListContext(None)
    compared = []
    for user_id in user_ids:
        subject = None if user_id is None else Subject(user_id=user_id)
        history = read_history(subject)
        sides = []
        for rules in (before, after):
            context = ListContext(subject, given_history=history, given_rules=rules, query=query)
            context.share_products(shared)
            sides.append(_read_side(_build(context, placement=placement, product_id=product_id)))
        compared.append(ComparedList(*sides))
    return compared


def find_samples() -> list[int | None]:
    """Return a new visitor and the shoppers who were active last."""
    within = timedelta(days=SAMPLE_DAYS)
    return [None, *find_recently_active(SAMPLE_SHOPPERS, active_within=within)]


def _build(
    context: ListContext, *, placement: Placement, product_id: int | None
) -> RecommendationList:
    builders: dict[Placement, Callable[[], RecommendationList]] = {
        Placement.PRODUCT: partial(
            recommend_similar,
            context=context,
            product_id=product_id or 0,
            count=COMPARED_PRODUCTS,
        ),
        Placement.CART: partial(recommend_complements, context=context, count=COMPARED_PRODUCTS),
    }
    personal = partial(build_personal_list, context, placement, COMPARED_PRODUCTS)
    return builders.get(placement, personal)()


def _read_side(found: RecommendationList) -> Side:
    entries = found.entries
    return Side(
        product_ids=[entry.product_id for entry in entries],
        names=[found.products[entry.product_id].name for entry in entries],
        pinned=frozenset(one.product_id for one in entries if one.source == "pinned"),
    )
