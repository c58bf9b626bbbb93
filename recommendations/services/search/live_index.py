"""The word index of this process: immutable, and replaced when products change.

The time of the last write of each product says what is new. A product whose texts differ is indexed
anew in a small segment; of one that was only sold or hidden, the state is noted.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from recommendations.conf import configuration
from recommendations.retrieval.segments import ProductState, SegmentedIndex
from recommendations.retrieval.tokens import Tokenizer
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.search.documents import ProductChange, list_changes, read_documents

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
OVERLAP = timedelta(seconds=30)
"""How long a transaction may take from the write of a product to its commit, and how much the
clocks of two machines may differ, so that no change is missed."""
BEFORE_ALL = datetime.fromtimestamp(0, UTC)
MAX_SEGMENTS = 8
"""With more of them, the small ones are merged."""


@dataclass(frozen=True, slots=True)
class _State:
    """An index, and the changes that it has: the newest, and the recent ones by product."""

    index: SegmentedIndex
    newest: datetime
    recent: dict[int, datetime]


class LiveIndex:
    """The index of this process; looks for changed products every `POLL_SECONDS` at most."""

    def __init__(self) -> None:
        self._state: _State | None = None
        self._next_poll = 0.0
        self._changing = threading.Lock()

    def get_current(self) -> SegmentedIndex:
        """Return the index of the products as they are now; the first call builds it.

        While another thread brings it up to date, and while the database fails, the index in memory
        answers.

        Raises:
            DatabaseError: Nothing is indexed yet, and the database fails.
        """
        state = self._state
        if state is None:
            with self._changing:
                self._state = state = self._state or _follow(_start())
            return state.index
        if time.monotonic() >= self._next_poll and self._changing.acquire(blocking=False):
            try:
                self._next_poll = time.monotonic() + POLL_SECONDS
                with ignore_database_errors("changed products"):
                    self._state = state = _follow(self._state or state)
            finally:
                self._changing.release()
        return state.index

    def forget(self) -> None:
        """Return to the state of a process that has just started."""
        with self._changing:
            self._state = None
            self._next_poll = 0.0


_live = LiveIndex()

get_current = _live.get_current
forget = _live.forget


def _start() -> _State:
    tokenizer = Tokenizer(configuration().search_languages)
    return _State(SegmentedIndex(tokenizer, ()), BEFORE_ALL, {})


def _follow(state: _State) -> _State:
    """Return the state with all changes that it does not have yet."""
    changes = [
        change
        for change in list_changes(after=state.newest - OVERLAP)
        if state.recent.get(change.product_id) != change.changed_at
    ]
    return _apply(state, changes) if changes else state


def _apply(state: _State, changes: Sequence[ProductChange]) -> _State:
    """Return the state after these changes."""
    index = state.index
    states = {one.product_id: ProductState(one.is_active, one.in_stock) for one in changes}
    on_sale = [product_id for product_id, now in states.items() if now.is_on_sale]
    index = index.follow(states, list(read_documents(on_sale)))
    if len(index.segments) > MAX_SEGMENTS:
        changed = index.list_changed_products()
        index = index.merge_changed_products(list(read_documents(changed)))
    newest = max([state.newest, *(change.changed_at for change in changes)])
    recent = state.recent | {change.product_id: change.changed_at for change in changes}
    kept = {pk: at for pk, at in recent.items() if at > newest - OVERLAP}
    return _State(index, newest, kept)
