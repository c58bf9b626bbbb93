"""The order of what a search found, for a subject."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from recommendations.choices import Placement, RuleAction, SearchMode
from recommendations.engine.rules import Rules, boost_scores, get_categories, list_rule_tests
from recommendations.models import Product
from recommendations.retrieval.learned_matches import lift
from recommendations.retrieval.searching import NAMED_EXACTLY
from recommendations.services.lists import ListContext, score_personalization
from recommendations.services.lists.rules import decide_rules
from recommendations.services.people.subjects import Subject
from recommendations.services.search.learning import read_strengths
from recommendations.services.search.query import Found, find_hidden, find_products, leave_out
from recommendations.services.search.search_log import fold_query
from recommendations.services.shop.categories import find_members
from recommendations.services.shop.product_columns import read_columns
from recommendations.services.shop.product_rows import fetch_cards

NEAR_TIE = 0.05
"""Products whose relevance differs by less than this share are about equally relevant."""


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product that a search found.

    `personalization_score` is in [0, 1]; 0 where the subject's taste is unknown.
    """

    product: Product
    personalization_score: float


@dataclass(frozen=True, slots=True)
class RankedMatches:
    """What a search found, in the order for a subject, with the scores of its taste by product."""

    found: Found
    product_ids: Sequence[int]
    personalization_scores: Mapping[int, float]


def find_for(*, text: str, context: ListContext, as_typed: bool = False) -> Found:
    """Return the products that `find_products` finds, without those that the subject dismissed.

    What rules hide from this subject, or in this search, is left out as well.
    A dismissed product is found if it is named exactly, and not by its brand alone.
    """
    with_meaning = context.treatment.search_mode is not SearchMode.WORDS
    found = find_products(text=text, as_typed=as_typed, with_meaning=with_meaning)
    found = leave_out(find_hidden(found.product_ids, _decide(text, context)), found)
    dismissed = context.history.dismissed.intersection(found.product_ids)
    if not dismissed:
        return found
    exact = dismissed & _list_exact(found)
    brands = Product.objects.filter(pk__in=exact).values_list("pk", "brand")
    named = {pk for pk, brand in brands if fold_query(brand) != fold_query(text)}
    return leave_out(dismissed - named, found)


def rank_matches(*, text: str, context: ListContext, as_typed: bool = False) -> RankedMatches:
    """Return the products that `find_for` finds, best match first.

    Products that are about equally relevant stand in the order of the subject's taste, as pinned,
    boosted and buried by the rules of staff, then as they were found. What the subject bought and
    does not buy again stands behind what it can buy, unless it is named exactly. An arm of an
    experiment that shows only what is in demand goes without the taste.
    """
    found = _lift_learned(text, find_for(text=text, context=context, as_typed=as_typed))
    scores: dict[int, float] = {}
    uses_taste = context.subject is not None and not context.treatment.only_popular
    if uses_taste and found.product_ids:
        scores = score_personalization(context=context, product_ids=found.product_ids)
    rules = _decide(text, context)
    wanted = _boost(found.product_ids, scores, rules)
    places = {product_id: place for place, product_id in enumerate(rules.pinned)}
    ordered = [
        product_id
        for group in _group_ties(found)
        for product_id in sorted(group, key=lambda pk: (places.get(pk, len(places)), -wanted[pk]))
    ]
    first = _list_exact(found)
    bought = _find_bought(found, context) - first
    last = dict.fromkeys(bought, 1) | dict.fromkeys(found.sold_out - first, 2)
    ordered.sort(key=lambda pk: last.get(pk, 0))
    return RankedMatches(found, ordered, scores)


def search_products(*, text: str, subject: Subject | None, count: int) -> list[FoundProduct]:
    """Return the products that a text finds, in the order of `rank_matches`."""
    ranked = rank_matches(text=text, context=ListContext(subject))
    best = ranked.product_ids[:count]
    products = Product.objects.filter(is_active=True).in_bulk(best)
    scores = ranked.personalization_scores
    return [FoundProduct(products[pk], scores.get(pk, 0.0)) for pk in best if pk in products]


def _lift_learned(text: str, found: Found) -> Found:
    """Return what was found with the relevance that was learnt for the query, best first."""
    strengths = read_strengths(text)
    if strengths.keys().isdisjoint(found.product_ids):
        return found
    relevance = lift(found.product_ids, found.relevance, strengths)
    last = found.sold_out - _list_exact(found)
    ordered = sorted(relevance, key=lambda pk: (pk in last, -relevance[pk]))
    return replace(found, product_ids=ordered, relevance=[relevance[pk] for pk in ordered])


def _list_exact(found: Found) -> set[int]:
    """Return what was named exactly; what staff pinned is among it."""
    pairs = zip(found.product_ids, found.relevance, strict=True)
    return {product_id for product_id, relevance in pairs if relevance >= NAMED_EXACTLY}


def _find_bought(found: Found, context: ListContext) -> set[int]:
    """Return what the subject bought and does not buy again."""
    bought = context.history.purchased.intersection(found.product_ids)
    return {pk for pk, card in fetch_cards(bought).items() if not card.is_repeatable}


def _group_ties(found: Found) -> Iterator[list[int]]:
    """Yield the products in groups of about equal relevance.

    Sold-out products and those that were named exactly have groups of their own; a product that was
    pinned for the query is a group by itself.
    """
    yield from ([product_id] for product_id in found.product_ids[: found.pinned])
    others = zip(found.product_ids, found.relevance, strict=True)
    group: list[int] = []
    best, kind = 0.0, (False, False)
    for product_id, relevance in islice(others, found.pinned, None):
        own = (relevance >= NAMED_EXACTLY, product_id in found.sold_out)
        if group and (relevance < best * (1 - NEAR_TIE) or own != kind):
            yield group
            group = []
        if not group:
            best, kind = relevance, own
        group.append(product_id)
    if group:
        yield group


def _boost(
    product_ids: Sequence[int], scores: Mapping[int, float], rules: Rules
) -> dict[int, float]:
    """Return what decides between equal matches: 0.5 to 1 by taste, moved by boosts and buries."""
    taste = {product_id: 0.5 + 0.5 * scores.get(product_id, 0.0) for product_id in product_ids}
    moving = [rule for rule in rules.conditional if rule.action is not RuleAction.HIDE]
    if not (rules.boosts or moving):
        return taste
    cards = fetch_cards(product_ids)
    members = find_members(list(cards), get_categories(rules))
    columns = read_columns(list(cards.values()), list_rule_tests(rules)) if moving else None
    moved = {pk: taste[pk] for pk in cards}
    return taste | boost_scores(moved, cards, rules, members, columns)


def _decide(text: str, context: ListContext) -> Rules:
    """Return the rules of this search, decided for the subject and the query."""
    context.query = text
    return decide_rules(context, Placement.SEARCH)
