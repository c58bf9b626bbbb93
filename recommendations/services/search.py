"""Finding products by words; taste orders what matches equally well."""

from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable

from recommendations.errors import InvalidInputError
from recommendations.models import Product
from recommendations.services.recommending import personalization_scores
from recommendations.services.subjects import Subject

MAX_TERMS = 8
CANDIDATES = 200
"""How many of the best matches taste may reorder."""

FIELD_WEIGHTS = {"name": 8, "brand": 4, "category": 2, "description": 1}


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product that matches; `personalization_score` in [0, 1] is 0 where taste is unknown."""

    product: Product
    personalization_score: float


def search_products(*, text: str, subject: Subject | None, count: int) -> list[FoundProduct]:
    """Return active products that hold every word of `text`, best match first.

    A word counts by the best field it occurs in: name before brand before category before
    description. Equal matches are ordered by the subject's taste, then newest first.
    """
    terms = text.split()
    if not terms:
        raise InvalidInputError("Say what to search for.", field="q")
    if len(terms) > MAX_TERMS:
        raise InvalidInputError(f"Search for at most {MAX_TERMS} words.", field="q")
    matching = Product.objects.filter(is_active=True)
    relevance: Combinable = Value(0)
    for term in terms:
        matching = matching.filter(_occurs(term))
        relevance = relevance + _weight(term)
    candidates = list(
        matching.annotate(relevance=relevance).order_by("-relevance", "-created_at", "-id")[
            :CANDIDATES
        ]
    )
    scores: dict[int, float] = {}
    if subject is not None and candidates:
        scores = personalization_scores(
            subject=subject, product_ids=[product.pk for product in candidates]
        )
    found = [FoundProduct(product, scores.get(product.pk, 0.0)) for product in candidates]
    # The sort is stable: newest first stays where relevance and taste are equal.
    found.sort(key=lambda entry: (-entry.product.relevance, -entry.personalization_score))  # type: ignore[attr-defined]
    return found[:count]


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
