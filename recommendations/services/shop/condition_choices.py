"""The values of the shop that a condition may name."""

from django.db.models import Count, QuerySet

from recommendations.engine.conditions.fields import ATTRIBUTE, About, find_field
from recommendations.engine.conditions.parsing import Test
from recommendations.models import AttributeValue, Category, Product

MAX_CHOICES = 30
MAX_ATTRIBUTES = 100


def list_attribute_names() -> list[str]:
    """Return the names of the attributes with the most values, each as it is spelled first."""
    rows = AttributeValue.objects.values("name_key").annotate(values=Count("pk"))
    keys = [row["name_key"] for row in rows.order_by("-values", "name_key")[:MAX_ATTRIBUTES]]
    spelled: dict[str, str] = {}
    names = AttributeValue.objects.filter(name_key__in=keys).order_by("pk")
    for key, name in names.values_list("name_key", "name"):
        spelled.setdefault(key, name)
    return sorted(spelled.values(), key=str.casefold)


def find_choices(*, field: str, text: str) -> list[tuple[str, str]]:
    """Return values of a field that have a text, with what staff call them; at most 30."""
    if field == "product":
        products = Product.objects.filter(name__icontains=text).order_by("name", "pk")
        return [(str(pk), name) for pk, name in products.values_list("pk", "name")[:MAX_CHOICES]]
    names = _list_names(field)
    if names is None:
        return []
    rows, column = names
    found = rows.filter(**{f"{column}__icontains": text}).order_by(column)
    return [(name, name) for name in found.values_list(column, flat=True).distinct()[:MAX_CHOICES]]


def find_missing(test: Test) -> list[str]:
    """Return the values of a test that the shop does not have; most likely typing errors."""
    values = test.value if isinstance(test.value, tuple) else ()
    if test.field == "product":
        known = set(Product.objects.filter(pk__in=values).values_list("pk", flat=True))
        return [str(value) for value in values if value not in known]
    names = _list_names(test.field)
    if names is None:
        return []
    rows, column = names
    if test.field.startswith(ATTRIBUTE):
        column = "value_key"
    stored = set(rows.filter(**{f"{column}__in": values}).values_list(column, flat=True))
    return [str(value) for value in values if value not in stored]


def _list_names(
    name: str,
) -> tuple["QuerySet[Product] | QuerySet[Category] | QuerySet[AttributeValue]", str] | None:
    """Return the rows and the column with the values of a field; None if any text is one."""
    if name.startswith(ATTRIBUTE):
        key = " ".join(name.removeprefix(ATTRIBUTE).split()).casefold()
        return AttributeValue.objects.filter(name_key=key), "value"
    field = find_field(name)
    if field is None or field.about is About.SEARCH:
        return None
    if name.endswith("category"):
        return Category.objects.all(), "path"
    if name.endswith("brand"):
        return Product.objects.exclude(brand=""), "brand"
    return None
