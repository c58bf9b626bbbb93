"""How every list is made: down the ladder of sources until it is full, then arranged."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice

from django.db.models import Q

from recommendations.choices import Placement, Source
from recommendations.engine import pipeline
from recommendations.engine.mmr import rerank_mmr
from recommendations.engine.pipeline import Candidate, ProductFilterFields
from recommendations.engine.placements import PLACEMENT_POLICIES
from recommendations.engine.result import Reason, ReasonCode
from recommendations.engine.rules import Rules, apply_rules, pinned_candidates
from recommendations.models import Product
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.lists.context import ListContext
from recommendations.services.lists.history import ShopperHistory
from recommendations.services.lists.result import RecommendationList, attach_products
from recommendations.services.lists.sources import Rung
from recommendations.services.shop.merchandising import rules_at
from recommendations.services.shop.product_rows import CARD_FIELDS, ProductCard, card_from_row
from recommendations.services.training.live_model import Snapshot

EvidenceOf = Callable[[Sequence[Candidate]], Sequence[Reason | None]]
"""Returns what in a history speaks for each candidate, None where nothing does."""
READ_AT_FIRST = 40
"""How many of a rung's candidates a short list chooses among, unless they leave it short."""

_made: Counter[Source] = Counter()


def lists_made() -> Mapping[Source, int]:
    """Return how many lists this process made, by the source that answered first in them."""
    return dict(_made)


def no_evidence(candidates: Sequence[Candidate]) -> Sequence[Reason | None]:
    """Leave every candidate the reason that its rung gave it."""
    return [None] * len(candidates)


def make_list(
    *,
    rungs: Sequence[Rung],
    context: ListContext,
    placement: Placement,
    count: int,
    live: Snapshot | None = None,
    personal: bool = False,
    evidence: EvidenceOf = no_evidence,
    names: Mapping[int, str] | None = None,
    category: str | None = None,
    left_out: Collection[int] = (),
    is_filled: bool = True,
) -> RecommendationList:
    """Return a full list from the highest rungs that suffice; the newest products come last.

    `names` are those of the products that reasons point at, by default the history's; `left_out`
    are products that must not come, beside those that the page shows. A list that is not filled
    holds only what has such a reason, nothing that staff pinned, and may be short or empty.
    """
    rules = rules_at(placement)
    if rules.pinned and is_filled:
        rungs = [lambda _: pinned_candidates(rules), *rungs]
    history, arrangement = context.history, PLACEMENT_POLICIES[placement]
    most_per_category = arrangement.most_per_category(count)
    left_out = context.already_shown.union(left_out)
    excluded = history.in_cart | history.dismissed
    facts: dict[int, ProductFilterFields] = {}
    usable: list[Candidate] = []
    newest: dict[int, ProductCard] = {}
    for fresh in _in_two_reads(_down(rungs, history, count, left_out), context):
        facts |= context.facts(pipeline.product_ids(fresh))
        may_come = pipeline.filter_candidates(
            fresh, facts, purchased=history.purchased, excluded=excluded
        )
        usable += apply_rules(may_come, facts, rules)
        if (
            pipeline.count_within_category_cap(usable, facts, most_per_category=most_per_category)
            >= count
        ):
            break
    if is_filled and len(usable) < count:
        newest = _newest_products(history, {*facts, *left_out}, category, rules, 4 * count)
        facts |= {pk: product.facts for pk, product in newest.items()}
        usable += [
            Candidate(product_id, 1.0, Source.NEWEST, Reason(ReasonCode.NEW))
            for product_id in newest
        ]
    seen = history.seen if history.personalization_enabled else frozenset()
    # What is pinned stands where staff put it.
    seen = seen.difference(rules.pinned)
    stepped_back = pipeline.demote_seen(usable, seen)
    vectors = None
    if live is not None and arrangement.relevance < 1:
        vectors = live.get_vectors(pipeline.product_ids(stepped_back))
    arranged = rerank_mmr(
        stepped_back,
        facts,
        vectors,
        count=count,
        most_per_category=most_per_category,
        relevance=arrangement.relevance,
    )
    attach_reasons = pipeline.attach_reasons(arranged, evidence(arranged))
    ranked = pipeline.build_ranked_list(
        [one for one in attach_reasons if is_filled or one.reason.product_id is not None],
        model_version=live.version if live else None,
    )
    _made[ranked.source] += 1
    chosen = [entry.product_id for entry in ranked.entries if entry.product_id not in newest]
    return attach_products(
        ranked,
        newest | context.products(chosen),
        history.names if names is None else names,
        personalized=personal and ranked.source in {Source.MODEL, Source.SESSION},
    )


def _down(
    rungs: Sequence[Rung], history: ShopperHistory, count: int, left_out: Collection[int]
) -> Iterator[list[Candidate]]:
    """Go down the ladder: each rung's candidates that no rung above has named.

    A rung's best come first, with some to choose among; the rest of it stands behind them for
    lists that they do not fill. A rung whose tables cannot be read is stepped over.
    """
    never = history.purchased | history.in_cart | history.dismissed
    enough = 4 * count + 20 + len(never) + len(left_out)
    named = set(left_out)
    for rung in rungs:
        fresh: list[Candidate] = []
        with ignore_database_errors("candidates"):
            fresh = rung(enough)
        if named:
            fresh = [candidate for candidate in fresh if candidate.product_id not in named]
        # What is left out later shall not stand in the way of others.
        doubtful = never.intersection(pipeline.product_ids(fresh))
        at_first = max(4 * count, READ_AT_FIRST) + len(doubtful)
        for some in (fresh[:at_first], fresh[at_first:]):
            if some:
                yield some
        named.update(pipeline.product_ids(fresh))


def _in_two_reads(
    levels: Iterator[list[Candidate]], context: ListContext
) -> Iterator[list[Candidate]]:
    """Pass on the best of the first rung, which mostly suffice, then all others.

    Whoever needs more than the first finds everything else read at once.
    """
    yield from islice(levels, 1)
    below = list(levels)
    context.facts(pipeline.product_ids([candidate for fresh in below for candidate in fresh]))
    yield from below


def _newest_products(
    history: ShopperHistory,
    left_out: Collection[int],
    category: str | None,
    rules: Rules,
    most: int,
) -> dict[int, ProductCard]:
    """Return the newest products that the subject may be shown, in that order.

    They are equals, so that no boost moves them; the hidden ones are left out here, lest they take
    all the places.
    """
    products = (
        Product.objects.filter(is_active=True, stock__gt=0)
        .filter(Q(is_repeatable=True) | ~Q(id__in=history.purchased))
        .exclude(id__in=history.in_cart | history.dismissed | set(left_out))
        .order_by("-created_at", "-id")
    )
    hidden = defaultdict[str, list[int | str]](list)
    for target in rules.hidden:
        field, value = ("id", target) if isinstance(target, int) else target
        hidden[f"{field}__in"].append(value)
    for field, values in hidden.items():
        products = products.exclude(**{field: values})
    if category is not None:
        products = products.filter(category=category)
    cards = map(card_from_row, products.values_list(*CARD_FIELDS)[:most])
    return {card.pk: card for card in cards}
