"""What the outside says of products, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

PRICE_FIELDS = frozenset({"price", "sale_price", "sale_starts_at", "sale_ends_at"})
PRODUCT_FIELDS = PRICE_FIELDS | {
    "name",
    "description",
    "description_html",
    "brand",
    "sku",
    "cost",
    "stock",
    "image",
    "is_active",
    "is_repeatable",
    "attributes",
    "created_at",
}
VARIANT_FIELDS = PRICE_FIELDS | {"sku", "options", "stock", "image", "position", "is_active"}
UNCATEGORISED = "Uncategorised"


class Outcome(StrEnum):
    """What became of an input."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    """The shop had all of it before."""
    STALE = "stale"
    """The shop knows something newer; nothing was written."""
    REFUSED = "refused"
    """The reason says why; nothing was written."""


@dataclass(frozen=True, slots=True)
class VariantInput:
    """What is said of one variant.

    `external_id` is the shop's own id of the variant, unique in its product. A variant without one
    is known by its options. `given` has the values by field, of `VARIANT_FIELDS`: `price` is the
    price outside a sale, and None is allowed for the three fields of the sale, which takes them
    away. `initial` has, by the same fields, what a new variant has besides. `image` is a name in
    the media storage, `picture` the address of a picture that is still to be fetched. `updated_at`
    is the client's time of the message; without one, the time of the product's message counts.
    """

    external_id: str
    given: Mapping[str, Any] = field(default_factory=dict)
    initial: Mapping[str, Any] = field(default_factory=dict)
    updated_at: datetime | None = None
    picture: str | None = None

    def __post_init__(self) -> None:
        _require_known({**self.initial, **self.given}, VARIANT_FIELDS)


@dataclass(frozen=True, slots=True)
class ProductInput:
    """What is said of one product; what is not said stays as it is.

    `given` has the values by field, of `PRODUCT_FIELDS`, checked and in the types of the columns:
    `price` is the price outside a sale, and None is allowed for the three fields of the sale, which
    takes them away, for `cost`, which then is unknown, and for `is_repeatable`, which then is as
    the category says. `initial` has, by the same fields and `categories`, what a new product has
    besides. `image` is a name in the media storage; `pictures` are the addresses of pictures that
    are still to be fetched, the main one first. Of `categories`, which are paths, the first is the
    main one; a new product without one lies in `UNCATEGORISED`. `updated_at` is the client's time
    of the message: a message older than the newest one changes nothing.

    `variants` are all variants of the product, unless `keeps_other_variants`: the others are
    deleted, and with an empty list the product itself is sold again. A price of the product holds
    for the variants that name none.
    """

    external_id: str
    given: Mapping[str, Any] = field(default_factory=dict)
    initial: Mapping[str, Any] = field(default_factory=dict)
    categories: Sequence[str] | None = None
    variants: Sequence[VariantInput] | None = None
    keeps_other_variants: bool = False
    pictures: Sequence[str] | None = None
    updated_at: datetime | None = None

    def __post_init__(self) -> None:
        _require_known(self.given, PRODUCT_FIELDS)
        _require_known(self.initial, PRODUCT_FIELDS | {"categories"})


@dataclass(frozen=True, slots=True)
class VariantResult:
    """What became of a variant's input; `field` is that which the reason of a refusal is about."""

    external_id: str
    outcome: Outcome
    reason: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class ProductResult:
    """What became of a product's input.

    `product_id` is None for a product that is not in the shop. `field` is that which the reason of
    a refusal is about, such as `price` or `variants/0/price`, where it is about one. `variants` has
    one result for each variant of the input, in its order; it is empty if the product was refused
    or is stale.
    """

    external_id: str
    outcome: Outcome
    product_id: int | None = None
    reason: str = ""
    field: str = ""
    variants: Sequence[VariantResult] = ()


def _require_known(given: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = given.keys() - known
    if unknown:
        raise TypeError(f"{', '.join(sorted(unknown))} cannot be given; {sorted(known)} can.")
