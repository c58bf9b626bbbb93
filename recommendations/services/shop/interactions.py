"""Record interactions: an interaction counts as accepted only after its row is committed.

Many are recorded with as many statements as one: they are drafted, which looks their products up,
and then appended, which inserts all rows in one statement.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.errors import (
    BusyError,
    EventConflictError,
    InvalidInputError,
    NotFoundError,
    ShopError,
)
from recommendations.models import Product, UserBehavior
from recommendations.models.behavior import HIGHEST_RATING, LOWEST_RATING
from recommendations.services.infra.counters import EVENTS_ACCEPTED
from recommendations.services.infra.raw_sql import fetch_rows
from recommendations.services.infra.row_writes import insert_rows_unless_there
from recommendations.services.live.announcements import announce_lists_changed
from recommendations.services.people.subjects import Subject

CLOCK_SKEW = timedelta(minutes=5)
MAX_BACKDATING = timedelta(days=31)

_EventKey = tuple[int | None, str | None, str | None]
"""Whose event it is, and its id: the shop has at most one row of each."""
_KEY_COLUMNS = ("user", "session_id", "event_id")

# Every event waits for it, and the ORM takes as long to build it as an event takes to be inserted.
_PRODUCTS = f"SELECT {{columns}} FROM {Product._meta.db_table} WHERE id {{among_ids}}"  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInteraction:
    """An interaction that is not recorded yet.

    An `event_id` makes retries safe: for the same event, a retry returns the first row. `timestamp`
    is the time by the caller's clock, by default now. `age` says instead how long ago it was,
    whatever the caller's clock shows. `list_id` and `position` (from 0) say in which served list
    the product was found.
    """

    product_id: int
    interaction_type: InteractionType
    rating: float | None = None
    event_id: str | None = None
    timestamp: datetime | None = None
    age: timedelta | None = None
    list_id: UUID | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A valid interaction with an existing product: a row that has no subject yet."""

    row: UserBehavior
    product_external_id: str
    has_timestamp: bool


@transaction.atomic
def record_interaction(
    *,
    subject: Subject,
    product_id: int,
    interaction_type: InteractionType,
    rating: float | None = None,
    event_id: str | None = None,
    timestamp: datetime | None = None,
    list_id: UUID | None = None,
    position: int | None = None,
    may_backdate: bool = False,
) -> tuple[UserBehavior, bool]:
    """Append one interaction; return its row and whether the row is new.

    The arguments are those of `NewInteraction` and `draft_interactions`.

    Raises:
        NotFoundError: The product does not exist.
        InvalidInputError: The rating, the time or the shopper is not valid.
        EventConflictError: The subject has used the event id for another event.
    """
    interaction = NewInteraction(
        product_id=product_id,
        interaction_type=interaction_type,
        rating=rating,
        event_id=event_id,
        timestamp=timestamp,
        list_id=list_id,
        position=position,
    )
    [draft] = draft_interactions([interaction], may_backdate=may_backdate)
    if isinstance(draft, ShopError):
        raise draft
    [recorded] = append_drafts([(subject, draft)])
    if isinstance(recorded, ShopError):
        raise recorded
    return recorded


def draft_interactions(
    interactions: Sequence[NewInteraction], *, may_backdate: bool
) -> list[Draft | ShopError]:
    """Return the draft of each interaction, or why the shop refuses it, in one query.

    With `may_backdate`, a timestamp may be up to 31 days ago. The error is a NotFoundError if the
    product does not exist, and an InvalidInputError if the rating or the time is not valid.
    """
    wanted = {interaction.product_id for interaction in interactions}
    rows = fetch_rows(_PRODUCTS, ["id", "external_id"], {}, ids=wanted)
    external_ids: dict[int, str] = {row[0]: row[1] for row in rows}
    drafts: list[Draft | ShopError] = []
    for interaction in interactions:
        try:
            external_id = external_ids.get(interaction.product_id)
            if external_id is None:
                raise NotFoundError(f"There is no product {interaction.product_id}.")
            drafts.append(_draft(interaction, external_id, may_backdate=may_backdate))
        except ShopError as error:
            drafts.append(error)
    return drafts


