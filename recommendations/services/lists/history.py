"""A subject's history: the latest interactions, the cart and the dismissals, read in one query.

The query also returns the version of the history. The version changes with every interaction,
cart change, dismissal and turn of the personalization switch; a cached list is valid only while
the version stays the same.

The SQL is written by hand because every list waits for it: the ORM takes five times as long to
build this query as the database takes to answer it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
from django.db import connection

from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.ml.data import (
    SECONDS_PER_DAY,
    TYPE_CODES,
    Catalogue,
    History,
    compute_repeat_factors,
    compute_signal_weights,
)
from recommendations.models import CartItem, Dismissal, Product, UserBehavior, UserProfile
from recommendations.services.infra.raw_sql import Row, fetch_rows
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.product_rows import NamedProduct, parse_timestamp

HistoryVersion = tuple[int, ...]
"""The values of `VERSION_COLUMNS`: counts, the newest interaction's id, sums of ids, a flag."""

VERSION_COLUMNS = (
    "n_interactions",
    "newest_interaction",
    "n_in_cart",
    "sum_in_cart",
    "n_dismissed",
    "sum_dismissed",
    "switched_off",
)
EMPTY_VERSION: HistoryVersion = (0,) * len(VERSION_COLUMNS)

_TABLES = {
    "interactions": UserBehavior._meta.db_table,
    "cart": CartItem._meta.db_table,
    "dismissals": Dismissal._meta.db_table,
    "profiles": UserProfile._meta.db_table,
    "products": Product._meta.db_table,
}
_VERSION = f"""
version ({", ".join(VERSION_COLUMNS)}) AS (SELECT * FROM
    (SELECT COUNT(id), COALESCE(MAX(id), 0) FROM {{own}}) AS interactions,
    (SELECT COUNT(id), COALESCE(SUM(id), 0) FROM {{cart}} WHERE {{owner}}) AS in_cart,
    (SELECT COUNT(id), COALESCE(SUM(id), 0) FROM {{dismissals}} WHERE {{owner}}) AS dismissed,
    (SELECT COUNT(id) FROM {{profiles}}
        WHERE user_id = %(user_id)s AND NOT personalization_enabled) AS switched_off
)"""  # noqa: S608

# The log is read once, in `own`. Where it lies in partitions, each further read would scan all of
# them again, and a subquery in the condition of such a read would run once for each partition.
_HISTORY = """
WITH own AS (
    SELECT id, product_id, interaction_type, rating, timestamp FROM {interactions} WHERE {owner}
), {version}, latest (id) AS (
    SELECT id FROM own WHERE 1 = 1{of_then[timestamp]}
    ORDER BY timestamp DESC, id DESC LIMIT {length}
), found AS (
    SELECT {interaction} AS part, id, product_id, interaction_type, rating, timestamp
    FROM own
    WHERE (interaction_type = '{purchase}' OR id IN (SELECT id FROM latest)){of_then[timestamp]}
    UNION ALL
    SELECT {in_cart}, id, product_id, '', NULL, added_at
    FROM {cart} WHERE {owner}{of_then[added_at]}
    UNION ALL
    SELECT {dismissed}, id, product_id, '', NULL, created_at
    FROM {dismissals} WHERE {owner}{of_then[created_at]}
)
SELECT {columns}
FROM version LEFT JOIN found ON 1 = 1 LEFT JOIN {products} AS products
    ON products.id = found.product_id"""

_HISTORY_COLUMNS = [
    *VERSION_COLUMNS,
    "found.part",
    "found.id",
    "found.product_id",
    "found.interaction_type",
    "found.rating",
    "found.timestamp",
    "products.name",
    "products.category",
    "products.is_active",
    "products.external_id",
]
_INTERACTION, _IN_CART, _DISMISSED = range(3)
_VERSION_PART = slice(len(VERSION_COLUMNS))
_FOUND_PART = slice(len(VERSION_COLUMNS), None)
_TYPES = {interaction_type.value: interaction_type for interaction_type in InteractionType}

_OF_USER = "user_id = %(user_id)s"
_OF_VISITOR = "user_id IS NULL AND session_id = %(session_id)s"
_TIMES = ("timestamp", "added_at", "created_at")


class Entry(NamedTuple):
    """One interaction of a history, with the fields of its product that reasons need."""

    product_id: int
    interaction_type: InteractionType
    rating: float | None
    timestamp: datetime
    product_name: str
    category: str
    is_active: bool
    product_external_id: str


@dataclass(frozen=True, slots=True)
class ShopperHistory:
    """A subject's latest interactions, newest last, with purchases, cart and dismissals."""

    entries: tuple[Entry, ...] = ()
    purchases: tuple[int, ...] = ()
    """Ids of all products ever bought, each once, latest first."""
    purchased: frozenset[int] = frozenset()
    """The same ids as a set."""
    bought_from: frozenset[str] = frozenset()
    """The main categories of all products ever bought."""
    in_cart: frozenset[int] = frozenset()
    dismissed: frozenset[int] = frozenset()
    names: Mapping[int, NamedProduct] = field(default_factory=dict)
    """Names of the products in the entries, by their ids."""
    personalization_enabled: bool = True
    version: HistoryVersion | None = EMPTY_VERSION
    """None if the history could not be read."""


