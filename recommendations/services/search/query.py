"""Search: the products that a text finds, whoever asks."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial, reduce
from operator import or_

from django.db.models import Q

from recommendations.choices import Placement, RuleAction
from recommendations.engine.rules import Rules, keep_general
from recommendations.errors import InvalidInputError
from recommendations.models import Product
from recommendations.retrieval.curation import Curation
from recommendations.retrieval.searching import MAX_FOUND, search
from recommendations.retrieval.segments import SegmentedIndex, Terms
from recommendations.retrieval.sentence_encoder import EncoderUnavailableError
from recommendations.retrieval.tokens import split_words
from recommendations.services.search import curation as live_curation
from recommendations.services.search import live_index
from recommendations.services.search.meaning import get_encoder
from recommendations.services.shop.categories import find_members
from recommendations.services.shop.merchandising import get_current_rules
from recommendations.services.shop.product_columns import build_query

MAX_FILTER_WORDS = 8
FILTERED = 0.5
"""The relevance of what the database finds; it tells no better from a worse match."""


class AnsweredBy(StrEnum):
    """What compared the text with the products."""

    WORDS = "words"
    BOTH = "both"
    """Words and meaning."""
    FILTER = "filter"
    """The database, while the index is being built: every word stands in a product as typed."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What was searched instead of what was typed."""

    original: str
    searched: str


@dataclass(frozen=True, slots=True)
class Found:
    """The products on sale that a text finds, best first, with their relevance in [0, 1].

    Staff put the first `pinned` of them there. What was named exactly has the relevance 1 and
    stands next; sold-out products stand last. `terms` are the forms of the words that matched, in
    lower case, for highlighting; none while the text is being typed. A product that was deleted a
    moment ago may be among the products.
    """

    product_ids: Sequence[int]
    relevance: Sequence[float]
    sold_out: Set[int]
    correction: Correction | None
    terms: Sequence[str]
    answered_by: AnsweredBy
    pinned: int = 0


def find_products(
    *,
    text: str,
    is_typing: bool = False,
    as_typed: bool = False,
    curation: Curation | None = None,
    with_meaning: bool = True,
) -> Found:
    """Return at most `MAX_FOUND` products on sale that a text finds.

    What staff pinned stands first, then the product whose SKU or own id the text is. What rules of
    staff hide from lists is not found; rules that ask about the shopper or the query are left to
    `ranking.find_for`.

    Args:
        text: What was typed. Words that no product has are corrected by those of the shop.
        is_typing: Whether the last word stands for all words that begin like it.
        as_typed: Whether nothing is corrected.
        curation: The rules of staff, by default those in force.
        with_meaning: Whether meaning counts beside words, where the shop has vectors.

    Raises:
        InvalidInputError: The text is blank.
    """
    if not text.strip():
        raise InvalidInputError("Say what to search for.", field="q")
    curation = curation or live_curation.get_current()
    index = live_index.get_current()
    if index is None:
        return _apply_rules(curation.find_pins(text), _filter_products(text))
    compares_meaning = with_meaning and index.has_vectors and not is_typing
    encoder = get_encoder() if compares_meaning else None
    ask = partial(search, text, index, curation=curation, is_typing=is_typing, mends=not as_typed)
    try:
        found = ask(encoder=encoder)
    except EncoderUnavailableError:
        encoder = None
        found = ask()
    query = found.query
    matches = Found(
        product_ids=found.product_ids,
        relevance=found.relevance,
        sold_out=found.sold_out,
        correction=Correction(text, " ".join(query.words)) if query.is_mended else None,
        terms=() if is_typing else _list_forms(index, [query.terms, *query.alternatives]),
        answered_by=AnsweredBy.WORDS if encoder is None else AnsweredBy.BOTH,
    )
    return _apply_rules(curation.find_pins(text), matches)


def _list_forms(index: SegmentedIndex, wordings: Sequence[Terms]) -> Sequence[str]:
    return index.list_word_forms({term for each in wordings for term in each.weights})


def _apply_rules(pins: Sequence[int], found: Found) -> Found:
    """Return what was found behind the pins of staff, without what staff hide."""
    found = _pin(pins, found)
    rules = keep_general(get_current_rules().by_placement[Placement.SEARCH])
    return leave_out(find_hidden(found.product_ids, rules), found)


def leave_out(product_ids: Set[int], found: Found) -> Found:
    """Return what was found without some of the products."""
    if product_ids.isdisjoint(found.product_ids):
        return found
    pairs = zip(found.product_ids, found.relevance, strict=True)
    kept = {pk: value for pk, value in pairs if pk not in product_ids}
    return replace(
        found,
        product_ids=list(kept),
        relevance=list(kept.values()),
        sold_out=found.sold_out - product_ids,
        pinned=sum(pk in kept for pk in found.product_ids[: found.pinned]),
    )


def find_hidden(product_ids: Sequence[int], rules: Rules) -> set[int]:
    """Return those of the products that decided rules hide."""
    targets = rules.hidden
    hidden = targets.intersection(product_ids)
    brands = [one[1] for one in targets if isinstance(one, tuple) and one[0] == "brand"]
    categories = [one[1] for one in targets if isinstance(one, tuple) and one[0] == "category"]
    found = {pk for pk in hidden if isinstance(pk, int)}
    if brands and product_ids:
        branded = Product.objects.filter(pk__in=product_ids, brand__in=brands)
        found |= set(branded.values_list("pk", flat=True))
    if categories and product_ids:
        found |= find_members(product_ids, categories).keys()
    hiding = [rule for rule in rules.conditional if rule.action is RuleAction.HIDE]
    if hiding and product_ids:
        query = reduce(or_, [build_query(rule.condition) for rule in hiding])
        products = Product.objects.filter(query, pk__in=product_ids)
        found |= set(products.values_list("pk", flat=True))
    return found


def _pin(product_ids: Sequence[int], found: Found) -> Found:
    """Return what was found, behind those of the pinned products that can be bought."""
    if not product_ids:
        return found
    products = Product.objects.filter(pk__in=product_ids, is_active=True, stock__gt=0)
    buyable = set(products.values_list("pk", flat=True))
    pinned = dict.fromkeys([pk for pk in product_ids if pk in buyable], 1.0)
    others = zip(found.product_ids, found.relevance, strict=True)
    relevance = pinned | {pk: value for pk, value in others if pk not in pinned}
    return replace(
        found,
        product_ids=list(relevance),
        relevance=list(relevance.values()),
        pinned=len(pinned),
    )


def _filter_products(text: str) -> Found:
    products = Product.objects.filter(is_active=True)
    for word in text.split()[:MAX_FILTER_WORDS]:
        named = Q(name__icontains=word) | Q(brand__icontains=word) | Q(category__icontains=word)
        products = products.filter(named | Q(sku__iexact=word) | Q(external_id=word))
    product_ids = list(products.values_list("pk", flat=True)[:MAX_FOUND])
    return Found(
        product_ids=product_ids,
        relevance=[FILTERED] * len(product_ids),
        sold_out=set(),
        correction=None,
        terms=split_words(text),
        answered_by=AnsweredBy.FILTER,
    )
