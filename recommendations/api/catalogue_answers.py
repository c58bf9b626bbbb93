"""What the catalogue's routes answer: products as they were written, and a result for each item."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from recommendations.api.catalogue_inputs import (
    to_variant_input,
)
from recommendations.api.errors import to_problem
from recommendations.api.fields import (
    MoneyField,
    StrictSerializer,
)
from recommendations.models import Product, Variant
from recommendations.models.prices import Priced
from recommendations.services.shop.catalogue_inputs import (
    Outcome,
    ProductInput,
    ProductResult,
)
from recommendations.services.shop.catalogue_writing import write_products
from recommendations.services.shop.prices import get_price_inputs

VARIANT_FIELD_NAMES = {"external_id": "variant_external_id"}
"""What the fields of a variant are called in an item that also names its product."""
WRITTEN_AT_ONCE = 200
"""Products in one transaction: others who write wait for its locks."""


class RefusedFieldSerializer(serializers.Serializer[Any]):
    """A refused value and its place in the item."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class ItemResultSerializer(serializers.Serializer[Any]):
    """What became of one item; `id` is the shop's id of the product."""

    index = serializers.IntegerField()
    external_id = serializers.CharField(required=False)
    variant_external_id = serializers.CharField(required=False)
    status = serializers.ChoiceField(choices=[each.value for each in Outcome])
    id = serializers.IntegerField(required=False)
    detail = serializers.CharField(required=False)
    errors = RefusedFieldSerializer(many=True, required=False)  # type: ignore[assignment]
    stale_variants = serializers.ListField(child=serializers.CharField(), required=False)


class CountsSerializer(serializers.Serializer[Any]):
    """How many items had each status."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    stale = serializers.IntegerField()
    refused = serializers.IntegerField()


class ResultsSerializer(serializers.Serializer[Any]):
    """The result of each item, in the order of the request."""

    counts = CountsSerializer()
    results = ItemResultSerializer(many=True)


class PricedSerializer(serializers.Serializer[Any]):
    """The prices of a product or of a variant; `current_price` is what is charged now."""

    external_id = serializers.CharField()
    sku = serializers.CharField()
    price = serializers.SerializerMethodField()
    sale_price = MoneyField(allow_null=True)
    sale_starts_at = serializers.DateTimeField(allow_null=True, default_timezone=UTC)
    sale_ends_at = serializers.DateTimeField(allow_null=True, default_timezone=UTC)
    current_price = MoneyField(source="price")
    stock = serializers.IntegerField()
    is_active = serializers.BooleanField()
    updated_at = serializers.DateTimeField(
        allow_null=True, source="source_updated_at", default_timezone=UTC
    )

    @extend_schema_field(MoneyField())
    def get_price(self, row: Priced) -> str:
        """Return the price outside a sale."""
        return MoneyField().to_representation(get_price_inputs(row)["price"])


class CatalogueVariantSerializer(PricedSerializer):
    """A variant as it was written."""

    options = serializers.DictField(child=serializers.CharField())
    picture = serializers.SerializerMethodField()

    def get_picture(self, variant: Variant) -> str:
        """Return the address that was given for its picture."""
        addresses: dict[int | None, list[str]] = self.context["addresses"]
        return next(iter(addresses.get(variant.pk, ())), "")


class CatalogueProductSerializer(PricedSerializer):
    """A product as it was written, whether or not it is for sale."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.SerializerMethodField()
    brand = serializers.CharField()
    categories = serializers.SerializerMethodField()
    cost = MoneyField(allow_null=True)
    attributes = serializers.DictField(child=serializers.JSONField())
    is_repeatable = serializers.BooleanField(allow_null=True, source="is_repeatable_given")
    pictures = serializers.SerializerMethodField()
    variants = serializers.SerializerMethodField()

    def get_description(self, product: Product) -> str:
        """Return the description, with its formatting if it has some."""
        return product.description_html or product.description

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_categories(self, product: Product) -> list[str]:
        """Return the paths of the categories, the main one first."""
        paths: dict[int, list[str]] = self.context["categories"]
        return paths[product.pk]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_pictures(self, product: Product) -> list[str]:
        """Return the addresses that were given for the pictures."""
        return _group_addresses(product).get(None, [])

    @extend_schema_field(CatalogueVariantSerializer(many=True))
    def get_variants(self, product: Product) -> Any:
        """Return the variants in their order."""
        context = {"addresses": _group_addresses(product)}
        variants = product.variants.all()
        return CatalogueVariantSerializer(variants, many=True, context=context).data


