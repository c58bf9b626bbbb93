"""What the shop itself calls its products and people, with the source that the id comes from.

What has no id of the shop's own is called by its number, such as `number-7`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from recommendations.models import Product, ShopperId, Variant


class ShopIds:
    """The shop's own ids of the shoppers and products of a batch, read in two queries."""

    def __init__(
        self, rows: Sequence[Any], product_ids: Iterable[int | None] | None = None
    ) -> None:
        users = {row.user_id for row in rows} - {None}
        # Of several ids, the oldest counts.
        shopper_ids = ShopperId.objects.filter(user_id__in=users).order_by("-pk")
        self._shoppers: dict[int, tuple[str, str]] = {
            user_id: (source, external_id)
            for user_id, source, external_id in shopper_ids.values_list(
                "user_id", "source", "external_id"
            )
        }
        if product_ids is None:
            product_ids = [row.product_id for row in rows]
        products = Product.objects.filter(pk__in={pk for pk in product_ids if pk is not None})
        self._products: dict[int, tuple[str, str]] = {
            pk: (source, external_id)
            for pk, source, external_id in products.values_list("pk", "source", "external_id")
        }

    def name_product(self, product_id: int | None) -> str | None:
        """Return the own id of a product; None for none."""
        if product_id is None:
            return None
        return self._products.get(product_id, ("", ""))[1] or _number(product_id)

    def find_source(self, product_id: int | None) -> str:
        """Return the source that a product's own id comes from; empty without one."""
        return self._products.get(product_id or 0, ("", ""))[0]

    def name_product_with_source(self, product_id: int | None) -> dict[str, str | None]:
        """Return the columns that say which product a row is about."""
        return {
            "product_source": self.find_source(product_id),
            "product_id": self.name_product(product_id),
        }

    def name_subject(self, user_id: int | None, session_id: str | None) -> dict[str, str | None]:
        """Return the columns that say whose a row is."""
        source, shopper = "", None
        if user_id is not None:
            source, shopper = self._shoppers.get(user_id, ("", _number(user_id)))
        # "shop:7" is the visitor whom the source "shop" calls 7.
        session_source, colon, own = (session_id or "").partition(":")
        return {
            "user_source": source,
            "user_id": shopper,
            "session_source": session_source if colon else "",
            "session_id": own if colon else session_id,
        }


def get_own_id(row: Product | Variant) -> str:
    """Return the shop's own id of a product or a variant."""
    return row.external_id or _number(row.pk)


def _number(pk: int) -> str:
    return f"number-{pk}"
