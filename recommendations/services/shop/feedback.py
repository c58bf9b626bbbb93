"""Likes and dismissals: what shoppers say about products and may take back.

A product is never both: saying one thing takes the other back.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from recommendations.choices import InteractionType
from recommendations.models import Dismissal, Like, Product
from recommendations.models.feedback import Feedback
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.catalogue import get_active_product
from recommendations.services.shop.interactions import record_interaction

MOST_SHOWN = 500

Said = TypeVar("Said", Like, Dismissal)


@transaction.atomic
def like_product(
    *,
    subject: Subject,
    product_id: int,
    event_id: str | None = None,
    list_id: UUID | None = None,
    position: int | None = None,
) -> None:
    """Like a product and record the interaction with it; liking it again changes nothing.

    `list_id` and `position`, from 0, name the served list that led to it.

    Raises:
        NotFoundError: The product is not for sale.
        EventConflictError: The event id was used by this subject for another event.
    """
    product = get_active_product(product_id)
    Dismissal.objects.filter(subject.rows(), product=product).delete()
    if _add(Like, subject, product):
        record_interaction(
            subject=subject,
            product_id=product_id,
            interaction_type=InteractionType.LIKE,
            event_id=event_id,
            list_id=list_id,
            position=position,
        )


def unlike_product(*, subject: Subject, product_id: int) -> None:
    """Take a like back; that there was none is no error. The log keeps that there was one."""
    Like.objects.filter(subject.rows(), product_id=product_id).delete()


@transaction.atomic
def dismiss_product(*, subject: Subject, product_id: int) -> None:
    """Keep a product out of the subject's lists; NotFoundError when it is not for sale."""
    product = get_active_product(product_id)
    Like.objects.filter(subject.rows(), product=product).delete()
    _add(Dismissal, subject, product)


def restore_product(*, subject: Subject, product_id: int) -> None:
    """Let a product into the subject's lists again; that it was in them is no error."""
    Dismissal.objects.filter(subject.rows(), product_id=product_id).delete()


def get_liked_products(subject: Subject | None) -> list[Product]:
    """Return the products for sale that the subject likes, the latest 500, newest first."""
    return _products(Like.objects.all(), subject)


def get_dismissed_products(subject: Subject | None) -> list[Product]:
    """Return the products for sale that the subject dismissed, the latest 500, newest first."""
    return _products(Dismissal.objects.all(), subject)


def get_active_products(product_ids: Sequence[int]) -> list[Product]:
    """Return those of these products that are for sale, in this order."""
    found = Product.objects.filter(is_active=True).in_bulk(product_ids)
    return [found[product_id] for product_id in product_ids if product_id in found]


def dismiss_all(*, subject: Subject, product_ids: Iterable[int]) -> None:
    """Keep products out of the subject's lists; those that are not for sale are passed over."""
    for product in get_active_products([*product_ids]):
        dismiss_product(subject=subject, product_id=product.pk)


def merge_feedback(*, user_id: int, session_id: str) -> None:
    """Give what a visitor said to a shopper, who keeps what they said about the same product.

    Part of the caller's transaction.
    """
    visitor, shopper = Subject(session_id=session_id), Subject(user_id=user_id)
    rated_products = {
        product_id
        for table in (Like, Dismissal)
        for product_id in table.objects.filter(shopper.rows()).values_list("product_id", flat=True)
    }
    for table in (Like, Dismissal):
        said = table.objects.filter(visitor.rows())
        said.filter(product_id__in=rated_products).delete()
        said.update(user_id=user_id, session_id=None)


def _add(table: type[Feedback], subject: Subject, product: Product) -> bool:
    """Add the row; False when it was there."""
    if table._default_manager.filter(subject.rows(), product=product).exists():
        return False
    try:
        with transaction.atomic():
            table._default_manager.create(
                user_id=subject.user_id, session_id=subject.session_id, product=product
            )
    except IntegrityError:
        # Said at the same moment, by another tab say.
        return False
    return True


def _products(said: QuerySet[Said], subject: Subject | None) -> list[Product]:
    if subject is None:
        return []
    rows = said.filter(subject.rows(), product__is_active=True).select_related("product")
    return [row.product for row in rows[:MOST_SHOWN]]
