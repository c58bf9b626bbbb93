"""Finding products by words; taste orders what matches equally well."""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from recommendations.errors import InvalidInputError
from recommendations.models import Product
from recommendations.services.lists import score_personalization
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.catalogue import Facets, compute_facets, list_products

MAX_TERMS = 8
CANDIDATES = 200
"""How many of the best matches taste may reorder."""
MOST_SUGGESTIONS, MOST_OF_A_KIND = 8, 3

FIELD_WEIGHTS = {"name": 8, "brand": 4, "category": 2, "description": 1}


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product that matches; `personalization_score` in [0, 1] is 0 where taste is unknown."""

    product: Product
    personalization_score: float


class Kind(StrEnum):
    """What a suggestion leads to."""

    PRODUCT = "product"
    CATEGORY = "category"
    BRAND = "brand"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A way to go on from what was typed; `product_id` is set for products only."""

    text: str
    kind: Kind
    product_id: int | None = None


def search_products(*, text: str, subject: Subject | None, count: int) -> list[FoundProduct]:
    """Return active products that hold every word of `text`, best match first.

    A word counts by the best field it occurs in: name before brand before category before
    description. Equal matches are ordered by the subject's taste, then newest first.
    """
    terms = _terms(text)
    relevance: Combinable = Value(0)
    for term in terms:
        relevance = relevance + _weight(term)
    candidates = list(
        Product.objects.filter(_holding(terms), is_active=True)
        .annotate(relevance=relevance)
        .order_by("-relevance", "-created_at", "-id")[:CANDIDATES]
    )
    scores: dict[int, float] = {}
    if subject is not None and candidates:
        scores = score_personalization(
            subject=subject, product_ids=[product.pk for product in candidates]
        )
    found = [FoundProduct(product, scores.get(product.pk, 0.0)) for product in candidates]
    # The sort is stable: newest first stays where relevance and taste are equal.
    found.sort(key=lambda entry: (-entry.product.relevance, -entry.personalization_score))  # type: ignore[attr-defined]
    return found[:count]


def facets_of(*, text: str | None = None, category: str | None = None) -> Facets:
    """Return the facets of a category, of what a search finds, or of both."""
    products = list_products(category=category)
    return compute_facets(
        matching=products if text is None else products.filter(_holding(_terms(text)))
    )


def suggestions(*, text: str) -> list[Suggestion]:
    """Return up to eight ways to go on from what was typed: categories, brands, then products.

    Each holds the text, those that begin with it before those in which a later word does.
    """
    typed = " ".join(_terms(text))
    products = Product.objects.filter(is_active=True)
    found = []
    for kind, field in ((Kind.CATEGORY, "category"), (Kind.BRAND, "brand")):
        names = _beginning(products, field, typed).values_list(field, "rank").distinct()
        found += [Suggestion(text=name, kind=kind) for name, _ in names[:MOST_OF_A_KIND]]
    named = _beginning(products, "name", typed).values_list("name", "id")[:MOST_SUGGESTIONS]
    found += [Suggestion(name, Kind.PRODUCT, product_id) for name, product_id in named]
    return found[:MOST_SUGGESTIONS]


def _beginning(products: QuerySet[Product], field: str, typed: str) -> QuerySet[Product]:
    """Return products with a word of `field` that begins as typed, the field's own begin first."""
    first = Q(**{f"{field}__istartswith": typed})
    later = Q(**{f"{field}__icontains": f" {typed}"})
    rank = Case(When(first, then=Value(0)), default=Value(1), output_field=IntegerField())
    return products.filter(first | later).annotate(rank=rank).order_by("rank", field)


def _terms(text: str) -> list[str]:
    terms = text.split()
    if not terms:
        raise InvalidInputError("Say what to search for.", field="q")
    if len(terms) > MAX_TERMS:
        raise InvalidInputError(f"Search for at most {MAX_TERMS} words.", field="q")
    return terms


def _holding(terms: list[str]) -> Q:
    every = Q()
    for term in terms:
        every &= _occurs(term)
    return every


def _occurs(term: str) -> Q:
    anywhere = Q()
    for field in FIELD_WEIGHTS:
        anywhere |= Q(**{f"{field}__icontains": term})
    return anywhere


def _weight(term: str) -> Case:
    return Case(
        *(
            When(**{f"{field}__icontains": term}, then=Value(weight))
            for field, weight in FIELD_WEIGHTS.items()
        ),
        default=Value(0),
        output_field=IntegerField(),
    )
