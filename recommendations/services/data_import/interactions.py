"""Check rows of interactions and append the rows that the shop does not have yet."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from django.db import connection, transaction

from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.models.behavior import HIGHEST_RATING, LOWEST_RATING
from recommendations.models.product import LONGEST_ID
from recommendations.record_files import RowError
from recommendations.sentences import say
from recommendations.services.data_import.batches import iter_batches
from recommendations.services.data_import.events import RATE, RETURN, EventNames
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.lasting import Purchase, PurchaseReader
from recommendations.services.data_import.moments import MomentParser
from recommendations.services.data_import.shoppers import Shoppers
from recommendations.services.data_import.values import (
    parse_id,
    parse_position,
    parse_rating,
    parse_text,
    quote,
    read_external_id,
)
from recommendations.services.infra.row_writes import insert_new_rows
from recommendations.services.people.shopper_ids import build_session_id
from recommendations.services.shop.returns import Return

LIKED_FROM = 4.0
HIGHEST_POSITION = 86_400_000
LONGEST_EVENT_ID = 64
NOBODY = frozenset({"guest", "anonymous", "anon", "unknown", "gast", "visitor", "not logged in"})
"""What programs write for the id of a shopper who is not signed in."""
NAMED_EVENTS = 100
"""How many unknown events are counted by name; further ones are counted together."""

COLUMNS = (
    *("user_id", "product_id", "interaction_type", "rating", "timestamp"),
    *("session_id", "event_id"),
)


class InteractionRow(NamedTuple):
    """A good row. Its session begins with its source; its user and product are outside ids."""

    user_id: str | None
    session_id: str | None
    external_id: str
    interaction_type: str
    rating: float | None
    timestamp: datetime
    event_id: str
    user_source: str
    product_source: str
    takes_back: bool = False
    same_moment: bool = False


class KnownNames(NamedTuple):
    """What a source calls products: `known` is None if every name is one, `unclear` several."""

    known: Collection[str] | None
    unclear: Collection[str] = frozenset()


class InteractionReader:
    """Checks the rows of one interactions file and gives each row its event id.

    A row without a time has a position in the order of its shopper's rows. It gets a time in the
    day before the import, one millisecond for each position: the order is real, the times are not.

    Args:
        source: Where the ids come from, unless a row says it.
        find_names: Finds what a source calls products.
        moments: Parses the times.
        warnings: Counts values that are lost.
        events: Names of events.
    """

    def __init__(
        self,
        *,
        source: str,
        find_names: Callable[[str], KnownNames],
        moments: MomentParser,
        warnings: Counter[str],
        events: EventNames | None = None,
    ) -> None:
        self._source = source
        self._find_names = find_names
        self._moments = moments
        self._warnings = warnings
        self._events = events or EventNames()
        self._first_position = moments.latest - timedelta(milliseconds=HIGHEST_POSITION)
        self._event_ids = EventIds()
        self._purchases = PurchaseReader(warnings)
        self.unknown_events: Counter[str] = Counter()
        """How many rows have an event of this name, which stands for no interaction."""

    def read(self, row: Values) -> InteractionRow | None:
        """Return the interaction of the row; None for an event that is none.

        Raises:
            RowError: The row lacks a value or holds an impossible one.
        """
        type_name = self._find_type(row)
        if type_name is None:
            return None
        external_id = read_external_id(row, "product_id")
        user_id, session_id = self._read_subject(row)
        rating = self._read_rating(row, is_needed=type_name == RATE)
        takes_back, same_moment = type_name == RETURN, False
        if type_name == RATE:
            if rating is None:
                raise RowError(say("rating missing"), say("rating is missing, and rate needs one"))
            type_name = str(InteractionType.LIKE if rating >= LIKED_FROM else InteractionType.VIEW)
        elif type_name in {InteractionType.PURCHASE, InteractionType.CART}:
            found = self._purchases.read(row, str(type_name))
            takes_back = found in {Purchase.TAKEN_BACK, Purchase.ORDER_TAKEN_BACK}
            same_moment = found is Purchase.ORDER_TAKEN_BACK
            if found is Purchase.NONE:
                type_name = str(InteractionType.VIEW)
        timestamp, when = self._read_time(row)
        product_source = row.get("product_source") or self._source
        user_source = row.get("user_source") or self._source
        self._check_product(external_id, product_source)
        subject = f"{user_source}-{user_id}" if user_id else f"\1{session_id}"
        if takes_back:
            # The row is remembered, so that the same file takes nothing back a second time.
            key = "\0".join((product_source, subject, external_id, RETURN, when))
            type_name = str(InteractionType.VIEW)
        else:
            key = "\0".join((product_source, subject, external_id, type_name, when))
        return InteractionRow(
            user_id,
            session_id,
            external_id,
            type_name,
            rating,
            timestamp,
            self._take_event_id(row) or self._event_ids.make(key),
            user_source,
            product_source,
            takes_back,
            same_moment,
        )

    def _check_product(self, external_id: str, source: str) -> None:
        known, unclear = self._find_names(source)
        if external_id in unclear:
            raise RowError(
                say("product unclear"),
                say(
                    "product {value} is the SKU of several products of the source "
                    "{source}: the row must name one by its id",
                    value=quote(external_id),
                    source=source,
                ),
            )
        if known is not None and external_id not in known:
            raise RowError(
                say("product unknown"),
                say(
                    "product {value} is neither in the products file nor in the shop under "
                    "the source {source}",
                    value=quote(external_id),
                    source=source,
                ),
            )

    def _take_event_id(self, row: Values) -> str | None:
        """Return the id that the event has already, in files of this shop's own format."""
        if "event_id" not in row:
            return None
        return parse_text(row["event_id"], "event_id", longest=LONGEST_EVENT_ID) or None

    def _find_type(self, row: Values) -> str | None:
        name = row.get("interaction_type")
        if name is None:
            raise RowError(say("interaction_type missing"), say("interaction_type is missing"))
        found = self._events.find(name if type(name) is str else str(name))
        if found is None:
            shown = str(name).strip()[:60]
            is_named = shown in self.unknown_events or len(self.unknown_events) < NAMED_EVENTS
            self.unknown_events[shown if is_named else "with other names"] += 1
        return found

    def _read_rating(self, row: Values, *, is_needed: bool) -> float | None:
        if "rating" not in row:
            return None
        try:
            return parse_rating(row["rating"], lowest=LOWEST_RATING, highest=HIGHEST_RATING)
        except RowError as error:
            if is_needed:
                raise
            self._warnings[say("{reason}; the event counts without it", reason=error.reason)] += 1
            return None

    def _read_subject(self, row: Values) -> tuple[str | None, str | None]:
        user_id = _read_id(row, "user_id", LONGEST_ID)
        try:
            session_id = _read_id(row, "session_id", LONGEST_ID)
        except RowError as error:
            if user_id is None:
                raise
            self._warnings[say("{reason}; the event counts without it", reason=error.reason)] += 1
            session_id = None
        if user_id is not None and _names_nobody(user_id, session_id):
            self._warnings[
                say(
                    "user_id {user_id!r} names nobody in particular: not used", user_id=user_id[:20]
                )
            ] += 1
            user_id = None
        if user_id is None and session_id is None:
            raise RowError(
                say("no user_id or session_id"), say("has neither a user_id nor a session_id")
            )
        if not session_id:
            return user_id, None
        return user_id, build_session_id(row.get("session_source") or self._source, session_id)

    def _read_time(self, row: Values) -> tuple[datetime, str]:
        if "timestamp" in row:
            timestamp = self._moments.parse(row["timestamp"], "timestamp")
            return timestamp, timestamp.isoformat()
        if "position" in row:
            position = parse_position(row["position"], highest=HIGHEST_POSITION)
            return self._first_position + timedelta(milliseconds=position - 1), f"#{position}"
        raise RowError(say("time missing"), say("has neither a timestamp nor a position"))


