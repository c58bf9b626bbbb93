"""Each user's events cut into visits: what happened without a long pause."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommendations.ml.data import Interactions, RowArray


@dataclass(frozen=True, slots=True)
class Visits:
    """Visit v's events are `items[starts[v]:starts[v + 1]]`, oldest first, repeats included.

    Visits stand in the order of their last events. `moments` numbers the distinct times of a visit
    from 0: events of one moment have no order. `users` has the user of each visit.
    """

    starts: NDArray[np.int64]
    items: RowArray
    moments: RowArray
    users: RowArray

    def __len__(self) -> int:
        return len(self.users)

    @property
    def visit_of_event(self) -> RowArray:
        """The visit of each event."""
        return np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.starts))

    def select(self, first: int, last: int) -> Self:
        """Return the visits from `first` up to but without `last`."""
        events = slice(self.starts[first], self.starts[last])
        return type(self)(
            starts=self.starts[first : last + 1] - self.starts[first],
            items=self.items[events],
            moments=self.moments[events],
            users=self.users[first:last],
        )

    def keep_last_of_each_item(self) -> Self:
        """Return the visits with each item once, where the visit touched it last."""
        visits = self.visit_of_event
        by_pair = np.lexsort((np.arange(len(visits)), self.items, visits))
        is_last = np.ones(len(by_pair), dtype=bool)
        is_last[:-1] = (np.diff(visits[by_pair]) != 0) | (np.diff(self.items[by_pair]) != 0)
        kept = np.sort(by_pair[is_last])
        lengths = np.bincount(visits[kept], minlength=len(self))
        return type(self)(
            starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            items=self.items[kept],
            moments=self.moments[kept],
            users=self.users,
        )


def build_visits(interactions: Interactions, *, pause_hours: float, max_events: int) -> Visits:
    """Return the visits of the newest `max_events` events; a pause ends a visit."""
    events = interactions.events
    first = max(len(events) - max_events, 0)
    users, times = events.users[first:], events.timestamps[first:]
    by_user = np.argsort(users, kind="stable")
    users, times, items = users[by_user], times[by_user], events.items[first:][by_user]
    is_first = np.ones(len(users), dtype=bool)
    is_first[1:] = (np.diff(users) != 0) | (np.diff(times) > 3_600 * pause_hours)
    starts = np.concatenate([np.flatnonzero(is_first), [len(users)]])
    lengths = np.diff(starts)
    order = np.lexsort((users[starts[:-1]], times[starts[1:] - 1]))
    is_moment = (np.diff(times, prepend=0.0) > 0) & ~is_first
    moments = np.cumsum(is_moment, dtype=np.int64)
    moments = moments - np.repeat(moments[starts[:-1]], lengths)
    # The events of the visits in their new order.
    new_starts = np.concatenate([[0], np.cumsum(lengths[order])]).astype(np.int64)
    shift = np.repeat(starts[:-1][order] - new_starts[:-1], lengths[order])
    rows = np.arange(len(users)) + shift
    return Visits(
        starts=new_starts,
        items=items[rows],
        moments=moments[rows].astype(np.int32),
        users=users[starts[:-1]][order],
    )
