"""What a subject did lately, has in the cart and dismissed, in one query, with a mark of its state.

The state changes with every interaction, cart change, dismissal and turn of the personalization
switch: a list made under one state may be shown again as long as the state is the same.

The SQL is written out because every list waits for it: Django takes five times as long to put
this query together as a database takes to answer it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import compress
from typing import Any, NamedTuple

import numpy as np

from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.engine.explanations import Evidence
from recommendations.ml.data import (
    SECONDS_PER_DAY,
    TYPE_CODES,
    Catalogue,
    History,
    compute_repeat_factors,
    compute_signal_weights,
)
from recommendations.services.infra.raw_sql import Row, fetch_rows
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.product_rows import parse_timestamp

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
state ({", ".join(STATE_COLUMNS)}) AS (SELECT * FROM
    (SELECT COUNT(id), COALESCE(MAX(id), 0) FROM user_behavior WHERE {{mine}}) AS done,
    (SELECT COUNT(id), COALESCE(SUM(id), 0) FROM cart_item WHERE {{mine}}) AS in_cart,
    (SELECT COUNT(id), COALESCE(SUM(id), 0) FROM dismissal WHERE {{mine}}) AS dismissed,
    (SELECT COUNT(id) FROM user_profile
        WHERE user_id = %(user_id)s AND NOT personalization_enabled) AS switched_off
)"""  # noqa: S608

_HISTORY = """
WITH {state}, latest (id) AS (
    SELECT id FROM user_behavior WHERE {mine} ORDER BY timestamp DESC, id DESC LIMIT {length}
), found AS (
    SELECT {done} AS part, id, product_id, interaction_type, rating, timestamp
    FROM user_behavior
    WHERE {mine} AND (interaction_type = '{purchase}' OR id IN (SELECT id FROM latest))
    UNION ALL
    SELECT {in_cart}, id, product_id, '', NULL, added_at FROM cart_item WHERE {mine}
    UNION ALL
    SELECT {dismissed}, id, product_id, '', NULL, created_at FROM dismissal WHERE {mine}
)
SELECT {columns}
FROM state LEFT JOIN found ON 1 = 1 LEFT JOIN products ON products.id = found.product_id"""

_HISTORY_COLUMNS = [
    *STATE_COLUMNS,
    "found.part",
    "found.id",
    "found.product_id",
    "found.interaction_type",
    "found.rating",
    "found.timestamp",
    "products.name",
    "products.category",
    "products.is_active",
]
_DONE, _IN_CART, _DISMISSED = range(3)
_FOUND = slice(len(STATE_COLUMNS), None)
_KINDS = {kind.value: kind for kind in InteractionType}

_OF_USER = "user_id = %(user_id)s"
_OF_VISITOR = "user_id IS NULL AND session_id = %(session_id)s"


class Entry(NamedTuple):
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
    query = _query(_mine(subject), configuration().history_length)
    return _history(fetch_rows(query, _HISTORY_COLUMNS, subject_parameters(subject)))


@cache
def _query(mine: str, length: int) -> str:
    """Return the query with all that is the same for every subject written into it.

    A planner that knows them as numbers knows how little it has to read.
    """
    return _HISTORY.format(
        state=_STATE.format(mine=mine),
        mine=mine,
        length=length,
        purchase=InteractionType.PURCHASE.value,
        done=_DONE,
        in_cart=_IN_CART,
        dismissed=_DISMISSED,
        columns="{columns}",
    )


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
    done = [entry[:2] for entry in entries]
    repeats = Counter(done)
    newest = dict(zip(done, entries, strict=True))
    latest = [newest[one] for one in reversed(dict.fromkeys(reversed(done)))]
    rows = catalogue.find_rows([entry.product_id for entry in latest])
    known = (rows >= 0) & np.array([entry.is_active for entry in latest], dtype=bool)
    if not known.any():
        return History(), []
    kept = list(compress(latest, known))
    product_ids, kinds, ratings, timestamps, *_ = zip(*kept, strict=True)
    places = np.array(list(map(TYPE_CODES.__getitem__, kinds)), dtype=np.int8)
    counts = np.array([repeats[entry[:2]] for entry in kept], dtype=np.int32)
    # None becomes NaN.
    given = np.array(ratings, dtype=np.float32)
    weights = compute_signal_weights(places, given, configuration().interaction_weights)
    seconds = now.timestamp() - np.array(list(map(datetime.timestamp, timestamps)))
    history = History(
        items=rows[known],
        weights=weights * compute_repeat_factors(counts),
        ages_in_days=(np.maximum(seconds, 0) / SECONDS_PER_DAY).astype(np.float32),
        repeats=counts,
        interaction_types=places,
    )
    return history, list(map(Evidence, product_ids, kinds))


def _history(rows: Sequence[Row]) -> ShopperHistory:
    state = as_state(rows[0][: len(STATE_COLUMNS)])
    in_cart, dismissed, done = set(), set(), []
    for row in rows:
        part, row_id, product_id, kind, rating, timestamp, name, category, is_active = row[_FOUND]
        if part == _IN_CART:
            in_cart.add(product_id)
        elif part == _DISMISSED:
            dismissed.add(product_id)
        elif row_id is not None:
            moment = parse_timestamp(timestamp)
            entry = Entry(product_id, _KINDS[kind], rating, moment, name, category, bool(is_active))
            done.append((moment, row_id, entry))
    # By time, then by id, which no two share.
    done.sort()
    entries = [entry for _, _, entry in done]
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
