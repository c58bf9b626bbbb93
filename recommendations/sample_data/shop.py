"""The whole sample shop in memory: a pure function of its sizes, its seed and its end."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from faker import Faker
from numpy.typing import NDArray

from recommendations.sample_data.behaviour import (
    Events,
    Told,
    make_events,
    visitors_for,
)
from recommendations.sample_data.catalogue import SampleCatalogue, make_catalogue
from recommendations.sample_data.tastes import DEMO_SHOPPERS, Tastes, make_tastes


@dataclass(frozen=True, slots=True)
class Person:
    """A shopper's account; `label` is the taste in words of those the demo offers."""

    username: str
    first_name: str
    last_name: str
    label: str = ""


@dataclass(frozen=True)
class SampleShop:
    """Products, people, what they did, and what they really like.

    The subjects of `events` are first the `people`, row for row, then anonymous visitors.
    """

    catalogue: SampleCatalogue
    people: tuple[Person, ...]
    tastes: Tastes
    events: Events
    seed: int
    end_time: datetime

    def affinity(self, shoppers: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return how much each shopper really likes each product: (shoppers, products), 0 to 1."""
        return self.tastes.affinity(self.catalogue, shoppers)


def make_shop(
    *,
    products: int,
    users: int,
    interactions: int,
    seed: int,
    end_time: datetime,
    told: Told | None = None,
) -> SampleShop:
    """Return the sample shop; equal arguments give an equal shop.

    `told` hears how many interactions of how many are drawn.
    """
    end_time = end_time.astimezone(UTC).replace(microsecond=0)
    catalogue = make_catalogue(products, seed)
    tastes = make_tastes(users + visitors_for(interactions), seed)
    events = make_events(
        catalogue,
        tastes,
        shoppers=users,
        count=interactions,
        seed=seed,
        second_of_day=end_time.hour * 3600 + end_time.minute * 60 + end_time.second,
        told=told,
    )
    return SampleShop(catalogue, make_people(users, seed), tastes, events, seed, end_time)


def make_people(count: int, seed: int) -> tuple[Person, ...]:
    """Return `count` people, the demo shoppers first, no two with one username."""
    faker = Faker("en_US")
    faker.seed_instance(seed)
    people = [Person(demo.first_name.lower(), demo.first_name, "", demo.label)
              for demo in DEMO_SHOPPERS[:count]]  # fmt: skip
    times_used: dict[str, int] = {}
    for _ in range(count - len(people)):
        first, last = faker.first_name(), faker.last_name()
        username = f"{first}.{last}".lower()
        times_used[username] = times_used.get(username, 0) + 1
        if times_used[username] > 1:
            username += str(times_used[username])
        people.append(Person(username, first, last))
    return tuple(people)
