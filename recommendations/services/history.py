"""What a subject did lately, has in the cart and dismissed, in one query, with a mark of its state.

The state changes with every interaction, cart change, dismissal and turn of the personalization
switch: a list made under one state may be shown again as long as the state is the same.

The SQL is written out because every list waits for it: Django takes five times as long to put
this query together as a database takes to answer it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import log
from typing import Any

import numpy as np
from django.db import connection

from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.engine.explanation import Evidence
from recommendations.ml.interactions import (
    KINDS,
    MOST_A_REPEAT_COUNTS,
    SECONDS_PER_DAY,
    Catalogue,
    History,
    signal_weights,
)
from recommendations.services.subjects import Subject

State = tuple[int, ...]
"""The values of `STATE_COLUMNS`: counts, the newest id of interactions, sums of ids, a switch."""

STATE_COLUMNS = (
    "n_interactions",
    "newest_interaction",
    "n_in_cart",
    "sum_in_cart",
    "n_dismissed",
    "sum_dismissed",
    "switched_off",
)

NOTHING: State = (0,) * len(STATE_COLUMNS)

_STATE = f"""
state ({", ".join(STATE_COLUMNS)}) AS (SELECT
    (SELECT COUNT(id) FROM user_behavior WHERE {{mine}}),
    (SELECT COALESCE(MAX(id), 0) FROM user_behavior WHERE {{mine}}),
    (SELECT COUNT(id) FROM cart_item WHERE {{mine}}),
    (SELECT COALESCE(SUM(id), 0) FROM cart_item WHERE {{mine}}),
    (SELECT COUNT(id) FROM dismissal WHERE {{mine}}),
    (SELECT COALESCE(SUM(id), 0) FROM dismissal WHERE {{mine}}),
    (SELECT COUNT(id) FROM user_profile WHERE user_id = %(user_id)s
        AND NOT personalization_enabled)
)"""  # noqa: S608

_HISTORY = """
WITH {state}, latest (id) AS (
    SELECT id FROM user_behavior WHERE {mine} ORDER BY timestamp DESC, id DESC LIMIT %(length)s
), found AS (
    SELECT %(done)s AS part, id, product_id, interaction_type, rating, timestamp
    FROM user_behavior
    WHERE {mine} AND (interaction_type = %(purchase)s OR id IN (SELECT id FROM latest))
    UNION ALL
    SELECT %(in_cart)s, id, product_id, '', NULL, added_at FROM cart_item WHERE {mine}
    UNION ALL
    SELECT %(dismissed)s, id, product_id, '', NULL, created_at FROM dismissal WHERE {mine}
)
SELECT state.*, found.*, products.name, products.category, products.is_active
FROM state LEFT JOIN found ON 1 = 1 LEFT JOIN products ON products.id = found.product_id"""

_DONE, _IN_CART, _DISMISSED = range(3)

_OF_USER = "user_id = %(user_id)s"
_OF_VISITOR = "user_id IS NULL AND session_id = %(session_id)s"


@dataclass(frozen=True, slots=True)
class Entry:
    """One interaction of a history, with what is said about its product in reasons."""

    product_id: int
    interaction_type: InteractionType
    rating: float | None
    timestamp: datetime
    product_name: str
    category: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class ShopperHistory:
    """A subject's latest interactions, newest last, and what lists must respect."""

    entries: tuple[Entry, ...] = ()
    purchases: tuple[int, ...] = ()
    """Ids of all products ever bought, each once, latest first."""
    in_cart: frozenset[int] = frozenset()
    dismissed: frozenset[int] = frozenset()
    personalization_enabled: bool = True
    state: State = NOTHING

    @property
    def seen(self) -> frozenset[int]:
        """Ids of the products in the entries."""
        return frozenset(entry.product_id for entry in self.entries)

    @property
    def categories(self) -> list[str]:
        """Categories of the entries, each once, latest first."""
        return list(dict.fromkeys(entry.category for entry in reversed(self.entries)))

    @property
    def purchased(self) -> frozenset[int]:
        """Ids of all products ever bought."""
        return frozenset(self.purchases)

    @property
    def names(self) -> dict[int, str]:
        """Names of the products in the entries."""
        return {entry.product_id: entry.product_name for entry in self.entries}


