"""Forms of what is sold: staff see and change the price outside a sale, and the sale."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from recommendations.admin.shown_values import ShownValuesForm
from recommendations.services.shop.prices import derive_prices, get_price_inputs

SALE_FIELDS = ("sale_price", "sale_starts_at", "sale_ends_at")


class PricedForm(ShownValuesForm):
    """A form with the price outside the sale; what is charged now is derived when it is saved."""

    def __init__(self, *args: Any, instance: Any = None, **options: Any) -> None:
        charged = None
        if instance is not None:
            charged = instance.price
            instance.price = get_price_inputs(instance)["price"]
        super().__init__(*args, instance=instance, **options)
        if charged is not None:
            # What is written is compared with the row, which has the price of the sale.
            self._loaded["price"] = charged
        if "price" in self.fields:
            self.fields["price"].help_text = _("Outside a sale.")

    def clean(self) -> dict[str, Any] | None:
        """Refuse a sale that contradicts itself."""
        cleaned = super().clean()
        values = self.cleaned_data
        if "price" not in self.fields or "price" not in values or "sale_price" not in values:
            return cleaned
        sale_price = values["sale_price"]
        if sale_price is None and (values.get("sale_starts_at") or values.get("sale_ends_at")):
            self.add_error("sale_price", _("The times of a sale need a sale price."))
        elif sale_price is not None and sale_price >= values["price"]:
            self.add_error("sale_price", _("A sale price must be below the price."))
        self.instance.regular_price = None if sale_price is None else values["price"]
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()
        if "price" in self.fields and not self.errors:
            row = self.instance
            sale = {name: getattr(row, name) for name in SALE_FIELDS}
            for name, value in derive_prices(price=row.price, **sale).items():
                setattr(row, name, value)
