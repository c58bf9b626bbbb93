"""The interactions of the sample shop, in columns."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.sample_data.catalogue import SampleCatalogue
from recommendations.sample_data.sampling import mark_first

INTERACTION_TYPES = (
    InteractionType.VIEW,
    InteractionType.LIKE,
    InteractionType.CART,
    InteractionType.PURCHASE,
)
VIEW, LIKE, CART, PURCHASE = range(4)


@dataclass(frozen=True)
class Events:
    """Interactions, one column per field, all of one length.

    `subjects` are rows of `Tastes`, `items` rows of the catalogue, and `interaction_types` indexes
    into `INTERACTION_TYPES`. `seconds` are relative to the end of the shop's data, so negative.
    `ratings` are NaN where there is none.
    """

    subjects: NDArray[np.int32]
    items: NDArray[np.int32]
    interaction_types: NDArray[np.int8]
    seconds: NDArray[np.int64]
    ratings: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.subjects)

    def take(self, rows: NDArray[np.int64]) -> "Events":
        """Return the events of these rows, in this order."""
        return Events(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def concatenate(parts: list[Events]) -> Events:
    """Return the events of all parts, one part after the other."""
    columns = [field.name for field in fields(Events)]
    return Events(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in columns}
    )


def drop_repeat_purchases(catalogue: SampleCatalogue, events: Events) -> Events:
    """Return the events oldest first, without repeat purchases of products not repeatable."""
    events = events.take(np.lexsort((events.interaction_types, events.seconds)))
    purchases = np.flatnonzero(events.interaction_types == PURCHASE)
    again = purchases[~mark_first(compute_pair_keys(catalogue, events)[purchases])]
    is_kept = np.ones(len(events), dtype=bool)
    is_kept[again[~catalogue.repeatable[events.items[again]]]] = False
    return events.take(np.flatnonzero(is_kept))


def trim(
    events: Events, count: int, catalogue: SampleCatalogue, rng: np.random.Generator
) -> Events:
    """Return `count` of the events; drop only views of items that the subject only viewed."""
    pairs = compute_pair_keys(catalogue, events)
    is_needed = np.isin(pairs, pairs[events.interaction_types != VIEW])
    is_kept = np.ones(len(events), dtype=bool)
    is_kept[rng.choice(np.flatnonzero(~is_needed), len(events) - count, replace=False)] = False
    return events.take(np.flatnonzero(is_kept))


def compute_pair_keys(catalogue: SampleCatalogue, events: Events) -> NDArray[np.int64]:
    """Return a key for each event: equal for the same subject and item, different for others."""
    return events.subjects.astype(np.int64) * len(catalogue) + events.items
