"""Orders. Stock, order, purchases and cart change in one transaction; no payment is taken."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import F, Prefetch, QuerySet
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.errors import (
    EmptyCartError,
    IdempotencyConflictError,
    OutOfStockError,
)
from recommendations.models import CartItem, Order, OrderLine, UserBehavior, Variant
from recommendations.services.insight.touched import touch_days
from recommendations.services.live.announcements import announce_cart_changed
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.carts import FOR_SALE
from recommendations.services.shop.checkouts import Attempt, Checkout, require_unchanged
from recommendations.services.shop.interactions import append_interactions
from recommendations.services.shop.variants import (
    build_variant_required,
    derive_products,
    lock_products,
)

KEY_LIFETIME = timedelta(days=7)
"""How long a repeated request gets the order of the first."""


@transaction.atomic
def place_order(
    *, subject: Subject, checkout: Checkout | None = None, attempt: Attempt | None = None
) -> tuple[Order, bool]:
    """Order what the checkout asks for, or nothing; return the order and whether it is new.

    An attempt that has led to an order leads to the same order again. Only what is ordered leaves
    the cart. Cart and products are locked in the order of the products' ids, so that a double click
    orders once, and two orders cannot deadlock.

    Raises:
        EmptyCartError: The cart holds no product that is for sale.
        IdempotencyConflictError: The attempt has led to an order of something else.
        OrderChangedError: The order would not be the one that the caller was shown.
        OutOfStockError: Fewer pieces of a product are in stock.
        VariantRequiredError: A line names a product that has variants, and none of them.
    """
    checkout = checkout or Checkout()
    subject.lock()
    earlier = _find_earlier(subject, attempt) or _find_by_random_key(subject, attempt)
    if earlier is not None:
        return earlier, False
    try:
        # A savepoint: after a conflict, PostgreSQL could not read the earlier order without it.
        with transaction.atomic():
            order = _create_order(subject, checkout, attempt)
    except IntegrityError:
        # The same attempt was sent twice at the same time.
        earlier = _find_earlier(subject, attempt) or _find_by_random_key(subject, attempt)
        if earlier is None:
            raise
        return earlier, False
    items = _lock_cart(subject) if checkout.from_cart else _lock_products(checkout)
    if not items and checkout.from_cart:
        seen_ids = [line.product_id for line in checkout.lines or ()]
        if CartItem.objects.filter(subject.match_rows(), product_id__in=seen_ids).exists():
            # Still in the cart, and no longer for sale: the caller learns which products.
            require_unchanged(checkout, items)
        raise EmptyCartError("The cart is empty.")
    require_unchanged(checkout, items)
    _take_from_stock(items)
    _add_lines(order, items)
    append_interactions(
        subject=subject,
        product_ids=dict.fromkeys(item.product_id for item in items),
        interaction_type=InteractionType.PURCHASE,
    )
    CartItem.objects.filter(pk__in=[item.pk for item in items if item.pk is not None]).delete()
    announce_cart_changed(subject)
    return order, True


def choose_visitor(attempt: Attempt | None) -> Subject | None:
    """Return the visitor as whom a caller without an identity orders; None for a new one.

    The same attempt again is the same visitor, so an order whose answer was lost is found. After
    the key is pruned, it no longer opens what this visitor ordered.
    """
    if attempt is None or attempt.visitor_id is None:
        return None
    placed = Order.objects.filter(session_id=attempt.visitor_id)
    is_known = placed.filter(user__isnull=True, idempotency_key=attempt.key).exists()
    return Subject(session_id=attempt.visitor_id) if is_known or not placed.exists() else None


def get_orders(subject: Subject) -> QuerySet[Order]:
    """Return the subject's orders with their lines, newest first."""
    return Order.objects.filter(subject.match_rows()).prefetch_related(
        Prefetch("lines", OrderLine.objects.select_related("product"))
    )


def forget_buyer(orders: QuerySet[Order]) -> None:
    """Remove from the orders whose they were and where they went; products and amounts stay."""
    orders.update(
        user=None,
        session_id=None,
        email="",
        name="",
        street="",
        postcode="",
        city="",
        country="",
        language="",
        confirmation_due_at=None,
        idempotency_key=None,
        fingerprint="",
    )


def prune_keys() -> int:
    """Forget the idempotency keys of orders older than `KEY_LIFETIME`; return how many."""
    return Order.objects.filter(
        created_at__lt=timezone.now() - KEY_LIFETIME, idempotency_key__isnull=False
    ).update(idempotency_key=None, fingerprint="")


def _find_earlier(subject: Subject, attempt: Attempt | None) -> Order | None:
    if attempt is None:
        return None
    order = get_orders(subject).filter(idempotency_key=attempt.key).first()
    if order is not None and order.fingerprint != attempt.fingerprint:
        raise IdempotencyConflictError(
            f"Order {order.pk} was placed with this idempotency key and another body. Use a new "
            "key for a new order.",
            members={"order_id": order.pk},
        )
    return order


