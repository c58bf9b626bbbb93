"""What shoppers and visitors of the sample shop did: sessions with a funnel, drawn from tastes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.sample_data.catalogue import SampleCatalogue
from recommendations.sample_data.sets import ProductSets, make_sets
from recommendations.sample_data.tastes import DEMO_SHOPPERS, Tastes

KINDS = (
    InteractionType.VIEW,
    InteractionType.LIKE,
    InteractionType.CART,
    InteractionType.PURCHASE,
)
VIEW, LIKE, CART, PURCHASE = range(4)

DAY = 86_400
SPAN_DAYS = 180.0
RECENCY = 1.7  # above 1: more lately
SHARE_OF_VISITORS = 0.1
INTERACTIONS_A_SESSION = 6.6  # measured; only says how many sessions to draw at a time
SESSIONS_A_VISITOR = 1.5
MEAN_VIEWS = 6.0
LONGEST_SESSION_VIEWS = 30
LONGEST_SESSION_DAYS = 0.1
SAME_TYPE_AGAIN = 0.6
LOOKING_AROUND = 0.07
COMING_BACK = 0.3
PURCHASE_AFTER_CART = 0.12
SETS_A_SESSION = 0.16
PURCHASE_AFTER_CART_IN_A_SET = 0.9
RATED = 0.4
DEMO_ACTIVITY = 1.8  # of a shopper whose median is 1
ROWS_AT_ONCE = 100_000

# How busy the shop is from midnight on, hour by hour.
_BUSY = np.array(
    [3, 2, 1, 1, 1, 1, 2, 4, 5, 6, 6, 7, 8, 7, 6, 6, 7, 8, 10, 12, 13, 12, 9, 6], dtype=np.float64
)

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Events:
    """Interactions as columns of one length, oldest first.

    `subjects` are rows of `Tastes`, `items` of the catalogue, `kinds` places in `KINDS`; `seconds`
    count from the shop's end back and are never positive; ratings are NaN where none was given.
    """

    subjects: NDArray[np.int32]
    items: NDArray[np.int32]
    kinds: NDArray[np.int8]
    seconds: NDArray[np.int64]
    ratings: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.subjects)


def visitors_for(interactions: int) -> int:
    """Return how many anonymous visitors so many interactions take."""
    return max(
        1, round(interactions * SHARE_OF_VISITORS / INTERACTIONS_A_SESSION / SESSIONS_A_VISITOR)
    )


def make_events(
    catalogue: SampleCatalogue,
    tastes: Tastes,
    *,
    shoppers: int,
    count: int,
    seed: int,
    second_of_day: int,
    told: Told | None = None,
) -> Events:
    """Return exactly `count` events of the first `shoppers` subjects and of the visitors after.

    Within a session a cart follows a view and a purchase a cart; some sessions end with a set of
    products that go together. Nobody sees a product before it is in the catalogue or buys twice
    what is not used up. `second_of_day` is the time of day at
    which the shop's data ends.
    """
    chance = np.random.default_rng([seed, 3])
    activity = _activity(len(tastes), shoppers, chance)
    sets = make_sets(catalogue)
    parts: list[Events] = []
    done = 0
    while done < count:
        wanted = max(20, int((count - done) / INTERACTIONS_A_SESSION * 1.03))
        wanted = min(wanted, ROWS_AT_ONCE // 8)
        parts.append(_sessions(catalogue, tastes, sets, activity, wanted, second_of_day, chance))
        done += len(parts[-1])
        if done >= count:
            parts = [_without_repeated_purchases(catalogue, _joined(parts))]
            done = len(parts[0])
        if told:
            told(min(done, count), count)
    return _exactly(count, catalogue, parts[0], chance)


def _activity(subjects: int, shoppers: int, chance: np.random.Generator) -> NDArray[np.float64]:
    # The cumulative chance of each subject to be who comes next.
    weight = chance.lognormal(0, 0.6, subjects)
    weight[:shoppers] = np.clip(weight[:shoppers], 0.3, 4)
    weight[: len(DEMO_SHOPPERS)] = DEMO_ACTIVITY
    weight[:shoppers] *= (1 - SHARE_OF_VISITORS) / weight[:shoppers].sum()
    weight[shoppers:] *= SHARE_OF_VISITORS / weight[shoppers:].sum()
    limits: NDArray[np.float64] = np.cumsum(weight) / weight.sum()
    return limits


def _sessions(
    catalogue: SampleCatalogue,
    tastes: Tastes,
    sets: ProductSets,
    activity: NDArray[np.float64],
    count: int,
    second_of_day: int,
    chance: np.random.Generator,
) -> Events:
    subject = np.searchsorted(activity, chance.random(count), side="right")
    start = _starts(count, second_of_day, chance)
    thread = (chance.random(count) >= tastes.shares[subject, 0]).astype(np.int64)
    lengths = np.minimum(chance.geometric(1 / MEAN_VIEWS, count), LONGEST_SESSION_VIEWS)

    session = np.repeat(np.arange(count), lengths)
    position = np.arange(len(session)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    kind = _types(tastes, subject[session], thread[session], position, chance)
    age_days = -start / DAY + LONGEST_SESSION_DAYS
    item = _items(catalogue, tastes, subject[session], kind, age_days[session], chance)

    item = _coming_back(item, subject[session], start[session] + position, chance)

    goes_with = _sets(catalogue, tastes, sets, subject, thread, chance)
    session, position, item = _with_sets(
        catalogue, sets, goes_with, age_days, session, position, item
    )
    seen = (item >= 0) & _first_of(session * len(catalogue) + item)
    session, position, item = session[seen], position[seen], item[seen]
    gap = 35 + chance.lognormal(3.3, 0.8, len(session))
    elapsed = np.cumsum(gap)
    first_row = np.r_[True, np.diff(session) > 0]
    elapsed -= np.maximum.accumulate(np.where(first_row, elapsed, 0))
    leaves = np.zeros(count)
    np.maximum.at(leaves, session, elapsed)
    leaves += 60
    # Who comes at the very end comes early enough to be done by then.
    start = np.minimum(start, -leaves - 60)
    who = subject[session]
    when = start[session] + elapsed

    fit = np.exp(tastes.look_appeal(catalogue, who, item[:, None])[:, 0])
    fit *= tastes.type_weights[who, thread[session], catalogue.types[item]] > 0
    liked = chance.random(len(item)) < 0.04 + 0.26 * fit
    in_set = sets.holds(goes_with[session], item)
    carted = in_set | (chance.random(len(item)) < 0.03 + 0.22 * fit)
    bought = carted & (
        chance.random(len(item))
        < np.where(in_set, PURCHASE_AFTER_CART_IN_A_SET, PURCHASE_AFTER_CART)
    )
    checkout = (start + leaves)[session]
    stars = np.round(2 * (3.1 + 1.8 * fit + chance.normal(0, 0.7, len(item)))) / 2
    stars = np.where(chance.random(len(item)) < RATED, np.clip(stars, 0.5, 5), np.nan)

    rows = np.arange(len(item))
    chosen = [rows, rows[liked], rows[carted], rows[bought]]
    seconds = [when, when[liked] + 8, when[carted] + 17, checkout[bought] + position[bought]]
    order = np.concatenate(chosen)
    kinds = np.repeat(np.arange(4, dtype=np.int8), [len(part) for part in chosen])
    return Events(
        subjects=who[order].astype(np.int32),
        items=item[order].astype(np.int32),
        kinds=kinds,
        seconds=np.concatenate(seconds).astype(np.int64),
        ratings=np.where(kinds == PURCHASE, stars[order], np.nan).astype(np.float32),
    )


def _starts(count: int, second_of_day: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """Return when sessions begin, in seconds before the end: more lately, more in the evening."""
    days_ago = np.floor(SPAN_DAYS * chance.random(count) ** RECENCY)
    hour = chance.choice(24, count, p=_BUSY / _BUSY.sum())
    in_day = (hour + chance.random(count)) * 3600 - second_of_day
    ahead = in_day - days_ago * DAY > 0
    starts: NDArray[np.float64] = in_day - (days_ago + ahead) * DAY
    return starts


def _types(
    tastes: Tastes,
    subject: NDArray[np.int64],
    thread: NDArray[np.int64],
    position: NDArray[np.int64],
    chance: np.random.Generator,
) -> NDArray[np.int64]:
    """Return the type looked at in each step: often the one before, else one of the theme."""
    drawn = np.empty(len(subject), dtype=np.int64)
    for rows in _slices(len(subject)):
        limits = np.cumsum(tastes.type_weights[subject[rows], thread[rows]], axis=1)
        target = chance.random((len(limits), 1)) * limits[:, -1:]
        drawn[rows] = np.argmax(limits > target, axis=1)
    changes = (position == 0) | (chance.random(len(subject)) >= SAME_TYPE_AGAIN)
    held: NDArray[np.int64] = drawn[
        np.maximum.accumulate(np.where(changes, np.arange(len(drawn)), 0))
    ]
    return held


def _items(
    catalogue: SampleCatalogue,
    tastes: Tastes,
    subject: NDArray[np.int64],
    kind: NDArray[np.int64],
    age_days: NDArray[np.float64],
    chance: np.random.Generator,
) -> NDArray[np.int64]:
    """Return what is looked at: of the type, by taste and popularity; -1 where it has nothing.

    Some steps are just looking around, by popularity alone.
    """
    by_type = catalogue.by_type()
    rows_at_once = max(1, ROWS_AT_ONCE * 20 // by_type.shape[1])
    items = np.empty(len(subject), dtype=np.int64)
    for rows in _slices(len(subject), rows_at_once):
        shelf = by_type[kind[rows]]
        weight = np.exp(tastes.look_appeal(catalogue, subject[rows], shelf))
        weight *= catalogue.popularity[shelf]
        weight *= (shelf >= 0) & (catalogue.ages_days[shelf] > age_days[rows][:, None])
        limits = np.cumsum(weight, axis=1)
        target = chance.random((len(limits), 1)) * limits[:, -1:]
        picked = shelf[np.arange(len(shelf)), np.argmax(limits > target, axis=1)]
        items[rows] = np.where(limits[:, -1] > 0, picked, -1)
    around = np.flatnonzero(chance.random(len(items)) < LOOKING_AROUND)
    limits = np.cumsum(catalogue.popularity)
    glanced = np.searchsorted(limits / limits[-1], chance.random(len(around)), side="right")
    there = catalogue.ages_days[glanced] > age_days[around]
    items[around[there]] = glanced[there]
    return items


def _coming_back(
    items: NDArray[np.int64],
    subject: NDArray[np.int64],
    when: NDArray[np.float64],
    chance: np.random.Generator,
) -> NDArray[np.int64]:
    """Return the items with some replaced by one that the same subject saw before."""
    order = np.lexsort((when, subject))
    again = chance.random(len(items)) < COMING_BACK
    fresh = ~again[order]
    seen_before: NDArray[np.int64] = (
        np.cumsum(fresh) - fresh
    )  # fresh looks of everybody before this one
    of_subject = subject[order]
    first_row = np.r_[True, np.diff(of_subject) > 0]
    first_look = np.maximum.accumulate(np.where(first_row, seen_before, 0))
    own = seen_before - first_look
    places = first_look + np.floor(chance.random(len(items)) * own).astype(np.int64)
    looks = items[order][fresh]
    replaced = again[order] & (own > 0)
    result = items.copy()
    result[order[replaced]] = looks[places[replaced]]
    return result


def _sets(
    catalogue: SampleCatalogue,
    tastes: Tastes,
    sets: ProductSets,
    subject: NDArray[np.int64],
    thread: NDArray[np.int64],
    chance: np.random.Generator,
) -> NDArray[np.int64]:
    """Return the set that each session ends with, -1 for most."""
    buying = np.flatnonzero(chance.random(len(subject)) < SETS_A_SESSION)
    themes = tastes.themes[subject[buying], thread[buying]]
    ends_with = np.full(len(subject), -1)
    ends_with[buying] = sets.chosen(catalogue, tastes, subject[buying], themes, chance)
    return ends_with


def _with_sets(
    catalogue: SampleCatalogue,
    sets: ProductSets,
    goes_with: NDArray[np.int64],
    age_days: NDArray[np.float64],
    session: NDArray[np.int64],
    position: NDArray[np.int64],
    item: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the steps of all sessions with those to their sets' products at the end."""
    buying = np.flatnonzero(goes_with >= 0)
    members = sets.items[goes_with[buying]]
    there = (members >= 0) & (catalogue.ages_days[members] > age_days[buying][:, None])
    of_session = np.broadcast_to(buying[:, None], members.shape)[there]
    places = np.broadcast_to(np.arange(members.shape[1]), members.shape)[there]
    sessions = np.concatenate([session, of_session])
    order = np.argsort(sessions, kind="stable")
    return (
        sessions[order],
        np.concatenate([position, LONGEST_SESSION_VIEWS + places])[order],
        np.concatenate([item, members[there]])[order],
    )


