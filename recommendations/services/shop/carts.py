"""Carts of shoppers and visitors."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from recommendations.choices import InteractionType
from recommendations.errors import InvalidInputError, NotFoundError, OutOfStockError
from recommendations.models import CartItem, Product
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.catalogue import get_active_product
from recommendations.services.shop.interactions import record_interaction

MAX_QUANTITY = 99


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
        return sum((item.product.price * item.quantity for item in self.items), Decimal(0))


def get_cart(subject: Subject | None) -> Cart:
    """Return the subject's cart, without products that are no longer for sale."""
    if subject is None:
        return Cart()
    return Cart(
        tuple(_get_items(subject).filter(product__is_active=True).select_related("product"))
    )


@transaction.atomic
def add_to_cart(
    *,
    subject: Subject,
    product_id: int,
    quantity: int = 1,
    event_id: str | None = None,
    list_id: UUID | None = None,
    position: int | None = None,
) -> Cart:
    """Add pieces of a product to the cart and record a `cart` interaction, in one transaction.

    An `event_id` makes retries safe: the pieces of one event are added once. `list_id` and
    `position` (from 0) say in which served list the product was found.

    Raises:
        EventConflictError: The subject has used the event id for another event.
        NotFoundError: The product is not for sale.
        OutOfStockError: The cart would hold more pieces than are in stock.
    """
    product = get_active_product(product_id)
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
    while not (_increase(subject, product, quantity) or _insert(subject, product, quantity)):
        # Another request has just added the product, or an order has just taken it.
        pass
    _require_quantity(_get_items(subject).get(product=product).quantity, product)
    return get_cart(subject)


@transaction.atomic
def set_quantity(*, subject: Subject, product_id: int, quantity: int) -> Cart:
    """Set how many pieces of a product are in the cart.

    Raises:
        NotFoundError: The product is not in the cart.
        OutOfStockError: Fewer pieces are in stock.
    """
    item = (
        _get_items(subject)
        .filter(product_id=product_id, product__is_active=True)
        .select_related("product")
        .first()
    )
    if item is None:
        raise NotFoundError(f"Product {product_id} is not in the cart.")
    _require_quantity(quantity, item.product)
    if not _get_items(subject).filter(pk=item.pk).update(quantity=quantity):
        raise NotFoundError(f"Product {product_id} was ordered a moment ago.")
    return get_cart(subject)


def remove_from_cart(*, subject: Subject | None, product_id: int) -> Cart:
    """Remove a product from the cart, if it is there."""
    if subject is not None:
        _get_items(subject).filter(product_id=product_id).delete()
    return get_cart(subject)


def merge_carts(*, user_id: int, session_id: str) -> None:
    """Move a visitor's cart into a shopper's; a product in both keeps the larger quantity.

    The caller opens the transaction. The visitor's rows are locked, then moved or deleted: a
    second merge finds nothing.
    """
    visitor, shopper = Subject(session_id=session_id), Subject(user_id=user_id)
    # Orders lock carts by product too: in one sequence, nobody deadlocks.
    locked = _get_items(visitor).select_for_update().order_by("product_id")
    left = {item.product_id: item for item in locked}
    both = _get_items(shopper).filter(product_id__in=left)
    for item in both.select_for_update().order_by("product_id"):
        from_visitor = left.pop(item.product_id)
        if from_visitor.quantity > item.quantity:
            _get_items(shopper).filter(pk=item.pk).update(quantity=from_visitor.quantity)
        _get_items(visitor).filter(pk=from_visitor.pk).delete()
    _get_items(visitor).filter(pk__in=[item.pk for item in left.values()]).update(
        user_id=user_id, session_id=None
    )


def _get_items(subject: Subject) -> QuerySet[CartItem]:
    return CartItem.objects.filter(subject.match_rows())


def _increase(subject: Subject, product: Product, quantity: int) -> bool:
    items = _get_items(subject).filter(product=product)
    return items.update(quantity=F("quantity") + quantity) > 0


def _insert(subject: Subject, product: Product, quantity: int) -> bool:
    try:
        with transaction.atomic():
            CartItem.objects.create(
                user_id=subject.user_id,
                session_id=subject.session_id,
                product=product,
                quantity=quantity,
            )
    except IntegrityError:
        return False
    return True


def _require_quantity(quantity: int, product: Product) -> None:
    if quantity > MAX_QUANTITY:
        raise InvalidInputError(
            f"A cart holds at most {MAX_QUANTITY} pieces of a product.", field="quantity"
        )
    if quantity > product.stock:
        raise OutOfStockError(f"{product.stock} pieces of {product.name} are left.")
