"""The word index of this process: immutable, and replaced when products change.

It begins with the newest index that the worker has written, or is built here while there is none.
The time of the last write of each product says what is new since then. A product whose texts differ
is indexed anew in a small segment; of one that was only sold or hidden, the state is noted.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import connection

from recommendations.errors import ArtifactError
from recommendations.models import Product
from recommendations.retrieval.segments import ProductState, SegmentedIndex
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.search import artifacts
from recommendations.services.search.documents import (
    BEFORE_ALL,
    ProductChange,
    list_changes,
    make_tokenizer,
    read_documents,
)

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
LOOK_SECONDS = 2.0
"""How often the process looks for a newer index of the worker."""
FETCH_SECONDS = 30.0
"""How often it looks for one of other hosts, if they share artifacts."""
OVERLAP = timedelta(seconds=30)
"""How long a transaction may take from the write of a product to its commit, and how much the
clocks of two machines may differ, so that no change is missed."""
MAX_SEGMENTS = 8
"""With more of them, the small ones are merged."""
MOST_BUILT_AT_ONCE = 5_000
"""So many products are indexed while a search waits; of more, a thread builds the index."""
MOST_FOLLOWED_AT_ONCE = 500
"""So many changed products are read while a search waits; of more, a thread reads them."""


@dataclass(frozen=True, slots=True)
class _State:
    """An index, the changes that it has, and the name of the stored index that it began with.

    `newest` is the time of the newest change, and `newest_seen_at` when this process first saw it,
    in monotonic seconds. No change until `complete_until` can be missing any more; `recent` has the
    later ones by product.
    """

    index: SegmentedIndex
    newest: datetime
    newest_seen_at: float
    name: str | None
    complete_until: datetime = BEFORE_ALL
    recent: Mapping[int, datetime] = field(default_factory=dict)

    @property
    def after(self) -> datetime:
        """The time after which changes may be new."""
        return max(self.newest - OVERLAP, self.complete_until)


class LiveIndex:
    """The index of this process; looks for changed products every `POLL_SECONDS` at most."""

    def __init__(self) -> None:
        self._state: _State | None = None
        self._next_poll = 0.0
        self._next_look = 0.0
        self._next_fetch = 0.0
        self._changing = threading.Lock()
        self._loading = threading.Lock()

    def get_current(self) -> SegmentedIndex | None:
        """Return the index of the products as they are now; None while it is being built.

        The first call loads the stored index, or builds one of a small shop. While another thread
        brings the index up to date, and while the database fails, the index in memory answers.

        Raises:
            DatabaseError: Nothing is indexed yet, and the database fails.
        """
        if self._state is None:
            self._start()
        if self._state is None:
            return None
        now = time.monotonic()
        if now >= self._next_look and self._loading.acquire(blocking=False):
            self._next_look = now + LOOK_SECONDS
            threading.Thread(target=self._load_newer, daemon=True).start()
        if now >= self._next_poll and self._changing.acquire(blocking=False):
            self._next_poll = now + POLL_SECONDS
            self._follow_changes(self._state)
        return self._state.index

    def build_now(self) -> None:
        """Index all products on sale while the caller waits, whatever their number."""
        with self._loading, self._changing:
            self._state = _follow(_make_empty())

    def refresh(self) -> SegmentedIndex | None:
        """Load the newest stored index now, of any host; for start-up."""
        with self._loading:
            self._fetch()
            self._load(artifacts.find_newest())
        return self.get_current()

    def forget(self) -> None:
        """Return to the state of a process that has just started."""
        with self._loading, self._changing:
            self._state = None
            self._next_poll = self._next_look = self._next_fetch = 0.0

    def _start(self) -> None:
        with self._loading:
            self._next_look = time.monotonic() + LOOK_SECONDS
            if self._state is None:
                self._load(artifacts.find_newest())
            if self._state is not None:
                return
            if Product.objects.filter(is_active=True).count() <= MOST_BUILT_AT_ONCE:
                self._state = _follow(_make_empty())
                return
        if self._loading.acquire(blocking=False):
            threading.Thread(target=self._build, daemon=True).start()

    def _follow_changes(self, state: _State) -> None:
        """Bring the index up to date, many changes in a thread; then release `_changing`."""
        is_done = True
        try:
            with ignore_database_errors("changed products"):
                looked_at = time.monotonic()
                changes = _list_new_changes(state)
                work = (state, changes, looked_at)
                if len(changes) > MOST_FOLLOWED_AT_ONCE:
                    is_done = False
                    threading.Thread(target=self._apply_many, args=work, daemon=True).start()
                else:
                    self._state = _apply(*work)
        finally:
            if is_done:
                self._changing.release()

    def _apply_many(
        self, state: _State, changes: Sequence[ProductChange], looked_at: float
    ) -> None:
        try:
            with ignore_database_errors("changed products"):
                self._state = _apply(state, changes, looked_at)
        finally:
            self._changing.release()
            connection.close()

    def _fetch(self) -> None:
        """Fetch the newest index of other hosts, every `FETCH_SECONDS` at most."""
        if time.monotonic() >= self._next_fetch:
            self._next_fetch = time.monotonic() + FETCH_SECONDS
            artifacts.fetch_newest()

    def _load_newer(self) -> None:
        try:
            self._fetch()
            name = artifacts.find_newest()
            if self._state is not None and name != self._state.name:
                self._load(name)
        finally:
            self._loading.release()

    def _load(self, name: str | None) -> None:
        """Serve a stored index; if it cannot be read, the index in memory stays."""
        if name is None:
            return
        try:
            stored = artifacts.load(name)
        except ArtifactError as damage:
            logger.error("The search index %s cannot serve: %s", name, damage)
            return
        with self._changing:
            self._state = _State(stored.index, stored.newest, time.monotonic(), name)
            self._next_poll = 0.0
        stored.index.warm_up()
        logger.info("This process searches in the index %s.", name)

    def _build(self) -> None:
        """Build the index of all products, until the worker has written one."""
        logger.warning(
            "No stored search index can be read, so this process builds its own. Start a worker, "
            "or run rebuild_search."
        )
        try:
            with ignore_database_errors("products for the search index"):
                self._state = _follow(_make_empty())
        finally:
            self._loading.release()
            connection.close()


_live = LiveIndex()

get_current = _live.get_current
build_now = _live.build_now
refresh = _live.refresh
forget = _live.forget


def _make_empty() -> _State:
    return _State(SegmentedIndex(make_tokenizer(), ()), BEFORE_ALL, time.monotonic(), name=None)


def _follow(state: _State) -> _State:
    """Return the state with all changes that it does not have yet."""
    looked_at = time.monotonic()
    return _apply(state, _list_new_changes(state), looked_at)


def _list_new_changes(state: _State) -> list[ProductChange]:
    return [
        change
        for change in list_changes(after=state.after)
        if state.recent.get(change.product_id) != change.changed_at
    ]


def _apply(state: _State, changes: Sequence[ProductChange], looked_at: float) -> _State:
    """Return the state with the changes that a look at the database found, at a monotonic time."""
    if looked_at - state.newest_seen_at >= OVERLAP.total_seconds():
        # Else every look after an import would read its last rows again.
        state = replace(state, complete_until=state.newest)
    newest = max([state.newest, *(change.changed_at for change in changes)])
    if newest > state.newest:
        state = replace(state, newest=newest, newest_seen_at=looked_at)
    recent = {**state.recent, **{change.product_id: change.changed_at for change in changes}}
    kept = {pk: at for pk, at in recent.items() if at > state.after}
    state = replace(state, recent=kept)
    if not changes:
        return state
    index = state.index
    states = {one.product_id: ProductState(one.is_active, one.in_stock) for one in changes}
    on_sale = sorted(product_id for product_id, now in states.items() if now.is_on_sale)
    index = index.follow(states, list(read_documents(on_sale)))
    if len(index.segments) > MAX_SEGMENTS:
        changed = index.list_changed_products()
        index = index.merge_changed_products(list(read_documents(changed)))
    return replace(state, index=index)
