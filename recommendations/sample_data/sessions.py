"""The sessions of the sample shop: what subjects view, like, put in the cart and buy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.sample_data.catalogue import SampleCatalogue
from recommendations.sample_data.events import PURCHASE, Events
from recommendations.sample_data.sampling import (
    ROWS_AT_ONCE,
    draw_columns,
    iter_slices,
    mark_first,
)
from recommendations.sample_data.sets import ProductSets
from recommendations.sample_data.tastes import Tastes

DAY = 86_400
SPAN_DAYS = 180.0
RECENCY_EXPONENT = 1.7  # above 1: recent days have more sessions
MEAN_VIEWS = 6.0
LONGEST_SESSION_VIEWS = 30
LONGEST_SESSION_DAYS = 0.1
SHARE_OF_SAME_TYPE_AGAIN = 0.6
SHARE_OF_GLANCES = 0.07
SHARE_OF_REVISITS = 0.3
SHARE_OF_SESSIONS_WITH_A_SET = 0.16
SHARE_BOUGHT_OF_CART = 0.12
SHARE_BOUGHT_OF_SET = 0.9
SHARE_RATED = 0.4

# The relative number of sessions in each hour of the day, from midnight on.
_BUSYNESS = np.array(
    [3, 2, 1, 1, 1, 1, 2, 4, 5, 6, 6, 7, 8, 7, 6, 6, 7, 8, 10, 12, 13, 12, 9, 6], dtype=np.float64
)


@dataclass(frozen=True)
class _Sessions:
    """Columns over sessions: the subject, the start, and which of the subject's tastes (0 or 1).

    `starts` are seconds relative to the end of the shop's data, so negative.
    """

    subjects: NDArray[np.int64]
    starts: NDArray[np.float64]
    tastes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.subjects)


@dataclass(frozen=True)
class _Views:
    """Columns over views, in the order of their sessions; item -1 means no product."""

    sessions: NDArray[np.int64]
    positions: NDArray[np.int64]
    items: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "_Views":
        return _Views(self.sessions[rows], self.positions[rows], self.items[rows])


@dataclass(frozen=True)
class SessionSimulator:
    """Draws the sessions of the subjects of `tastes`.

    `activity` has the cumulative probabilities, over the subjects, of starting the next session.
    `second_of_day` is the time of day at which the shop's data ends.
    """

    catalogue: SampleCatalogue
    tastes: Tastes
    sets: ProductSets
    activity: NDArray[np.float64]
    second_of_day: int
    rng: np.random.Generator

    def simulate(self, count: int) -> Events:
        """Return the events of `count` sessions.

        A view comes before a cart, and a cart before a purchase. A session may end with a set of
        products that go together. Nobody views a product before it is in the catalogue.
        """
        sessions = self._draw_sessions(count)
        views = self._draw_views(sessions)
        sets = self._draw_sets(sessions)
        views = self._append_sets(views, sessions, sets)
        keys = views.sessions * len(self.catalogue) + views.items
        views = views.take((views.items >= 0) & mark_first(keys))
        return self._draw_events(sessions, sets, views)

    def _draw_sessions(self, count: int) -> _Sessions:
        subjects = np.searchsorted(self.activity, self.rng.random(count), side="right")
        starts = self._draw_starts(count)
        tastes = (self.rng.random(count) >= self.tastes.shares[subjects, 0]).astype(np.int64)
        return _Sessions(subjects, starts, tastes)

    def _draw_starts(self, count: int) -> NDArray[np.float64]:
        """Draw start times: recent days have more than earlier ones, evenings more than nights."""
        days_ago = np.floor(SPAN_DAYS * self.rng.random(count) ** RECENCY_EXPONENT)
        hours = self.rng.choice(24, count, p=_BUSYNESS / _BUSYNESS.sum())
        in_day = (hours + self.rng.random(count)) * 3600 - self.second_of_day
        is_after_end = in_day - days_ago * DAY > 0
        starts: NDArray[np.float64] = in_day - (days_ago + is_after_end) * DAY
        return starts

    def _draw_views(self, sessions: _Sessions) -> _Views:
        lengths = np.minimum(
            self.rng.geometric(1 / MEAN_VIEWS, len(sessions)), LONGEST_SESSION_VIEWS
        )
        rows = np.repeat(np.arange(len(sessions)), lengths)
        positions = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        subjects = sessions.subjects[rows]
        types = self._draw_types(subjects, sessions.tastes[rows], positions)
        items = self._draw_items(subjects, types, _compute_days_before_end(sessions)[rows])
        times = sessions.starts[rows] + positions
        return _Views(rows, positions, self._draw_revisits(items, subjects, times))

    def _draw_types(
        self,
        subjects: NDArray[np.int64],
        tastes: NDArray[np.int64],
        positions: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        """Draw the type of each view: often the type of the view before, else one of the taste."""
        drawn = np.empty(len(subjects), dtype=np.int64)
        for rows in iter_slices(len(subjects)):
            weights = self.tastes.type_weights[subjects[rows], tastes[rows]]
            drawn[rows] = draw_columns(weights, self.rng)
        changes = positions == 0
        changes |= self.rng.random(len(subjects)) >= SHARE_OF_SAME_TYPE_AGAIN
        last_change = np.maximum.accumulate(np.where(changes, np.arange(len(drawn)), 0))
        types: NDArray[np.int64] = drawn[last_change]
        return types

    def _draw_items(
        self,
        subjects: NDArray[np.int64],
        types: NDArray[np.int64],
        days_before_end: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        """Draw an item of each type by fit and popularity; -1 where the type has no item yet.

        Some views are glances: their items are drawn from all types, by popularity alone.
        """
        catalogue = self.catalogue
        rows_of_types = catalogue.group_by_type()
        rows_at_once = max(1, ROWS_AT_ONCE * 20 // rows_of_types.shape[1])
        items = np.empty(len(subjects), dtype=np.int64)
        for rows in iter_slices(len(subjects), rows_at_once):
            shelf = rows_of_types[types[rows]]
            weights = np.exp(self.tastes.compute_log_fit(catalogue, subjects[rows], shelf))
            weights *= catalogue.popularity[shelf]
            weights *= (shelf >= 0) & (catalogue.ages_days[shelf] > days_before_end[rows][:, None])
            columns = draw_columns(weights, self.rng)
            items[rows] = np.where(columns >= 0, shelf[np.arange(len(shelf)), columns], -1)
        glances = np.flatnonzero(self.rng.random(len(items)) < SHARE_OF_GLANCES)
        limits = np.cumsum(catalogue.popularity)
        targets = self.rng.random(len(glances))
        glanced = np.searchsorted(limits / limits[-1], targets, side="right")
        exists = catalogue.ages_days[glanced] > days_before_end[glances]
        items[glances[exists]] = glanced[exists]
        return items

    def _draw_revisits(
        self,
        items: NDArray[np.int64],
        subjects: NDArray[np.int64],
        times: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        """Return the items, some of them replaced by an item that the subject viewed before."""
        order = np.lexsort((times, subjects))
        is_revisit = self.rng.random(len(items)) < SHARE_OF_REVISITS
        is_fresh = ~is_revisit[order]
        fresh_before: NDArray[np.int64] = np.cumsum(is_fresh) - is_fresh
        starts_subject = np.r_[True, np.diff(subjects[order]) > 0]
        first_fresh = np.maximum.accumulate(np.where(starts_subject, fresh_before, 0))
        own = fresh_before - first_fresh
        picks = first_fresh + np.floor(self.rng.random(len(items)) * own).astype(np.int64)
        fresh_items = items[order][is_fresh]
        is_replaced = is_revisit[order] & (own > 0)
        result = items.copy()
        result[order[is_replaced]] = fresh_items[picks[is_replaced]]
        return result

    def _draw_sets(self, sessions: _Sessions) -> NDArray[np.int64]:
        """Draw the set of products with which each session ends, -1 (no set) for most."""
        buying = np.flatnonzero(self.rng.random(len(sessions)) < SHARE_OF_SESSIONS_WITH_A_SET)
        subjects = sessions.subjects[buying]
        themes = self.tastes.themes[subjects, sessions.tastes[buying]]
        sets = np.full(len(sessions), -1)
        sets[buying] = self.sets.choose(self.catalogue, self.tastes, subjects, themes, self.rng)
        return sets

    def _append_sets(self, views: _Views, sessions: _Sessions, sets: NDArray[np.int64]) -> _Views:
        """Return the views, with the products of each session's set at the session's end."""
        buying = np.flatnonzero(sets >= 0)
        members = self.sets.items[sets[buying]]
        ages = self.catalogue.ages_days[members]
        exists = (members >= 0) & (ages > _compute_days_before_end(sessions)[buying][:, None])
        row, column = np.nonzero(exists)
        appended = _Views(
            np.concatenate([views.sessions, buying[row]]),
            np.concatenate([views.positions, LONGEST_SESSION_VIEWS + column]),
            np.concatenate([views.items, members[exists]]),
        )
        return appended.take(np.argsort(appended.sessions, kind="stable"))

    def _draw_events(self, sessions: _Sessions, sets: NDArray[np.int64], views: _Views) -> Events:
        """Return the views as events, with the likes, carts and purchases that follow from them."""
        items, count = views.items, len(views.items)
        elapsed, durations = self._draw_timing(views, len(sessions))
        # A session must be over by the end of the shop's data.
        starts = np.minimum(sessions.starts, -durations - 60)
        times = starts[views.sessions] + elapsed
        checkouts = (starts + durations)[views.sessions] + views.positions

        subjects, tastes = sessions.subjects[views.sessions], sessions.tastes[views.sessions]
        fit = np.exp(self.tastes.compute_log_fit(self.catalogue, subjects, items[:, None])[:, 0])
        fit *= self.tastes.type_weights[subjects, tastes, self.catalogue.types[items]] > 0
        in_set = self.sets.contains(sets[views.sessions], items)
        liked = self.rng.random(count) < 0.04 + 0.26 * fit
        carted = in_set | (self.rng.random(count) < 0.03 + 0.22 * fit)
        bought = carted & (
            self.rng.random(count) < np.where(in_set, SHARE_BOUGHT_OF_SET, SHARE_BOUGHT_OF_CART)
        )
        ratings = self._draw_ratings(fit)

        rows = np.arange(count)
        chosen = [rows, rows[liked], rows[carted], rows[bought]]
        seconds = [times, times[liked] + 8, times[carted] + 17, checkouts[bought]]
        order = np.concatenate(chosen)
        interaction_types = np.repeat(np.arange(4, dtype=np.int8), [len(part) for part in chosen])
        return Events(
            subjects=subjects[order].astype(np.int32),
            items=items[order].astype(np.int32),
            interaction_types=interaction_types,
            seconds=np.concatenate(seconds).astype(np.int64),
            ratings=np.where(interaction_types == PURCHASE, ratings[order], np.nan).astype(
                np.float32
            ),
        )

    def _draw_timing(
        self, views: _Views, sessions: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the seconds from a session's start to each view, and each session's duration."""
        elapsed = np.cumsum(35 + self.rng.lognormal(3.3, 0.8, len(views.sessions)))
        starts_session = np.r_[True, np.diff(views.sessions) > 0]
        elapsed -= np.maximum.accumulate(np.where(starts_session, elapsed, 0))
        durations = np.zeros(sessions)
        np.maximum.at(durations, views.sessions, elapsed)
        return elapsed, durations + 60

    def _draw_ratings(self, fit: NDArray[np.float64]) -> NDArray[np.float64]:
        """Draw ratings in half stars that rise with the fit; NaN for most views."""
        stars = np.round(2 * (3.1 + 1.8 * fit + self.rng.normal(0, 0.7, len(fit)))) / 2
        is_rated = self.rng.random(len(fit)) < SHARE_RATED
        return np.where(is_rated, np.clip(stars, 0.5, 5), np.nan)


def _compute_days_before_end(sessions: _Sessions) -> NDArray[np.float64]:
    """Return an age in days that a product must exceed to exist in the whole session."""
    return -sessions.starts / DAY + LONGEST_SESSION_DAYS