def read_history(subject: Subject | None) -> ShopperHistory:
    """Return the subject's history in one query; nobody's is empty.

    Purchases, cart and dismissals are complete; the entries are the latest `history_length`.
    """
    if subject is None:
        return ShopperHistory()
    parameters = subject_parameters(subject) | {
        "length": configuration().history_length,
        "purchase": InteractionType.PURCHASE.value,
        "done": _DONE,
        "in_cart": _IN_CART,
        "dismissed": _DISMISSED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY.format(state=state_table(subject), mine=_mine(subject)), parameters)
        return _history(cursor.fetchall())


def state_table(subject: Subject) -> str:
    """Return the SQL of a table expression `state`, one row, for any query to carry along."""
    return _STATE.format(mine=_mine(subject))


def subject_parameters(subject: Subject) -> dict[str, Any]:
    """Return the parameters that `state_table` names."""
    return {"user_id": subject.user_id, "session_id": subject.session_id}


def as_state(columns: Sequence[Any]) -> State:
    """Return the state that the row of `state_table` says."""
    return tuple(int(value) for value in columns)


def _mine(subject: Subject) -> str:
    return _OF_VISITOR if subject.user_id is None else _OF_USER


def model_history(
    entries: Sequence[Entry], catalogue: Catalogue, *, now: datetime
) -> tuple[History, list[Evidence]]:
    """Return the entries that the model knows as its history, and beside it as evidence.

    What was done to one product several times in the same way is one entry at its newest time,
    weighted as in training.
    """
    repeats: dict[tuple[int, InteractionType], int] = {}
    newest: dict[tuple[int, InteractionType], Entry] = {}
    for entry in entries:
        done = (entry.product_id, entry.interaction_type)
        repeats[done] = repeats.get(done, 0) + 1
        newest.pop(done, None)
        newest[done] = entry
    rows = catalogue.rows(np.array([product_id for product_id, _ in newest], dtype=np.int64))
    kept = [
        (row, repeats[done], entry)
        for row, (done, entry) in zip(rows, newest.items(), strict=True)
        if row >= 0 and entry.is_active
    ]
    if not kept:
        return History(), []
    weights = signal_weights(
        np.array([KINDS.index(entry.interaction_type) for _, _, entry in kept], dtype=np.int8),
        np.array(
            [np.nan if entry.rating is None else entry.rating for _, _, entry in kept],
            dtype=np.float32,
        ),
        configuration().interaction_weights,
    )
    counted = [min(1 + log(count), MOST_A_REPEAT_COUNTS) for _, count, _ in kept]
    ages = [
        max((now - entry.timestamp).total_seconds(), 0) / SECONDS_PER_DAY for _, _, entry in kept
    ]
    history = History(
        items=np.array([row for row, _, _ in kept], dtype=np.int32),
        weights=(weights * np.array(counted)).astype(np.float32),
        ages_in_days=np.array(ages, dtype=np.float32),
        repeats=np.array([count for _, count, _ in kept], dtype=np.int32),
    )
    return history, [Evidence(entry.product_id, entry.interaction_type) for _, _, entry in kept]


def _history(rows: list[tuple[Any, ...]]) -> ShopperHistory:
    state = as_state(rows[0][: len(STATE_COLUMNS)])
    in_cart, dismissed, done = set(), set(), []
    for *_, part, row_id, product_id, kind, rating, timestamp, name, category, is_active in rows:
        if part == _IN_CART:
            in_cart.add(product_id)
        elif part == _DISMISSED:
            dismissed.add(product_id)
        elif row_id is not None:
            entry = Entry(
                product_id=product_id,
                interaction_type=InteractionType(kind),
                rating=rating,
                timestamp=_moment(timestamp),
                product_name=name,
                category=category,
                is_active=bool(is_active),
            )
            done.append((entry.timestamp, row_id, entry))
    entries = [entry for _, _, entry in sorted(done, key=lambda one: one[:2])]
    purchases = [
        entry.product_id
        for entry in reversed(entries)
        if entry.interaction_type is InteractionType.PURCHASE
    ]
    return ShopperHistory(
        entries=tuple(entries[-configuration().history_length :]),
        purchases=tuple(dict.fromkeys(purchases)),
        in_cart=frozenset(in_cart),
        dismissed=frozenset(dismissed),
        personalization_enabled=not state[-1],
        state=state,
    )


def _moment(value: datetime | str) -> datetime:
    """Return the time that a database gave; SQLite gives UTC as text without saying so."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