def _names_nobody(user_id: str, session_id: str | None) -> bool:
    """Return whether an id stands for all who are not signed in; 0 does beside a session alone."""
    return user_id.lower() in NOBODY or (session_id is not None and user_id in {"0", "-1"})


def _read_id(row: Values, name: str, longest: int) -> str | None:
    return (parse_id(row[name], name, longest=longest) or None) if name in row else None


class EventIds:
    """Counts the equal events of one file, so that each event gets an id of its own.

    The same file always gives the same ids. A temporary database on disk holds the counts, so
    memory does not grow with the file.
    """

    def __init__(self) -> None:
        self._counts = sqlite3.connect("", isolation_level=None)
        self._counts.execute("PRAGMA journal_mode = OFF")
        self._counts.execute("PRAGMA synchronous = OFF")
        self._counts.execute("PRAGMA cache_size = -65536")
        self._counts.execute("CREATE TABLE counts (event INTEGER PRIMARY KEY, seen INTEGER)")
        self._counts.execute("BEGIN")

    def make(self, key: str) -> str:
        """Return the id of the next event with this key."""
        digest = blake2b(key.encode(), digest_size=16)
        event = int.from_bytes(digest.digest()[:8], signed=True)
        ((seen,),) = self._counts.execute(
            "INSERT INTO counts VALUES (?, 1) ON CONFLICT (event) DO UPDATE SET seen = seen + 1"
            " RETURNING seen",
            (event,),
        )
        return digest.hexdigest() if seen == 1 else f"{digest.hexdigest()}-{seen}"


def write_interactions(
    rows: Sequence[InteractionRow],
    *,
    product_ids: Mapping[str, Mapping[str, int]],
    shoppers: Shoppers,
) -> tuple[int, list[Return]]:
    """Append the rows whose event id is new, in one transaction.

    Args:
        rows: The rows.
        product_ids: The products by source and outside id.
        shoppers: The accounts of shoppers.

    Returns:
        Their number, and what those of them take back.
    """
    with transaction.atomic():
        user_ids = shoppers.get_ids((row.user_source, row.user_id) for row in rows if row.user_id)
        subjects = [
            (
                user_ids[row.user_source, row.user_id] if row.user_id else None,
                product_ids[row.product_source][row.external_id],
            )
            for row in rows
        ]
        returns = _find_new_returns(rows, subjects)
        inserted = insert_new_rows(
            UserBehavior,
            COLUMNS,
            [
                (
                    user_id,
                    product_id,
                    row.interaction_type,
                    row.rating,
                    connection.ops.adapt_datetimefield_value(row.timestamp),
                    row.session_id,
                    row.event_id,
                )
                for row, (user_id, product_id) in zip(rows, subjects, strict=True)
            ],
        )
    return inserted, returns


def _find_new_returns(
    rows: Sequence[InteractionRow], subjects: Sequence[tuple[int | None, int]]
) -> list[Return]:
    returns = [pair for pair in zip(rows, subjects, strict=True) if pair[0].takes_back]
    known: set[str] = set()
    for batch in iter_batches((row.event_id for row, _ in returns), 500):
        stored = UserBehavior.objects.filter(event_id__in=batch)
        known.update(event_id or "" for event_id in stored.values_list("event_id", flat=True))
    return [
        Return(
            user_id,
            None if user_id is not None else row.session_id,
            product_id,
            row.timestamp,
            row.same_moment,
        )
        for row, (user_id, product_id) in returns
        if row.event_id not in known
    ]