class CataloguePageSerializer(serializers.Serializer[Any]):
    """Products in the order of their own ids; `next_after` is null on the last page."""

    products = CatalogueProductSerializer(many=True)
    next_after = serializers.CharField(allow_null=True)


class Answers:
    """The answer to each item of a call, in the order of the items."""

    def __init__(self, items: Sequence[Any]) -> None:
        self.items = items
        self.inputs: dict[int, ProductInput] = {}
        self.results: dict[int, dict[str, Any]] = {}

    def check(
        self, serializer: StrictSerializer, names: Sequence[str]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the good items with their index; note the others as refused.

        `names` are the fields that identify an item: it may be named only once.
        """
        seen: set[tuple[Any, ...]] = set()
        for index, item in enumerate(self.items):
            try:
                values = serializer.run_validation(item)
                key = tuple(values.get(name) for name in names)
                if key in seen:
                    raise ValidationError({"external_id": ["This call named it before."]})
            except ValidationError as error:
                problem = to_problem(error)
                self.results[index] = {
                    **_get_names(item),
                    "status": Outcome.REFUSED.value,
                    "detail": problem.errors[0]["detail"] if problem.errors else problem.detail,
                    "errors": problem.errors,
                }
            else:
                seen.add(key)
                yield index, values

    def write(self, *, source: str, creates: bool = True) -> None:
        """Write the inputs, and note their results."""
        waiting = list(self.inputs.items())
        for start in range(0, len(waiting), WRITTEN_AT_ONCE):
            part = waiting[start : start + WRITTEN_AT_ONCE]
            results = write_products([given for _, given in part], source=source, creates=creates)
            for (index, _), result in zip(part, results, strict=True):
                self.note(index, result)

    def write_variants(
        self, of_variants: dict[str, list[tuple[int, dict[str, Any]]]], *, source: str
    ) -> None:
        """Write variants of known products, and note their results."""
        waiting = list(of_variants.items())
        for start in range(0, len(waiting), WRITTEN_AT_ONCE):
            part = waiting[start : start + WRITTEN_AT_ONCE]
            results = write_products(
                [
                    ProductInput(
                        external_id,
                        variants=[to_variant_input(values) for _, values in named],
                        keeps_other_variants=True,
                    )
                    for external_id, named in part
                ],
                source=source,
                creates=False,
            )
            for (_, named), result in zip(part, results, strict=True):
                for place, (index, values) in enumerate(named):
                    of_variant = result
                    if result.variants:
                        found = result.variants[place]
                        of_variant = replace(
                            result,
                            outcome=found.outcome,
                            reason=found.reason,
                            field=VARIANT_FIELD_NAMES.get(found.field, found.field),
                            variants=(),
                        )
                    self.note(index, of_variant)
                    self.results[index]["variant_external_id"] = values["variant_external_id"]

    def note(self, index: int, result: ProductResult) -> None:
        """Note what became of an item."""
        answer: dict[str, Any] = {
            "external_id": result.external_id,
            "status": result.outcome.value,
        }
        if result.product_id is not None:
            answer["id"] = result.product_id
        if result.reason:
            answer["detail"] = result.reason
        if result.field:
            refused = {"pointer": f"/{result.field}", "code": "invalid", "detail": result.reason}
            answer["errors"] = [refused]
        stale = [each.external_id for each in result.variants if each.outcome is Outcome.STALE]
        if stale:
            answer["stale_variants"] = stale
        self.results[index] = answer

    def respond(self) -> Response:
        """Return the response with all results, and how many there are of each status."""
        counted = Counter(result["status"] for result in self.results.values())
        return Response(
            {
                "counts": {outcome.value: counted[outcome.value] for outcome in Outcome},
                "results": [
                    {"index": index, **self.results[index]} for index in range(len(self.items))
                ],
            }
        )


def _get_names(item: Any) -> dict[str, str]:
    """Return the ids of an item that was refused, as far as it has some; numbers as text."""
    if not isinstance(item, dict):
        return {}
    names = ("external_id", "variant_external_id")
    return {
        name: str(item[name])
        for name in names
        if isinstance(item.get(name), str | int | float) and not isinstance(item[name], bool)
    }


def _group_addresses(product: Product) -> dict[int | None, list[str]]:
    """Return the addresses of a product's pictures by variant; None has the product's own."""
    addresses: dict[int | None, list[str]] = {}
    for row in product.picture_addresses.all():
        addresses.setdefault(row.variant_id, []).append(row.address)
    return addresses
