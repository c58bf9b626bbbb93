"""Carts of shoppers and visitors."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet

from recommendations.choices import InteractionType
from recommendations.errors import InvalidInputError, NotFoundError, OutOfStockError
from recommendations.models import CartItem
from recommendations.services.live.announcements import announce_cart_changed
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.catalogue import get_active_product
from recommendations.services.shop.interactions import record_interaction
from recommendations.services.shop.variants import build_variant_required, get_variant_for_sale

MAX_QUANTITY = 99
FOR_SALE = Q(product__is_active=True) & (
    Q(variant__is_active=True) | Q(variant__isnull=True, product__has_variants=False)
)
"""Lines that can be ordered. A line from before its product had variants cannot."""


@dataclass(frozen=True, slots=True)
class Cart:
    """The lines of a cart, oldest first."""

    items: Sequence[CartItem] = ()

    @property
    def item_count(self) -> int:
        """Number of pieces in the cart, over all lines."""
        return sum(item.quantity for item in self.items)

    @property
    def total(self) -> Decimal:
        """Total at the current prices."""
        return sum((item.price * item.quantity for item in self.items), Decimal(0))


def get_cart(subject: Subject | None) -> Cart:
    """Return the subject's cart, without what is no longer for sale."""
    if subject is None:
        return Cart()
    return Cart(tuple(_get_items(subject).filter(FOR_SALE).select_related("product", "variant")))


@transaction.atomic
def add_to_cart(
    *,
    subject: Subject,
    product_id: int,
    variant_id: int | None = None,
    quantity: int = 1,
    event_id: str | None = None,
    list_id: UUID | None = None,
    position: int | None = None,
) -> Cart:
    """Add pieces of a product to the cart and record a `cart` interaction, in one transaction.

    `variant_id` names the variant of a product that has some; the interaction is the product's.
    An `event_id` makes retries safe: the pieces of one event are added once. `list_id` and
    `position` (from 0) say in which served list the product was found.

    Raises:
        EventConflictError: The subject has used the event id for another event.
        NotFoundError: The product or the variant is not for sale.
        OutOfStockError: The cart would hold more pieces than are in stock.
        VariantRequiredError: The product has variants, and none is named.
    """
    product = get_active_product(product_id)
    variant = get_variant_for_sale(product, variant_id)
    _, is_new = record_interaction(
        subject=subject,
        product_id=product_id,
        interaction_type=InteractionType.CART,
        event_id=event_id,
        list_id=list_id,
        position=position,
    )
    if not is_new:
        return get_cart(subject)
    item = CartItem(
        user_id=subject.user_id,
        session_id=subject.session_id,
        product=product,
        variant=variant,
        quantity=quantity,
    )
    same = _get_items(subject).filter(product=product, variant=variant)
    while not (same.update(quantity=F("quantity") + quantity) or _insert(item)):
        # Another request has just added the product, or an order has just taken it.
        pass
    _require_quantity(same.get().quantity, item)
    announce_cart_changed(subject)
    return get_cart(subject)


@transaction.atomic
def set_quantity(
    *, subject: Subject, product_id: int, variant_id: int | None = None, quantity: int
) -> Cart:
    """Set how many pieces of a product, or of one variant of it, are in the cart.

    Raises:
        NotFoundError: The product or the variant is not in the cart.
        OutOfStockError: Fewer pieces are in stock.
        VariantRequiredError: The product has variants, and none is named.
    """
    items = _get_items(subject).filter(product_id=product_id).select_related("product", "variant")
    item = items.filter(FOR_SALE, variant=variant_id).first()
    if item is None:
        if variant_id is None and (other := items.filter(FOR_SALE).first()) is not None:
            raise build_variant_required(other.product)
        named = f"Product {product_id}" if variant_id is None else f"Variant {variant_id}"
        raise NotFoundError(f"{named} is not in the cart.")
    _require_quantity(quantity, item)
    if not _get_items(subject).filter(pk=item.pk).update(quantity=quantity):
        raise NotFoundError(f"{item.name} was ordered a moment ago.")
    announce_cart_changed(subject)
    return get_cart(subject)


def remove_from_cart(
    *, subject: Subject | None, product_id: int, variant_id: int | None = None
) -> Cart:
    """Remove a variant from the cart, or the product in all its variants, if it is there."""
    if subject is not None:
        items = _get_items(subject).filter(product_id=product_id)
        (items if variant_id is None else items.filter(variant_id=variant_id)).delete()
        announce_cart_changed(subject)
    return get_cart(subject)


def merge_carts(*, user_id: int, session_id: str) -> None:
    """Move a visitor's cart into a shopper's; what is in both keeps the larger quantity.

    The caller opens the transaction. The visitor's rows are locked, then moved or deleted: a
    second merge finds nothing.
    """
    visitor, shopper = Subject(session_id=session_id), Subject(user_id=user_id)
    # Orders lock carts by product too: in one sequence, nobody deadlocks.
    locked = _get_items(visitor).select_for_update().order_by("product_id", "variant_id")
    left = {(item.product_id, item.variant_id): item for item in locked}
    same_products = _get_items(shopper).filter(product_id__in=[product for product, _ in left])
    for item in same_products.select_for_update().order_by("product_id", "variant_id"):
        from_visitor = left.pop((item.product_id, item.variant_id), None)
        if from_visitor is None:
            continue
        if from_visitor.quantity > item.quantity:
            _get_items(shopper).filter(pk=item.pk).update(quantity=from_visitor.quantity)
        _get_items(visitor).filter(pk=from_visitor.pk).delete()
    _get_items(visitor).filter(pk__in=[item.pk for item in left.values()]).update(
        user_id=user_id, session_id=None
    )
    announce_cart_changed(shopper)


def _get_items(subject: Subject) -> QuerySet[CartItem]:
    return CartItem.objects.filter(subject.match_rows())


def _insert(item: CartItem) -> bool:
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError:
        item.pk = None
        return False
    return True


def _require_quantity(quantity: int, item: CartItem) -> None:
    if quantity > MAX_QUANTITY:
        raise InvalidInputError(
            f"A cart holds at most {MAX_QUANTITY} pieces of a product.", field="quantity"
        )
    if quantity > item.stock:
        raise OutOfStockError(f"{item.stock} pieces of {item.name} are left.")
