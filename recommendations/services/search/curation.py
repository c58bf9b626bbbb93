"""The rules of staff for search, as this process applies them; every process follows changes.

A change of the rules gives them a new version, and each process looks for it every `POLL_SECONDS`
at most.
"""

import threading
import time
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from recommendations.conf import configuration
from recommendations.models import (
    IgnoredWord,
    PinnedProduct,
    PinnedSearch,
    SearchRedirect,
    SearchRule,
    SearchRulesVersion,
    SearchSynonym,
)
from recommendations.retrieval.curation import NO_CURATION, Curation, Rules, SynonymRule
from recommendations.retrieval.tokens import Tokenizer
from recommendations.services.infra.degradation import ignore_database_errors

POLL_SECONDS = 0.5
_THE_ROW = 1
Row = TypeVar("Row", bound=SearchRule)


@dataclass(frozen=True, slots=True)
class _State:
    version: UUID | None
    curation: Curation


class LiveCuration:
    """The rules in force, immutable and replaced when they change; none if they cannot be read."""

    def __init__(self) -> None:
        self._state: _State | None = None
        self._next_poll = 0.0
        self._changing = threading.Lock()

    def get_current(self) -> Curation:
        """Return the rules as they are now; while the database fails, those in memory."""
        state = self._state
        if state is None:
            with self._changing:
                if self._state is None:
                    self._next_poll = time.monotonic() + POLL_SECONDS
                    self._state = _follow(_State(None, NO_CURATION))
                state = self._state
        elif time.monotonic() >= self._next_poll and self._changing.acquire(blocking=False):
            try:
                self._next_poll = time.monotonic() + POLL_SECONDS
                self._state = state = _follow(state)
            finally:
                self._changing.release()
        return state.curation

    def expire(self) -> None:
        """Let the next search look for a change."""
        self._next_poll = 0.0

    def forget(self) -> None:
        """Return to the state of a process that has just started."""
        with self._changing:
            self._state = None
            self._next_poll = 0.0


_live = LiveCuration()

get_current = _live.get_current
forget = _live.forget


def find_redirect(*, text: str) -> str | None:
    """Return the path of the page to which a query leads, None if it leads to results."""
    return get_current().find_redirect(text)


def note_change() -> None:
    """Give the rules a new version; whoever writes a rule calls this in the same transaction."""
    SearchRulesVersion.objects.update_or_create(pk=_THE_ROW, defaults={"version": uuid4()})
    transaction.on_commit(_live.expire)


def read_rules(*, without: SearchRule | None = None) -> Rules:
    """Return the active rules, for a comparison without one of them."""
    synonyms = _select(SearchSynonym, without).values_list("phrase", "means", "is_two_way")
    redirects = _select(SearchRedirect, without).values_list("query", "path")
    words = _select(IgnoredWord, without).values_list("word", flat=True)
    pinned = PinnedProduct.objects.filter(search__in=_select(PinnedSearch, without))
    pins: dict[str, list[int]] = {}
    for query, product_id in pinned.values_list("search__query", "product_id"):
        pins.setdefault(query, []).append(product_id)
    return Rules(
        synonyms=[SynonymRule(*row) for row in synonyms],
        redirects=dict(redirects),
        pins=pins,
        ignored_words=list(words),
    )


def compile_rules(rules: Rules) -> Curation:
    """Return the rules ready to be applied, in the languages of the shop."""
    return Curation(rules, Tokenizer(configuration().search_languages))


def _select(model: type[Row], without: SearchRule | None) -> QuerySet[Row]:
    rows = model._default_manager.filter(is_active=True)
    return rows.exclude(pk=without.pk) if isinstance(without, model) else rows


def _follow(state: _State) -> _State:
    """Return the state with the present rules; the state itself if they have not changed."""
    with ignore_database_errors("search rules"):
        row = SearchRulesVersion.objects.filter(pk=_THE_ROW).values_list("version").first()
        version = row[0] if row else None
        if version != state.version:
            return _State(version, compile_rules(read_rules()))
    return state
