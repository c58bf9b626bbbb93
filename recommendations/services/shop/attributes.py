"""The attributes of products as rows, by which shoppers filter; derived from what products say."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from django.db import transaction

from recommendations.models import AttributeValue, Product, ProductAttribute, Variant
from recommendations.models.attribute import LONGEST_ATTRIBUTE
from recommendations.services.infra.row_writes import insert_new_rows

MAX_VALUES_PER_PRODUCT = 100
PRODUCTS_PER_STATEMENT = 500
ROWS_PER_STATEMENT = 2_000
NAME_SEPARATOR = ":"
"""Stands between the name and the value where both are one text; no stored name has it."""


class AttributeKey(NamedTuple):
    """An attribute's name and value in the form by which they are compared."""

    name: str
    value: str


def build_key(name: str, value: str) -> AttributeKey:
    """Return the key of a name and a value, which differ neither by case nor by spaces."""
    return AttributeKey(_clean(name).casefold(), _clean(value).casefold())


@transaction.atomic
def derive_attributes(product_ids: Collection[int]) -> None:
    """Write the rows by which these products are filtered, in place of those they have.

    Whoever changes the attributes of products, or the options of variants, calls this in the same
    transaction. Texts of more than `LONGEST_ATTRIBUTE` characters and nested values are left out:
    nobody filters by them.
    """
    ordered = sorted(set(product_ids))
    for start in range(0, len(ordered), PRODUCTS_PER_STATEMENT):
        _derive(ordered[start : start + PRODUCTS_PER_STATEMENT])


def _derive(product_ids: Collection[int]) -> None:
    own = Product.objects.filter(pk__in=product_ids).order_by()
    given: dict[int, dict[AttributeKey, tuple[str, str]]] = {}
    for product_id, attributes in own.values_list("pk", "attributes"):
        given[product_id] = _read_values(attributes)
    active = Variant.objects.filter(product_id__in=product_ids, is_active=True).order_by()
    for product_id, options in active.values_list("product_id", "options"):
        given[product_id] |= _read_values(options)
    wanted = {
        product_id: dict(list(values.items())[:MAX_VALUES_PER_PRODUCT])
        for product_id, values in given.items()
    }
    value_ids = _ensure_values({key: each for one in wanted.values() for key, each in one.items()})
    pairs = {(product_id, value_ids[key]) for product_id, keys in wanted.items() for key in keys}
    stored = {
        (product_id, value_id): pk
        for pk, product_id, value_id in ProductAttribute.objects.filter(
            product_id__in=product_ids
        ).values_list("pk", "product_id", "value_id")
    }
    gone = [pk for pair, pk in stored.items() if pair not in pairs]
    if gone:
        ProductAttribute.objects.filter(pk__in=gone).delete()
    insert_new_rows(ProductAttribute, ("product", "value"), sorted(pairs - stored.keys()))


def _ensure_values(wanted: Mapping[AttributeKey, tuple[str, str]]) -> dict[AttributeKey, int]:
    """Return the ids of these values; missing ones are made."""
    found = _find_values(wanted)
    # In the order of the keys, so that two writers never wait for each other.
    missing = sorted(wanted.keys() - found.keys())
    if not missing:
        return found
    AttributeValue.objects.bulk_create(
        (
            AttributeValue(
                name=wanted[key][0], value=wanted[key][1], name_key=key.name, value_key=key.value
            )
            for key in missing
        ),
        batch_size=ROWS_PER_STATEMENT,
        ignore_conflicts=True,
    )
    return _find_values(wanted)


def _find_values(wanted: Collection[AttributeKey]) -> dict[AttributeKey, int]:
    keys = sorted(wanted)
    found: dict[AttributeKey, int] = {}
    for start in range(0, len(keys), ROWS_PER_STATEMENT):
        part = keys[start : start + ROWS_PER_STATEMENT]
        rows = AttributeValue.objects.filter(
            name_key__in={key.name for key in part}, value_key__in={key.value for key in part}
        )
        for pk, *key in rows.values_list("pk", "name_key", "value_key"):
            found[AttributeKey(*key)] = pk
    return {key: found[key] for key in keys if key in found}


def _read_values(attributes: Any) -> dict[AttributeKey, tuple[str, str]]:
    """Return the names and values, as they are written, by their keys."""
    values: dict[AttributeKey, tuple[str, str]] = {}
    for name, value in attributes.items() if isinstance(attributes, Mapping) else ():
        cleaned = _clean(name.replace(NAME_SEPARATOR, " "))
        for text in _list_texts(value):
            if 0 < len(cleaned) <= LONGEST_ATTRIBUTE and 0 < len(text) <= LONGEST_ATTRIBUTE:
                values.setdefault(build_key(cleaned, text), (cleaned, text))
    return values


def _list_texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            if not isinstance(each, list):
                yield from _list_texts(each)
    elif isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, str | int | float):
        yield _clean(str(value))


def _clean(text: str) -> str:
    return " ".join(text.split())
