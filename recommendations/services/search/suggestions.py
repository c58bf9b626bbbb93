"""Suggestions for the text that a shopper is typing."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from recommendations.errors import InvalidInputError
from recommendations.models import Category, Product, ProductCategory
from recommendations.services.search.query import find_products

MAX_SUGGESTIONS, MAX_PER_FIELD = 8, 3


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


def suggest(*, text: str) -> list[Suggestion]:
    """Return up to eight suggestions for a text: categories, brands, then products.

    Every suggestion has a word that begins with the text. Within each group, names that themselves
    begin with the text stand first.
    """
    typed = " ".join(text.split())
    if not typed:
        raise InvalidInputError("Say what to search for.", field="q")
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
    best = find_products(text=typed, is_typing=True).product_ids[:MAX_SUGGESTIONS]
    named = products.only("name", "external_id").in_bulk(best)
    found += [
        Suggestion(named[pk].name, SuggestionKind.PRODUCT, pk, named[pk].external_id)
        for pk in best
        if pk in named
    ]
    return found[:MAX_SUGGESTIONS]


def _filter_by_prefix(rows: QuerySet[Any], field: str, prefix: str) -> QuerySet[Any]:
    """Return rows with a word of `field` that has the prefix; rank 0 if the field has it."""
    first = Q(**{f"{field}__istartswith": prefix})
    later = Q(**{f"{field}__icontains": f" {prefix}"})
    rank = Case(When(first, then=Value(0)), default=Value(1), output_field=IntegerField())
    found: QuerySet[Any] = rows.filter(first | later).annotate(rank=rank)
    return found.order_by("rank", field)