def _without_repeated_purchases(catalogue: SampleCatalogue, events: Events) -> Events:
    """Return the events oldest first, without a second purchase of what is not used up."""
    events = _only(events, np.lexsort((events.kinds, events.seconds)))
    purchases = np.flatnonzero(events.kinds == PURCHASE)
    again = purchases[~_first_of(_pairs(catalogue, events)[purchases])]
    return _only(
        events,
        np.setdiff1d(np.arange(len(events)), again[~catalogue.repeatable[events.items[again]]]),
    )


def _exactly(
    count: int, catalogue: SampleCatalogue, events: Events, chance: np.random.Generator
) -> Events:
    """Return `count` of the events, less some views that led to nothing."""
    pairs = _pairs(catalogue, events)
    needed = np.isin(pairs, pairs[events.kinds != VIEW])
    dropped = chance.choice(np.flatnonzero(~needed), len(events) - count, replace=False)
    return _only(events, np.setdiff1d(np.arange(len(events)), dropped))


def _pairs(catalogue: SampleCatalogue, events: Events) -> NDArray[np.int64]:
    return events.subjects.astype(np.int64) * len(catalogue) + events.items


def _only(events: Events, rows: NDArray[np.int64]) -> Events:
    return Events(
        subjects=events.subjects[rows],
        items=events.items[rows],
        kinds=events.kinds[rows],
        seconds=events.seconds[rows],
        ratings=events.ratings[rows],
    )


def _first_of(keys: NDArray[np.int64]) -> NDArray[np.bool_]:
    first = np.zeros(len(keys), dtype=bool)
    first[np.unique(keys, return_index=True)[1]] = True
    return first


def _joined(parts: list[Events]) -> Events:
    return Events(
        subjects=np.concatenate([part.subjects for part in parts]),
        items=np.concatenate([part.items for part in parts]),
        kinds=np.concatenate([part.kinds for part in parts]),
        seconds=np.concatenate([part.seconds for part in parts]),
        ratings=np.concatenate([part.ratings for part in parts]),
    )


def _slices(length: int, size: int = ROWS_AT_ONCE) -> Iterator[slice]:
    for start in range(0, length, size):
        yield slice(start, start + size)
