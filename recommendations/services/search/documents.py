"""Products as search reads them: their texts by field, and whether they can be found."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import QuerySet

from recommendations.category_paths import get_name
from recommendations.conf import configuration
from recommendations.models import Product, ProductCategory, Variant
from recommendations.progress import Progress, report_nothing
from recommendations.retrieval.documents import Document
from recommendations.retrieval.languages import choose_languages
from recommendations.retrieval.tokens import Tokenizer
from recommendations.sentences import say

PRODUCTS_PER_STEP = 2_000
TEXTS_COMPARED = 2_000
"""So many of the newest products tell in which languages the shop is."""
BEFORE_ALL = datetime.fromtimestamp(0, UTC)
_COLUMNS = ("pk", "name", "brand", "attributes", "description", "sku", "external_id")


class ProductChange(NamedTuple):
    """The last write of a product."""

    product_id: int
    changed_at: datetime
    is_active: bool
    in_stock: bool


def list_changes(*, after: datetime) -> list[ProductChange]:
    """Return the last write of each product that was written after a time, in their order."""
    products = Product.objects.filter(changed_at__gt=after).order_by("changed_at", "pk")
    rows = products.values_list("pk", "changed_at", "is_active", "stock")
    return [ProductChange(pk, at, is_active, stock > 0) for pk, at, is_active, stock in rows]


def make_tokenizer() -> Tokenizer:
    """Return the tokenizer of those languages of the shop that its products are in."""
    newest = Product.objects.filter(is_active=True).order_by("-pk")
    texts = newest.values_list("name", "description")[:TEXTS_COMPARED]
    languages = configuration().search_languages
    return Tokenizer(choose_languages(languages, (" ".join(found) for found in texts)))


def read_documents(
    product_ids: Sequence[int], *, progress: Progress = report_nothing
) -> Iterator[Document]:
    """Return the documents of products, whose ids rise."""
    for first in range(0, len(product_ids), PRODUCTS_PER_STEP):
        progress(say("Indexing products"), first, len(product_ids))
        yield from _read_step(product_ids[first : first + PRODUCTS_PER_STEP])
    progress(say("Indexing products"), len(product_ids), len(product_ids))


def read_names(product_ids: Sequence[int]) -> list[str]:
    """Return the names of products with their main categories, as their meaning is read."""
    found = Product.objects.in_bulk(product_ids)
    return [
        f"{found[pk].name}, {get_name(found[pk].category)}" if pk in found else ""
        for pk in product_ids
    ]


def _read_step(product_ids: Collection[int]) -> Iterator[Document]:
    categories = _collect(
        ProductCategory.objects.filter(product_id__in=product_ids), "category__path", "is_given"
    )
    variants: dict[int, list[Any]] = _collect(
        Variant.objects.filter(product_id__in=product_ids, is_active=True),
        "options",
        "sku",
        "external_id",
    )
    products = Product.objects.filter(pk__in=product_ids).order_by("pk").values_list(*_COLUMNS)
    for pk, name, brand, attributes, description, sku, external_id in products:
        rows, paths = variants.get(pk, ()), categories.get(pk, ())
        options = {str(value) for options, _, _ in rows for value in options.values()}
        yield Document(
            product_id=pk,
            name=name,
            brand=brand,
            category=" ".join(path for path, is_given in paths if is_given),
            attributes=" ".join([*_list_texts(attributes), *sorted(options)]),
            description=description,
            codes=[sku, external_id, *(code for _, *codes in rows for code in codes)],
            category_paths=[path for path, _ in paths],
        )


def _collect(rows: "QuerySet[Any]", *columns: Any) -> dict[int, list[Any]]:
    """Return the columns of rows by product, in the order of the rows' keys."""
    found: dict[int, list[Any]] = {}
    for product_id, *values in rows.order_by("pk").values_list("product_id", *columns):
        found.setdefault(product_id, []).append(values)
    return found


def _list_texts(attributes: Any) -> list[str]:
    """Return the texts and numbers of attributes; of one that is true, its name."""
    if isinstance(attributes, Mapping):
        return [
            text
            for name, value in attributes.items()
            for text in ([str(name)] if value is True else _list_texts(value))
        ]
    if isinstance(attributes, list):
        return [text for value in attributes for text in _list_texts(value)]
    return [] if attributes is None or isinstance(attributes, bool) else [str(attributes)]
