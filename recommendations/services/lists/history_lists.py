"""Lists of products from the subject's history: recently viewed, buy again; without a fallback."""

from collections.abc import Mapping

from recommendations.choices import Placement, Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.explanations import find_codes
from recommendations.engine.result import build_ranked_list
from recommendations.reasons import ReasonCode
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.filtering import filter_and_apply_rules
from recommendations.services.lists.result import RecommendationList
from recommendations.services.lists.rules import decide_rules


def get_recently_viewed(
    *, context: ListContext, placement: Placement = Placement.HOME, count: int = 10
) -> RecommendationList:
    """Return the products that the subject interacted with, latest first.

    Products that the subject bought are left out unless they are repeatable.
    """
    history = context.history
    latest = dict.fromkeys(entry.product_id for entry in reversed(history.entries))
    types = [entry.interaction_type for entry in history.entries]
    codes = find_codes(
        [entry.product_id for entry in history.entries], types, in_cart=history.in_cart
    )
    return _build_in_order(context, placement, {pk: codes[pk] for pk in latest}, count)


def get_buy_again(
    *, context: ListContext, placement: Placement = Placement.HOME, count: int = 10
) -> RecommendationList:
    """Return the repeatable products that the subject bought, last bought first."""
    bought = dict.fromkeys(context.history.purchases, ReasonCode.PURCHASED)
    return _build_in_order(context, placement, bought, count)


def _build_in_order(
    context: ListContext,
    placement: Placement,
    codes: Mapping[int, ReasonCode],
    count: int,
) -> RecommendationList:
    """Return the products of `codes` that may be shown, in this order; each is its own reason.

    The list is empty for a subject who switched personalization off. Of the merchandising rules,
    only "hide" applies: pins and boosts would change the order.
    """
    named = [
        Candidate(product_id, 1.0, Source.SESSION, Reason(code, product_id=product_id))
        for product_id, code in codes.items()
        if context.history.personalization_enabled
    ]
    candidates = [one for one in named if one.product_id not in context.already_shown]
    rules = decide_rules(context, placement, only_hiding=True)
    trace = context.begin_trace()
    usable = filter_and_apply_rules(candidates, context, rules)
    entries = build_ranked_list(usable[:count])
    if trace is not None:
        trace.rules, trace.weighed = rules, tuple(usable)
        trace.excluded = frozenset(context.already_shown)
        trace.ask(lambda limit: named[:limit], len(named), named)
    products = {entry.product_id: context.products[entry.product_id] for entry in entries}
    return RecommendationList(
        entries=entries,
        source=Source.SESSION if entries else Source.NEWEST,
        personalized=bool(entries),
        model_version=None,
        products=products,
        reason_names={product_id: product.named for product_id, product in products.items()},
    )
