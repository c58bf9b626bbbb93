"""Suggestions for the text that a shopper is typing."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from recommendations.errors import InvalidInputError
from recommendations.models import Product
from recommendations.retrieval.label_table import LabelKind
from recommendations.services.search import live_index
from recommendations.services.search.query import find_products

MAX_SUGGESTIONS, MAX_PER_FIELD, MAX_COMPLETIONS = 8, 2, 2


class SuggestionKind(StrEnum):
    """What a suggestion leads to."""

    QUERY = "query"
    CATEGORY = "category"
    BRAND = "brand"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion for a text: a longer text to search for, a name, or the path of a category.

    `product` is set for products only.
    """

    text: str
    kind: SuggestionKind
    product: Product | None = None

    @property
    def product_id(self) -> int | None:
        """The id of the product; None without one."""
        return self.product.pk if self.product else None

    @property
    def external_id(self) -> str:
        """The shop's own id of the product; empty without one."""
        return self.product.external_id if self.product else ""


def suggest(*, text: str) -> list[Suggestion]:
    """Return up to eight suggestions for a text: longer texts, categories, brands, then products.

    The longer texts complete the last word as the names of the best products do. Every category and
    brand has a word that begins with the text; those that themselves begin with it stand first.
    """
    typed = " ".join(text.split())
    if not typed:
        raise InvalidInputError("Say what to search for.", field="q")
    products = Product.objects.filter(is_active=True)
    index = live_index.get_current()
    found = [
        Suggestion(label, kind)
        for kind, labels in (
            (SuggestionKind.CATEGORY, LabelKind.CATEGORY),
            (SuggestionKind.BRAND, LabelKind.BRAND),
        )
        for label in (index.find_labels(labels, typed, MAX_PER_FIELD) if index else ())
    ]
    best = find_products(text=typed, is_typing=True).product_ids[:MAX_SUGGESTIONS]
    rows = products.in_bulk(best)
    named = [rows[pk] for pk in best if pk in rows]
    completions = _complete(typed, [product.name for product in named])
    found = [Suggestion(text, SuggestionKind.QUERY) for text in completions] + found
    found += [Suggestion(product.name, SuggestionKind.PRODUCT, product) for product in named]
    return found[:MAX_SUGGESTIONS]


def _complete(typed: str, names: Iterable[str]) -> list[str]:
    """Return the text with its last word completed by words of the names, commonest first."""
    before, _, begun = typed.casefold().rpartition(" ")
    words = Counter(word for name in names for word in set(re.findall(r"\w+", name.casefold())))
    longer = [word for word, _ in words.most_common() if word.startswith(begun) and word != begun]
    return [f"{before} {word}".strip() for word in longer[:MAX_COMPLETIONS]]
