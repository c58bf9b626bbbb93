"""Record interactions: an interaction counts as accepted only after its row is committed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.errors import EventConflictError, InvalidInputError, NotFoundError
from recommendations.models import Product, UserBehavior
from recommendations.models.behavior import HIGHEST_RATING, LOWEST_RATING
from recommendations.services.infra.counters import EVENTS_ACCEPTED
from recommendations.services.live.announcements import announce_lists_changed
from recommendations.services.people.subjects import Subject

CLOCK_SKEW = timedelta(minutes=5)
MAX_BACKDATING = timedelta(days=31)


def record_interaction(
    *,
    subject: Subject,
    product_id: int,
    interaction_type: InteractionType,
    rating: float | None = None,
    event_id: str | None = None,
    timestamp: datetime | None = None,
    age: timedelta | None = None,
    list_id: UUID | None = None,
    position: int | None = None,
    may_backdate: bool = False,
) -> tuple[UserBehavior, bool]:
    """Append one interaction; return its row, with its product, and whether the row is new.

    An `event_id` makes retries safe: for the same event, a retry returns the first row. `timestamp`
    is the time by the caller's clock, by default now; with `may_backdate`, it may be up to 31 days
    ago. `age` says instead how long ago it was, whatever the caller's clock shows. `list_id` and
    `position` (from 0) say in which served list the product was found.

    Raises:
        NotFoundError: The product does not exist.
        InvalidInputError: The rating, the time or the shopper is not valid.
        EventConflictError: The subject has used the event id for another event.
    """
    _require_valid_rating(rating)
    row = UserBehavior(
        user_id=subject.user_id,
        session_id=subject.session_id,
        product_id=product_id,
        interaction_type=interaction_type.value,
        rating=rating,
        event_id=event_id,
        list_id=list_id,
        position=position,
        timestamp=timezone.now() - age
        if age is not None
        else resolve_timestamp(timestamp, now=timezone.now(), may_backdate=may_backdate),
    )
    with transaction.atomic():
        _require_product_and_shopper(row)
        try:
            # A savepoint: after a conflict, PostgreSQL could not read the first row without it.
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            first = _find_event(subject, event_id)
            if first is None:
                raise
            _require_same_event(first, row, has_timestamp=timestamp is not None)
            first.product = row.product
            return first, False
        _count_when_committed(interaction_type, 1)
        announce_lists_changed(subject)
    return row, True


def append_interactions(
    *, subject: Subject, product_ids: Iterable[int], interaction_type: InteractionType
) -> None:
    """Append one interaction for each of these existing products, all at the present time."""
    now = timezone.now()
    rows = UserBehavior.objects.bulk_create(
        UserBehavior(
            user_id=subject.user_id,
            session_id=subject.session_id,
            product_id=product_id,
            interaction_type=interaction_type.value,
            timestamp=now,
        )
        for product_id in product_ids
    )
    _count_when_committed(interaction_type, len(rows))
    announce_lists_changed(subject)


def resolve_timestamp(timestamp: datetime | None, *, now: datetime, may_backdate: bool) -> datetime:
    """Return the time of an event; a time up to five minutes ahead becomes `now`.

    Raises:
        InvalidInputError: The time is further ahead, or further back than is allowed.
    """
    if timestamp is None:
        return now
    if timestamp > now + CLOCK_SKEW:
        raise InvalidInputError("The timestamp lies in the future.", field="timestamp")
    oldest = now - (MAX_BACKDATING if may_backdate else CLOCK_SKEW)
    if timestamp < oldest:
        raise InvalidInputError(
            f"The timestamp lies before {oldest:%Y-%m-%dT%H:%M:%SZ}, the earliest accepted here.",
            field="timestamp",
        )
    return min(timestamp, now)


def _count_when_committed(interaction_type: InteractionType, number: int) -> None:
    counter = EVENTS_ACCEPTED.labels(type=interaction_type.value)
    transaction.on_commit(partial(counter.inc, number))


def _require_valid_rating(rating: float | None) -> None:
    if rating is not None and not LOWEST_RATING <= rating <= HIGHEST_RATING:
        raise InvalidInputError(
            f"A rating is a number from {LOWEST_RATING} to {HIGHEST_RATING:g}.", field="rating"
        )


def _require_product_and_shopper(row: UserBehavior) -> None:
    # SQLite checks foreign keys at the commit, too late to tell which of the two is wrong.
    product = Product.objects.only("external_id").filter(pk=row.product_id).first()
    if product is None:
        raise NotFoundError(f"There is no product {row.product_id}.")
    row.product = product
    if row.user_id is not None and not get_user_model().objects.filter(pk=row.user_id).exists():
        raise InvalidInputError(f"There is no shopper {row.user_id}.", field="user_id")


def _find_event(subject: Subject, event_id: str | None) -> UserBehavior | None:
    if event_id is None:
        return None
    return UserBehavior.objects.filter(subject.match_rows(), event_id=event_id).first()


def _require_same_event(first: UserBehavior, again: UserBehavior, *, has_timestamp: bool) -> None:
    fields = ("product_id", "interaction_type", "rating", "list_id", "position")
    same = all(getattr(first, name) == getattr(again, name) for name in fields)
    if not same or (has_timestamp and first.timestamp != again.timestamp):
        raise EventConflictError(f"The event id {again.event_id} was used for another event.")
