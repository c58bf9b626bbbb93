"""Search: products that contain the words, by relevance, then by the subject's taste."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from recommendations.errors import InvalidInputError
from recommendations.models import Category, Product, ProductCategory
from recommendations.services.lists import score_personalization
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.catalogue import Facets, compute_facets, list_products

MAX_TERMS = 8
MAX_MATCHES = 200
"""A search ranks this many of the best matches by taste."""
MAX_SUGGESTIONS, MAX_PER_FIELD = 8, 3

FIELD_WEIGHTS = {"name": 8, "brand": 4, "category": 2, "description": 1}


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product that a search found.

    `personalization_score` is in [0, 1]; 0 where the subject's taste is unknown.
    """

    product: Product
    personalization_score: float


class SuggestionKind(StrEnum):
    """What a suggestion leads to."""

    PRODUCT = "product"
    CATEGORY = "category"
    BRAND = "brand"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion for a text: a name, or the path of a category.

    `product_id` is set for products only.
    """

    text: str
    kind: SuggestionKind
    product_id: int | None = None
    external_id: str = ""


def search_products(*, text: str, subject: Subject | None, count: int) -> list[FoundProduct]:
    """Return active products that contain every word of `text`, best match first.

    Each word scores by the best field that contains it: name, brand, category, description.
    Equal matches stand in the order of the subject's taste, then newest first.
    """
    terms = _split_terms(text)
    relevance: Combinable = Value(0)
    for term in terms:
        relevance = relevance + _rate_relevance(term)
    candidates = list(
        Product.objects.filter(_match_all_terms(terms), is_active=True)
        .annotate(relevance=relevance)
        .order_by("-relevance", "-created_at", "-id")[:MAX_MATCHES]
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


def get_facets(*, text: str | None = None, category: str | None = None) -> Facets:
    """Return the facets of the products in a category, of those that match a text, or of both."""
    products = list_products(category=category)
    return compute_facets(
        matching=products if text is None else products.filter(_match_all_terms(_split_terms(text)))
    )


def suggest(*, text: str) -> list[Suggestion]:
    """Return up to eight suggestions for a text: categories, brands, then products.

    Every suggestion has a word that begins with the text. Within each group, names that themselves
    begin with the text stand first.
    """
    typed = " ".join(_split_terms(text))
    products = Product.objects.filter(is_active=True)
    categories = _filter_by_prefix(
        Category.objects.filter(
            Exists(ProductCategory.objects.filter(category=OuterRef("pk"), product__is_active=True))
        ),
        "name",
        typed,
    ).order_by("rank", "name", "path")
    found = [
        Suggestion(text=path, kind=SuggestionKind.CATEGORY)
        for path in categories.values_list("path", flat=True)[:MAX_PER_FIELD]
    ]
    brands = _filter_by_prefix(products, "brand", typed).values_list("brand", "rank").distinct()
    found += [
        Suggestion(text=name, kind=SuggestionKind.BRAND) for name, _ in brands[:MAX_PER_FIELD]
    ]
    columns = ("name", "id", "external_id")
    named = _filter_by_prefix(products, "name", typed).values_list(*columns)[:MAX_SUGGESTIONS]
    found += [
        Suggestion(name, SuggestionKind.PRODUCT, product_id, external_id)
        for name, product_id, external_id in named
    ]
    return found[:MAX_SUGGESTIONS]


def _filter_by_prefix(rows: QuerySet[Any], field: str, prefix: str) -> QuerySet[Any]:
    """Return rows with a word of `field` that has the prefix; rank 0 if the field has it."""
    first = Q(**{f"{field}__istartswith": prefix})
    later = Q(**{f"{field}__icontains": f" {prefix}"})
    rank = Case(When(first, then=Value(0)), default=Value(1), output_field=IntegerField())
    found: QuerySet[Any] = rows.filter(first | later).annotate(rank=rank)
    return found.order_by("rank", field)


def _split_terms(text: str) -> list[str]:
    terms = text.split()
    if not terms:
        raise InvalidInputError("Say what to search for.", field="q")
    if len(terms) > MAX_TERMS:
        raise InvalidInputError(f"Search for at most {MAX_TERMS} words.", field="q")
    return terms


def _match_all_terms(terms: list[str]) -> Q:
    every = Q()
    for term in terms:
        every &= _match_term(term)
    return every


def _match_term(term: str) -> Q:
    anywhere = Q()
    for field in FIELD_WEIGHTS:
        anywhere |= Q(**{f"{field}__icontains": term})
    return anywhere


def _rate_relevance(term: str) -> Case:
    return Case(
        *(
            When(**{f"{field}__icontains": term}, then=Value(weight))
            for field, weight in FIELD_WEIGHTS.items()
        ),
        default=Value(0),
        output_field=IntegerField(),
    )
