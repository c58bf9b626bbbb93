"""Feedback on products: likes and dismissals, which shoppers may take back.

A subject never both likes and dismisses a product: the later feedback removes the earlier.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from recommendations.choices import InteractionType
from recommendations.models import Dismissal, Like, Product
from recommendations.models.feedback import Feedback
from recommendations.services.live.announcements import announce_feedback_changed
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.catalogue import get_active_product
from recommendations.services.shop.interactions import record_interaction

MAX_SHOWN = 500

FeedbackT = TypeVar("FeedbackT", Like, Dismissal)


@transaction.atomic
def like_product(
    *,
    subject: Subject,
    product_id: int,
    event_id: str | None = None,
    list_id: UUID | None = None,
    position: int | None = None,
) -> Product:
    """Like a product, record the interaction, return the product; a second like changes nothing.

    `list_id` and `position` (from 0) say in which served list the product was found.

    Raises:
        NotFoundError: The product is not for sale.
        EventConflictError: The subject has used the event id for another event.
    """
    product = get_active_product(product_id)
    Dismissal.objects.filter(subject.match_rows(), product=product).delete()
    if _add(Like, subject, product):
        record_interaction(
            subject=subject,
            product_id=product_id,
            interaction_type=InteractionType.LIKE,
            event_id=event_id,
            list_id=list_id,
            position=position,
        )
        announce_feedback_changed(subject)
    return product


def unlike_product(*, subject: Subject, product_id: int) -> None:
    """Remove a like, if there is one; the log keeps the interaction."""
    Like.objects.filter(subject.match_rows(), product_id=product_id).delete()
    announce_feedback_changed(subject)


@transaction.atomic
def dismiss_product(*, subject: Subject, product_id: int) -> Product:
    """Keep a product out of the subject's lists; return the product.

    Raises:
        NotFoundError: The product is not for sale.
    """
    product = get_active_product(product_id)
    Like.objects.filter(subject.match_rows(), product=product).delete()
    if _add(Dismissal, subject, product):
        announce_feedback_changed(subject)
    return product


def restore_product(*, subject: Subject, product_id: int) -> None:
    """Remove a dismissal, if there is one: the product may appear in lists again."""
    Dismissal.objects.filter(subject.match_rows(), product_id=product_id).delete()
    announce_feedback_changed(subject)


def get_liked_products(subject: Subject | None) -> list[Product]:
    """Return the products for sale that the subject likes: the last 500, newest first."""
    return _get_products(Like.objects.all(), subject)


def get_dismissed_products(subject: Subject | None) -> list[Product]:
    """Return the products for sale that the subject dismissed: the last 500, newest first."""
    return _get_products(Dismissal.objects.all(), subject)


def get_active_products(product_ids: Sequence[int]) -> list[Product]:
    """Return those of these products that are for sale, in the order of the ids."""
    found = Product.objects.filter(is_active=True).in_bulk(product_ids)
    return [found[product_id] for product_id in product_ids if product_id in found]


def dismiss_all(*, subject: Subject, product_ids: Iterable[int]) -> None:
    """Dismiss products; those that are not for sale are skipped."""
    for product in get_active_products([*product_ids]):
        dismiss_product(subject=subject, product_id=product.pk)


def merge_feedback(*, user_id: int, session_id: str) -> None:
    """Move a visitor's feedback to a shopper; where both gave feedback, the shopper's stays.

    The caller opens the transaction.
    """
    visitor, shopper = Subject(session_id=session_id), Subject(user_id=user_id)
    rated_products = {
        product_id
        for table in (Like, Dismissal)
        for product_id in table.objects.filter(shopper.match_rows()).values_list(
            "product_id", flat=True
        )
    }
    for table in (Like, Dismissal):
        feedback = table.objects.filter(visitor.match_rows())
        feedback.filter(product_id__in=rated_products).delete()
        feedback.update(user_id=user_id, session_id=None)


def _add(table: type[Feedback], subject: Subject, product: Product) -> bool:
    """Add the feedback; return False if it is there already."""
    if table._default_manager.filter(subject.match_rows(), product=product).exists():
        return False
    try:
        with transaction.atomic():
            table._default_manager.create(
                user_id=subject.user_id, session_id=subject.session_id, product=product
            )
    except IntegrityError:
        # Another request, for example from another tab, has just added it.
        return False
    return True


def _get_products(feedback: QuerySet[FeedbackT], subject: Subject | None) -> list[Product]:
    if subject is None:
        return []
    rows = feedback.filter(subject.match_rows(), product__is_active=True).select_related("product")
    return [row.product for row in rows[:MAX_SHOWN]]
