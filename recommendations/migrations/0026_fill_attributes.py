"""Make the rows by which the products that are there can be filtered by their attributes."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations

BATCH = 500
LONGEST = 60
MOST_VALUES = 100


def fill_attributes(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    Product = apps.get_model("recommendations", "Product")
    Variant = apps.get_model("recommendations", "Variant")
    AttributeValue = apps.get_model("recommendations", "AttributeValue")
    ProductAttribute = apps.get_model("recommendations", "ProductAttribute")
    ids: dict[tuple[str, str], int] = {}

    def find_value(name: str, value: str) -> int:
        key = (name.casefold(), value.casefold())
        if key not in ids:
            row = AttributeValue.objects.using(database).create(
                name=name, value=value, name_key=key[0], value_key=key[1]
            )
            ids[key] = row.pk
        return ids[key]

    last = 0
    while True:
        products = Product.objects.using(database).filter(pk__gt=last).order_by("pk")
        attributes = dict(products.values_list("pk", "attributes")[:BATCH])
        if not attributes:
            return
        last = max(attributes)
        found = {pk: list(list_texts(given)) for pk, given in attributes.items()}
        variants = Variant.objects.using(database).filter(product_id__in=found, is_active=True)
        for pk, options in variants.order_by("pk").values_list("product_id", "options"):
            found[pk] += list_texts(options)
        ProductAttribute.objects.using(database).bulk_create(
            ProductAttribute(product_id=pk, value_id=value_id)
            for pk, texts in found.items()
            for value_id in list(dict.fromkeys(find_value(*text) for text in texts))[:MOST_VALUES]
        )


def list_texts(attributes: Any) -> Iterator[tuple[str, str]]:
    """Yield names and values that are short enough to filter by."""
    for name, value in attributes.items() if isinstance(attributes, dict) else ():
        cleaned = " ".join(name.replace(":", " ").split())
        for each in value if isinstance(value, list) else [value]:
            text = str(each).lower() if isinstance(each, bool) else " ".join(str(each).split())
            is_single = isinstance(each, str | int | float)
            if is_single and 0 < len(cleaned) <= LONGEST and 0 < len(text) <= LONGEST:
                yield cleaned, text


class Migration(migrations.Migration):
    dependencies = [("recommendations", "0025_attributes_to_filter_by")]

    operations = [migrations.RunPython(fill_attributes, migrations.RunPython.noop)]