def _find_by_random_key(subject: Subject, attempt: Attempt | None) -> Order | None:
    """Return the order that the caller placed with the attempt under another identity.

    The answer was lost or is on its way, and meanwhile the caller got a cookie, lost it or signed
    in. Nobody else knows a random key and the body that was sent with it. An order without an
    account becomes that of a caller who has one, or another cookie.
    """
    if attempt is None or attempt.visitor_id is None:
        return None
    order = Order.objects.filter(idempotency_key=attempt.key, has_random_key=True).first()
    if order is None:
        return None
    if order.fingerprint != attempt.fingerprint:
        raise IdempotencyConflictError(
            "Another order was placed with this idempotency key. Use a new key for a new order."
        )
    if order.user_id is None and subject.session_id != attempt.visitor_id:
        _hand_over(order, subject)
    return Order.objects.prefetch_related("lines").get(pk=order.pk)


def _hand_over(order: Order, subject: Subject) -> None:
    """Make an order without an account, and its purchases, the subject's."""
    visitor = Subject(session_id=order.session_id)
    owner = {"user_id": subject.user_id, "session_id": subject.session_id or order.session_id}
    touch_days(Order.objects.filter(pk=order.pk), "created_at")
    Order.objects.filter(visitor.match_rows(), pk=order.pk).update(**owner)
    UserBehavior.objects.filter(
        visitor.match_rows(),
        interaction_type=InteractionType.PURCHASE.value,
        product_id__in=[line.product_id for line in order.lines.all()],
    ).update(**owner)


def _create_order(subject: Subject, checkout: Checkout, attempt: Attempt | None) -> Order:
    now = timezone.now()
    email = checkout.email or _get_account_email(subject)
    order = Order(
        user_id=subject.user_id,
        session_id=subject.session_id,
        created_at=now,
        email=email,
        language=checkout.language,
        confirmation_due_at=now if email else None,
        idempotency_key=attempt.key if attempt else None,
        has_random_key=attempt is not None and attempt.visitor_id is not None,
        fingerprint=attempt.fingerprint if attempt else "",
    )
    if (address := checkout.delivery) is not None:
        order.name, order.street = address.name, address.street
        order.postcode, order.city = address.postcode, address.city
        order.country, order.delivery_method = address.country, address.method.value
        order.arrives_on = timezone.localdate(now) + timedelta(days=address.method.days)
    order.save(force_insert=True)
    return order


def _get_account_email(subject: Subject) -> str:
    if subject.user_id is None:
        return ""
    return User.objects.filter(pk=subject.user_id).values_list("email", flat=True).first() or ""


def _lock_cart(subject: Subject) -> Sequence[CartItem]:
    items = list(
        CartItem.objects.select_for_update(of=("self", "product"), no_key=True)
        .filter(FOR_SALE, subject.match_rows())
        .select_related("product")
        .order_by("product_id", "variant_id")
    )
    variants = _read_variants(item.variant_id for item in items)
    items = [item for item in items if item.variant_id is None or item.variant_id in variants]
    for item in items:
        item.variant = variants.get(item.variant_id or 0)
    return items


def _lock_products(checkout: Checkout) -> Sequence[CartItem]:
    """Return the lines of the checkout that are for sale, as if they were in a cart."""
    lines = sorted(checkout.lines or (), key=lambda line: (line.product_id, line.variant_id or 0))
    locked = lock_products([line.product_id for line in lines])
    products = {product.pk: product for product in locked if product.is_active}
    variants = _read_variants(line.variant_id for line in lines)
    items = []
    for line in lines:
        product = products.get(line.product_id)
        if product is None:
            continue
        if line.variant_id is None and product.has_variants:
            raise build_variant_required(product)
        variant = variants.get(line.variant_id or 0)
        if line.variant_id is not None and (variant is None or variant.product_id != product.pk):
            continue
        items.append(CartItem(product=product, variant=variant, quantity=line.quantity))
    return items


def _read_variants(variant_ids: Iterable[int | None]) -> dict[int, Variant]:
    """Return those of the variants that are for sale, by id; their products are locked by now."""
    wanted = [variant_id for variant_id in variant_ids if variant_id is not None]
    return Variant.objects.filter(is_active=True).in_bulk(wanted) if wanted else {}


def _add_lines(order: Order, items: Sequence[CartItem]) -> None:
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            product=item.product,
            variant=item.variant,
            product_name=item.product.name,
            variant_name=_get_variant_name(item),
            price=item.price,
            quantity=item.quantity,
        )
        for item in items
    )


def _get_variant_name(item: CartItem) -> str:
    longest = OrderLine._meta.get_field("variant_name").max_length
    return item.variant.title[:longest] if item.variant else ""


def _take_from_stock(items: Sequence[CartItem]) -> None:
    for item in items:
        # One of them fails where the stock went down past the lock, for instance by hand in SQL.
        stocked = item.product if item.variant is None else item.variant
        rows = type(stocked)._default_manager.filter(pk=stocked.pk, is_active=True)
        taken = rows.filter(stock__gte=item.quantity).update(stock=F("stock") - item.quantity)
        if not taken:
            raise OutOfStockError(f"Fewer than {item.quantity} pieces of {item.name} are left.")
    if in_variants := [item.product_id for item in items if item.variant_id is not None]:
        derive_products(in_variants)
