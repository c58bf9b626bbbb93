"""Search: the products that a text finds, and their order for a subject."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Q

from recommendations.errors import InvalidInputError
from recommendations.models import Product
from recommendations.retrieval.searching import MAX_FOUND, search
from recommendations.retrieval.tokens import split_words
from recommendations.services.lists import score_personalization
from recommendations.services.people.subjects import Subject
from recommendations.services.search import live_index

MAX_FILTER_WORDS = 8


class AnsweredBy(StrEnum):
    """What compared the text with the products."""

    WORDS = "words"
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

    `terms` are the forms of the words that matched, in lower case, for highlighting. A product that
    was deleted a moment ago may be among the products.
    """

    product_ids: Sequence[int]
    relevance: Sequence[float]
    correction: Correction | None
    terms: Sequence[str]
    answered_by: AnsweredBy


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product that a search found.

    `personalization_score` is in [0, 1]; 0 where the subject's taste is unknown.
    """

    product: Product
    personalization_score: float


def find_products(*, text: str, is_typing: bool = False, as_typed: bool = False) -> Found:
    """Return at most `MAX_FOUND` products on sale that a text finds.

    A SKU or an own id finds its product first.

    Args:
        text: What was typed. Words that no product has are corrected by those of the shop.
        is_typing: Whether the last word stands for all words that begin like it.
        as_typed: Whether nothing is corrected.

    Raises:
        InvalidInputError: The text is blank.
    """
    if not text.strip():
        raise InvalidInputError("Say what to search for.", field="q")
    index = live_index.get_current()
    if index is None:
        return _filter_products(text)
    found = search(text, index, is_typing=is_typing, mends=not as_typed)
    query = found.query
    return Found(
        product_ids=found.product_ids,
        relevance=found.relevance,
        correction=Correction(text, " ".join(query.words)) if query.is_mended else None,
        terms=index.list_word_forms(query.terms.weights),
        answered_by=AnsweredBy.WORDS,
    )


def _filter_products(text: str) -> Found:
    products = Product.objects.filter(is_active=True)
    for word in text.split()[:MAX_FILTER_WORDS]:
        named = Q(name__icontains=word) | Q(brand__icontains=word) | Q(category__icontains=word)
        products = products.filter(named | Q(sku__iexact=word) | Q(external_id=word))
    product_ids = list(products.values_list("pk", flat=True)[:MAX_FOUND])
    return Found(
        product_ids=product_ids,
        relevance=[1.0] * len(product_ids),
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

    Equal matches stand in the order of the subject's taste, then newest first.
    """
    found = find_products(text=text, as_typed=as_typed)
    relevance = dict(zip(found.product_ids, found.relevance, strict=True))
    scores: dict[int, float] = {}
    if subject is not None and relevance:
        scores = score_personalization(subject=subject, product_ids=found.product_ids)
    # The sort is stable: newest first stays where relevance and taste are equal.
    ordered = sorted(relevance, key=lambda pk: (-relevance[pk], -scores.get(pk, 0.0)))
    return RankedMatches(found, ordered, scores)


def search_products(*, text: str, subject: Subject | None, count: int) -> list[FoundProduct]:
    """Return the products that a text finds, in the order of `rank_matches`."""
    ranked = rank_matches(text=text, subject=subject)
    best = ranked.product_ids[:count]
    products = Product.objects.filter(is_active=True).in_bulk(best)
    scores = ranked.personalization_scores
    return [FoundProduct(products[pk], scores.get(pk, 0.0)) for pk in best if pk in products]
