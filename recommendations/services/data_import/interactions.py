"""Check rows of interactions and append the rows that the shop does not have yet."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db import connection, transaction

from recommendations.choices import InteractionType
from recommendations.models import UserBehavior
from recommendations.models.behavior import HIGHEST_RATING, LOWEST_RATING
from recommendations.record_files import RowError
from recommendations.services.data_import.batches import iter_batches
from recommendations.services.data_import.fields import Values
from recommendations.services.data_import.products import read_external_id
from recommendations.services.data_import.shoppers import LONGEST_USERNAME, Shoppers
from recommendations.services.data_import.values import (
    parse_moment,
    parse_position,
    parse_rating,
    parse_text,
    quote,
)

RATE = "rate"
"""A rating without an interaction type: a like of `LIKED_FROM` stars or more, else a view."""
LIKED_FROM = 4.0
TYPES = (*(each.value for each in InteractionType), RATE)

HIGHEST_POSITION = 86_400_000
LONGEST_SESSION = 100
PARAMETERS_PER_STATEMENT = 20_000


class InteractionRow(NamedTuple):
    """A good row. Its user name and session id begin with the source; its product id does not."""

    username: str | None
    session_id: str | None
    external_id: str
    interaction_type: str
    rating: float | None
    timestamp: datetime
    event_id: str


class InteractionReader:
    """Checks the rows of one interactions file and gives each row its event id.

    A row without a time has a position in the order of its shopper's rows. It gets a time in the
    day before the import, one millisecond for each position: the order is real, the times are not.
    `known_products` holds outside ids; None means that every product is known.
    """

    def __init__(
        self, *, source: str, known_products: Collection[str] | None, latest: datetime
    ) -> None:
        self._source = source
        self._known_products = known_products
        self._latest = latest
        self._first_position = latest - timedelta(milliseconds=HIGHEST_POSITION)
        self._event_ids = EventIds()

    def read(self, row: Values) -> InteractionRow:
        """Return the interaction of the row.

        Raises:
            RowError: The row lacks a value or holds an impossible one.
        """
        external_id = read_external_id(row, "product_id")
        username, session_id = self._read_subject(row)
        rating = (
            parse_rating(row["rating"], lowest=LOWEST_RATING, highest=HIGHEST_RATING)
            if "rating" in row
            else None
        )
        interaction_type = _read_type(row, rating)
        timestamp, when = self._read_time(row)
        if self._known_products is not None and external_id not in self._known_products:
            raise RowError(
                "product unknown",
                f"product {quote(external_id)} is neither in the products file "
                f"nor in the shop under the source {self._source}",
            )
        key = "\0".join(
            (self._source, username or f"\1{session_id}", external_id, interaction_type, when)
        )
        return InteractionRow(
            username,
            session_id,
            external_id,
            interaction_type,
            rating,
            timestamp,
            self._event_ids.make(key),
        )

    def _read_subject(self, row: Values) -> tuple[str | None, str | None]:
        username = self._prefix_with_source(row, "user_id", LONGEST_USERNAME)
        session_id = self._prefix_with_source(row, "session_id", LONGEST_SESSION)
        if username is None and session_id is None:
            raise RowError("no user_id or session_id", "has neither a user_id nor a session_id")
        return username, session_id

    def _prefix_with_source(self, row: Values, name: str, longest: int) -> str | None:
        value = (
            parse_text(row[name], name, longest=longest - len(self._source) - 1)
            if (name in row)
            else ""
        )
        return f"{self._source}-{value}" if value else None

    def _read_time(self, row: Values) -> tuple[datetime, str]:
        if "timestamp" in row:
            timestamp = parse_moment(row["timestamp"], "timestamp", latest=self._latest)
            return timestamp, timestamp.isoformat()
        if "position" in row:
            position = parse_position(row["position"], highest=HIGHEST_POSITION)
            return self._first_position + timedelta(milliseconds=position - 1), f"#{position}"
        raise RowError("time missing", "has neither a timestamp nor a position")


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
    rows: Sequence[InteractionRow], *, product_ids: Mapping[str, int], shoppers: Shoppers
) -> int:
    """Append the rows whose event id is new, in one transaction; return their number."""
    with transaction.atomic():
        user_ids = shoppers.get_ids(row.username for row in rows if row.username)
        return _insert_new(
            [
                (
                    user_ids[row.username] if row.username else None,
                    product_ids[row.external_id],
                    row.interaction_type,
                    row.rating,
                    connection.ops.adapt_datetimefield_value(row.timestamp),
                    row.session_id,
                    row.event_id,
                )
                for row in rows
            ]
        )


def _insert_new(rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert the rows that violate no constraint and return their number.

    `bulk_create(ignore_conflicts=True)` cannot tell the number.
    """
    columns = (
        "user_id",
        "product_id",
        "interaction_type",
        "rating",
        "timestamp",
        "session_id",
        "event_id",
    )
    quote_name = connection.ops.quote_name
    one_row = f"({', '.join(['%s'] * len(columns))})"
    table, names = quote_name(UserBehavior._meta.db_table), ", ".join(map(quote_name, columns))
    head = f"INSERT INTO {table} ({names})"
    max_parameters = connection.features.max_query_params or PARAMETERS_PER_STATEMENT
    inserted = 0
    with connection.cursor() as cursor:
        for batch in iter_batches(rows, max_parameters // len(columns)):
            cursor.execute(
                f"{head} VALUES {', '.join([one_row] * len(batch))} ON CONFLICT DO NOTHING",
                [value for row in batch for value in row],
            )
            inserted += cursor.rowcount
    return inserted


def _read_type(row: Values, rating: float | None) -> str:
    if "interaction_type" not in row:
        raise RowError("interaction_type missing", "interaction_type is missing")
    name = str(row["interaction_type"]).strip()
    if name not in TYPES:
        raise RowError(
            "interaction_type unknown",
            f"interaction_type {quote(name)} is none of {', '.join(TYPES)}",
        )
    if name != RATE:
        return name
    if rating is None:
        raise RowError("rating missing", "rating is missing, and rate needs one")
    return (InteractionType.LIKE if rating >= LIKED_FROM else InteractionType.VIEW).value
