"""Search: the products that a text finds, and their order for a subject."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from itertools import islice

from django.db.models import Q

from recommendations.choices import Placement
from recommendations.engine.rules import boost_scores, get_categories
from recommendations.errors import InvalidInputError
from recommendations.models import Product
from recommendations.retrieval.curation import Curation
from recommendations.retrieval.searching import MAX_FOUND, search
from recommendations.retrieval.sentence_encoder import EncoderUnavailableError
from recommendations.retrieval.tokens import split_words
from recommendations.services.lists import score_personalization
from recommendations.services.people.subjects import Subject
from recommendations.services.search import curation as live_curation
from recommendations.services.search import live_index
from recommendations.services.search.meaning import get_encoder
from recommendations.services.shop.categories import find_members
from recommendations.services.shop.merchandising import get_current_rules
from recommendations.services.shop.product_rows import fetch_cards

NEAR_TIE = 0.05
"""Products whose relevance differs by less than this share are about equally relevant."""
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
    lower case, for highlighting. A product that was deleted a moment ago may be among the products.
    """

    product_ids: Sequence[int]
    relevance: Sequence[float]
    sold_out: Set[int]
    correction: Correction | None
    terms: Sequence[str]
    answered_by: AnsweredBy
    pinned: int = 0


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product that a search found.

    `personalization_score` is in [0, 1]; 0 where the subject's taste is unknown.
    """

    product: Product
    personalization_score: float


def find_products(
    *,
    text: str,
    is_typing: bool = False,
    as_typed: bool = False,
    curation: Curation | None = None,
) -> Found:
    """Return at most `MAX_FOUND` products on sale that a text finds.

    What staff pinned stands first, then the product whose SKU or own id the text is.

    Args:
        text: What was typed. Words that no product has are corrected by those of the shop.
        is_typing: Whether the last word stands for all words that begin like it.
        as_typed: Whether nothing is corrected.
        curation: The rules of staff, by default those in force.

    Raises:
        InvalidInputError: The text is blank.
    """
    if not text.strip():
        raise InvalidInputError("Say what to search for.", field="q")
    curation = curation or live_curation.get_current()
    index = live_index.get_current()
    if index is None:
        return _pin(curation.find_pins(text), _filter_products(text))
    encoder = get_encoder() if index.has_vectors and not is_typing else None
    ask = partial(search, text, index, curation=curation, is_typing=is_typing, mends=not as_typed)
    try:
        found = ask(encoder=encoder)
    except EncoderUnavailableError:
        encoder = None
        found = ask()
    query = found.query
    wordings = [query.terms, *query.alternatives]
    matches = Found(
        product_ids=found.product_ids,
        relevance=found.relevance,
        sold_out=found.sold_out,
        correction=Correction(text, " ".join(query.words)) if query.is_mended else None,
        terms=index.list_word_forms({term for each in wordings for term in each.weights}),
        answered_by=AnsweredBy.WORDS if encoder is None else AnsweredBy.BOTH,
    )
    return _pin(curation.find_pins(text), matches)


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


@dataclass(frozen=True, slots=True)
class RankedMatches:
    """What a search found, in the order for a subject, with the scores of its taste by product."""

    found: Found
    product_ids: Sequence[int]
    personalization_scores: Mapping[int, float]


def rank_matches(*, text: str, subject: Subject | None, as_typed: bool = False) -> RankedMatches:
    """Return the products that `find_products` finds, best match first.

    Products that are about equally relevant stand in the order of the subject's taste, as boosted
    and buried by the rules of staff, then as they were found.
    """
    found = find_products(text=text, as_typed=as_typed)
    scores: dict[int, float] = {}
    if subject is not None and found.product_ids:
        scores = score_personalization(subject=subject, product_ids=found.product_ids)
    wanted = _apply_rules(found.product_ids, scores)
    ordered = [
        product_id
        for group in _group_ties(found)
        for product_id in sorted(group, key=lambda pk: -wanted[pk])
    ]
    return RankedMatches(found, ordered, scores)


def _group_ties(found: Found) -> Iterator[list[int]]:
    """Yield the products in groups of about equal relevance; sold-out ones have their own.

    A pinned product is a group by itself.
    """
    yield from ([product_id] for product_id in found.product_ids[: found.pinned])
    others = zip(found.product_ids, found.relevance, strict=True)
    group: list[int] = []
    best, is_sold_out = 0.0, False
    for product_id, relevance in islice(others, found.pinned, None):
        sold_out = product_id in found.sold_out
        if group and (relevance < best * (1 - NEAR_TIE) or sold_out != is_sold_out):
            yield group
            group = []
        if not group:
            best, is_sold_out = relevance, sold_out
        group.append(product_id)
    if group:
        yield group


def _apply_rules(product_ids: Sequence[int], scores: Mapping[int, float]) -> dict[int, float]:
    """Return what decides between equal matches: 0.5 to 1 by taste, moved by boosts and buries.

    Hidden products stay: who searches for a thing finds it.
    """
    taste = {product_id: 0.5 + 0.5 * scores.get(product_id, 0.0) for product_id in product_ids}
    rules = get_current_rules().by_placement[Placement.SEARCH]
    if not rules.boosts:
        return taste
    cards = fetch_cards(product_ids)
    members = find_members(list(cards), get_categories(rules))
    return taste | boost_scores({pk: taste[pk] for pk in cards}, cards, rules, members)


def search_products(*, text: str, subject: Subject | None, count: int) -> list[FoundProduct]:
    """Return the products that a text finds, in the order of `rank_matches`."""
    ranked = rank_matches(text=text, subject=subject)
    best = ranked.product_ids[:count]
    products = Product.objects.filter(is_active=True).in_bulk(best)
    scores = ranked.personalization_scores
    return [FoundProduct(products[pk], scores.get(pk, 0.0)) for pk in best if pk in products]
