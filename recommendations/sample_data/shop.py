"""The sample shop in memory: a pure function of its sizes, its seed and its end time."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from faker import Faker
from numpy.typing import NDArray

from recommendations.sample_data.behaviour import OnProgress, count_visitors, make_events
from recommendations.sample_data.catalogue import SampleCatalogue, make_catalogue
from recommendations.sample_data.events import Events
from recommendations.sample_data.tastes import DEMO_SHOPPERS, Tastes, make_tastes


@dataclass(frozen=True, slots=True)
class Person:
    """A shopper's account. Only demo shoppers have a `label`: it describes the taste in words."""

    username: str
    first_name: str
    last_name: str
    label: str = ""


@dataclass(frozen=True)
class SampleShop:
    """The sample shop: its products, its shoppers (`people`), their tastes and their interactions.

    In `tastes` and `events`, the first subjects are `people`, row for row; the rest are anonymous
    visitors. The last interaction is before `end_time`.
    """

    catalogue: SampleCatalogue
    people: tuple[Person, ...]
    tastes: Tastes
    events: Events
    seed: int
    end_time: datetime

    def score_affinity(self, shoppers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how much each shopper likes each product, 0 to 1; shape (shoppers, products)."""
        return self.tastes.score_affinity(self.catalogue, shoppers)


def make_shop(
    *,
    products: int,
    users: int,
    interactions: int,
    seed: int,
    end_time: datetime,
    on_progress: OnProgress | None = None,
) -> SampleShop:
    """Return the sample shop; equal arguments give an equal shop."""
    end_time = end_time.astimezone(UTC).replace(microsecond=0)
    catalogue = make_catalogue(products, seed)
    tastes = make_tastes(users + count_visitors(interactions), seed)
    events = make_events(
        catalogue,
        tastes,
        shoppers=users,
        count=interactions,
        seed=seed,
        second_of_day=end_time.hour * 3600 + end_time.minute * 60 + end_time.second,
        on_progress=on_progress,
    )
    return SampleShop(catalogue, make_people(users, seed), tastes, events, seed, end_time)


def make_people(count: int, seed: int) -> tuple[Person, ...]:
    """Return `count` people with different usernames, the demo shoppers first."""
    faker = Faker("en_US")
    faker.seed_instance(seed)
    people = [
        Person(demo.first_name.lower(), demo.first_name, "", demo.label)
        for demo in DEMO_SHOPPERS[:count]
    ]
    times_used: Counter[str] = Counter()
    for _ in range(count - len(people)):
        first, last = faker.first_name(), faker.last_name()
        username = f"{first}.{last}".lower()
        times_used[username] += 1
        if times_used[username] > 1:
            username += str(times_used[username])
        people.append(Person(username, first, last))
    return tuple(people)