@transaction.atomic(savepoint=False)
def append_drafts(
    drafts: Sequence[tuple[Subject, Draft]],
) -> list[tuple[UserBehavior, bool] | ShopError]:
    """Append interactions of subjects, in this order; return what became of each.

    Either its row and whether the row is new, or the error: InvalidInputError for a shopper who
    does not exist, EventConflictError for an event id that the subject has used for another event,
    in these drafts too.
    """
    user_ids = {subject.user_id for subject, _ in drafts if subject.user_id is not None}
    known = _find_users(user_ids)
    first_rows: dict[_EventKey, UserBehavior] = {}
    new: list[tuple[Subject, UserBehavior]] = []
    for subject, draft in drafts:
        row = draft.row
        row.user_id, row.session_id = subject.user_id, subject.session_id
        if row.user_id is not None and row.user_id not in known:
            continue
        if row.event_id is None or first_rows.setdefault(_get_key(row), row) is row:
            new.append((subject, row))
    # Two requests insert the rows of their subjects in the same order: neither waits for the other
    # while the other waits for it.
    new.sort(key=lambda pair: pair[0].key)
    inserted = _insert([row for _, row in new])
    there = [row for _, row in new if id(row) not in inserted]
    first_rows |= _find_first_rows(there)
    _announce_when_committed([pair for pair in new if id(pair[1]) in inserted])
    return [
        InvalidInputError(f"There is no shopper {draft.row.user_id}.", field="user_id")
        if draft.row.user_id is not None and draft.row.user_id not in known
        else _resolve(draft, first_rows, is_new=id(draft.row) in inserted)
        for _, draft in drafts
    ]


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
    _announce_when_committed([(subject, row) for row in rows])


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


def _draft(interaction: NewInteraction, external_id: str, *, may_backdate: bool) -> Draft:
    rating, age, now = interaction.rating, interaction.age, timezone.now()
    if rating is not None and not LOWEST_RATING <= rating <= HIGHEST_RATING:
        raise InvalidInputError(
            f"A rating is a number from {LOWEST_RATING} to {HIGHEST_RATING:g}.", field="rating"
        )
    row = UserBehavior(
        product_id=interaction.product_id,
        interaction_type=interaction.interaction_type.value,
        rating=rating,
        event_id=interaction.event_id,
        list_id=interaction.list_id,
        position=interaction.position,
        timestamp=now - age
        if age is not None
        else resolve_timestamp(interaction.timestamp, now=now, may_backdate=may_backdate),
    )
    return Draft(row, external_id, has_timestamp=interaction.timestamp is not None)


def _find_users(user_ids: set[int]) -> set[int]:
    # SQLite checks foreign keys at the commit, too late to tell which of them is wrong.
    if not user_ids:
        return set()
    users = get_user_model().objects.filter(pk__in=user_ids).order_by()
    return set(users.values_list("pk", flat=True))


def _insert(rows: Sequence[UserBehavior]) -> set[int]:
    """Insert the rows whose events the shop does not have; return the `id()` of these rows."""
    found = iter(insert_rows_unless_there(rows, returning=("id", *_KEY_COLUMNS)))
    inserted, next_found = set(), next(found, None)
    for row in rows:
        # What the database returns stands in the order of the rows.
        if next_found is not None and next_found[1:] == _get_key(row):
            row.pk = next_found[0]
            inserted.add(id(row))
            next_found = next(found, None)
    return inserted


def _find_first_rows(rows: Sequence[UserBehavior]) -> dict[_EventKey, UserBehavior]:
    """Return the stored rows of these rows' events."""
    if not rows:
        return {}
    matching = Q()
    for row in rows:
        owner = Subject(user_id=row.user_id, session_id=row.session_id).match_rows()
        matching |= owner & Q(event_id=row.event_id)
    stored = {_get_key(row): row for row in UserBehavior.objects.filter(matching)}
    if any(_get_key(row) not in stored for row in rows):
        # Somebody erased the shopper's history, or a visitor signed in, in between.
        raise BusyError("Another request changed these events. Try again.", wait_seconds=1)
    return stored


def _get_key(row: UserBehavior) -> _EventKey:
    return row.user_id, row.session_id if row.user_id is None else None, row.event_id


def _resolve(
    draft: Draft, first_rows: dict[_EventKey, UserBehavior], *, is_new: bool
) -> tuple[UserBehavior, bool] | ShopError:
    row = draft.row
    if is_new:
        return row, True
    first = first_rows[_get_key(row)]
    fields = ("product_id", "interaction_type", "rating", "list_id", "position")
    same = all(getattr(first, name) == getattr(row, name) for name in fields)
    if not same or (draft.has_timestamp and first.timestamp != row.timestamp):
        return EventConflictError(f"The event id {row.event_id} was used for another event.")
    return first, False


def _announce_when_committed(recorded: Sequence[tuple[Subject, UserBehavior]]) -> None:
    """Count the rows, and tell the open pages of each subject once."""
    for interaction_type, number in Counter(row.interaction_type for _, row in recorded).items():
        counter = EVENTS_ACCEPTED.labels(type=interaction_type)
        transaction.on_commit(partial(counter.inc, number))
    for subject in dict.fromkeys(subject for subject, _ in recorded):
        announce_lists_changed(subject)
