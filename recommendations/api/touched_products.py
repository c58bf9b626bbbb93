"""What an event is about: a product, named by its own id or by that of one of its variants."""

from typing import Any

from rest_framework import serializers

from recommendations.api.fields import StrictSerializer
from recommendations.api.ids import ProductIdField, VariantIdField


class TouchedProductSerializer(StrictSerializer):
    """Names a product by `product_id`, by `variant_id`, or by both."""

    product_id = ProductIdField(required=False, help_text="Needed unless `variant_id` is given.")
    variant_id = VariantIdField(
        allow_null=True,
        default=None,
        help_text="The variant that was touched: our id, or `ext:` and its own id or its SKU. "
        "Without `product_id` it says which product; so does the SKU of one without variants.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an event that names neither a product nor a variant."""
        if attrs.setdefault("product_id", None) is None and attrs["variant_id"] is None:
            raise serializers.ValidationError(
                {"product_id": ["Name the product by `product_id` or by `variant_id`."]},
                "required",
            )
        return attrs