def read_history(subject: Subject | None, *, as_of: datetime | None = None) -> ShopperHistory:
    """Return the subject's history in one query; without a subject it is empty.

    Purchases, cart and dismissals are complete; the entries are the latest `history_length`.

    `as_of` leaves out what came later. What has left the cart since, or is no longer dismissed, is
    missing then, and the version is that of now: no table keeps it.
    """
    if subject is None:
        return ShopperHistory()
    length = configuration().history_length
    query = _get_query(subject.user_id is None, length, of_then=as_of is not None)
    parameters = subject.sql_parameters
    if as_of is not None:
        parameters["as_of"] = connection.ops.adapt_datetimefield_value(as_of)
    return _build_history(fetch_rows(query, _HISTORY_COLUMNS, parameters))


@cache
def get_version_sql(*, of_visitor: bool) -> str:
    """Return the SQL of a common table expression `version` with one row.

    The parameters of the SQL are `Subject.sql_parameters`.
    """
    owner = _OF_VISITOR if of_visitor else _OF_USER
    own = f"{_TABLES['interactions']} WHERE {owner}"
    return _VERSION.format(**_TABLES, owner=owner, own=own)


def parse_version(columns: Sequence[Any]) -> HistoryVersion:
    """Return the version from the values of `VERSION_COLUMNS`."""
    return tuple(map(int, columns))


def to_model_history(entries: Sequence[Entry], catalogue: Catalogue, *, now: datetime) -> History:
    """Return the entries whose products the model knows and the shop still shows.

    All interactions of one type with one product become one entry, with the time and the rating of
    the newest one. Entries are weighted as in training.
    """
    pairs = [entry[:2] for entry in entries]
    repeats = Counter(pairs)
    newest = dict(zip(pairs, entries, strict=True))
    latest = [newest[pair] for pair in reversed(dict.fromkeys(reversed(pairs)))]
    rows = catalogue.find_rows([entry.product_id for entry in latest])
    known = (rows >= 0) & np.array([entry.is_active for entry in latest], dtype=bool)
    if not known.any():
        return History()
    kept = list(compress(latest, known))
    _, types, ratings, timestamps, *_ = zip(*kept, strict=True)
    codes = np.array(list(map(TYPE_CODES.__getitem__, types)), dtype=np.int8)
    counts = np.array([repeats[entry[:2]] for entry in kept], dtype=np.int32)
    # A rating of None becomes NaN.
    weights = compute_signal_weights(
        codes, np.array(ratings, dtype=np.float32), configuration().interaction_weights
    )
    seconds = now.timestamp() - np.array(list(map(datetime.timestamp, timestamps)))
    return History(
        items=rows[known],
        weights=weights * compute_repeat_factors(counts),
        ages_in_days=(np.maximum(seconds, 0) / SECONDS_PER_DAY).astype(np.float32),
        repeats=counts,
        interaction_types=codes,
    )


@cache
def _get_query(of_visitor: bool, length: int, *, of_then: bool) -> str:
    """Return the query; only what differs between subjects stays a parameter.

    The query planner estimates better from literals than from parameters.
    """
    owner = _OF_VISITOR if of_visitor else _OF_USER
    return _HISTORY.format(
        **_TABLES,
        version=_VERSION.format(**_TABLES, owner=owner, own="own"),
        owner=owner,
        of_then={time: f" AND {time} <= %(as_of)s" if of_then else "" for time in _TIMES},
        length=length,
        purchase=InteractionType.PURCHASE.value,
        interaction=_INTERACTION,
        in_cart=_IN_CART,
        dismissed=_DISMISSED,
        columns="{columns}",
    )


def _build_history(rows: Sequence[Row]) -> ShopperHistory:
    version = parse_version(rows[0][_VERSION_PART])
    in_cart, dismissed, interactions = set(), set(), []
    for row in rows:
        (
            part, row_id, product_id, type_value, rating, timestamp, name, category, is_active,
            external_id,
        ) = row[_FOUND_PART]  # fmt: skip
        if part == _IN_CART:
            in_cart.add(product_id)
        elif part == _DISMISSED:
            dismissed.add(product_id)
        elif row_id is not None:
            time, interaction_type = parse_timestamp(timestamp), _TYPES[type_value]
            entry = Entry(
                product_id, interaction_type, rating, time, name, category, bool(is_active),
                external_id,
            )  # fmt: skip
            interactions.append((time, row_id, entry))
    # Interactions of the same time stand in the order of their ids.
    interactions.sort()
    entries = [entry for _, _, entry in interactions]
    purchases = [
        entry.product_id
        for entry in reversed(entries)
        if entry.interaction_type is InteractionType.PURCHASE
    ]
    latest = entries[-configuration().history_length :]
    return ShopperHistory(
        entries=tuple(latest),
        purchases=tuple(dict.fromkeys(purchases)),
        purchased=frozenset(purchases),
        bought_from=frozenset(
            [
                entry.category
                for entry in entries
                if entry.interaction_type is InteractionType.PURCHASE
            ]
        ),
        in_cart=frozenset(in_cart),
        dismissed=frozenset(dismissed),
        names={
            entry.product_id: NamedProduct(entry.product_name, entry.product_external_id)
            for entry in latest
        },
        personalization_enabled=not version[-1],
        version=version,
    )
