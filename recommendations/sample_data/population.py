"""Filling a database with the sample shop."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.contrib.auth import get_user_model
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.errors import InvalidInputError, SampleDataRefusedError
from recommendations.models import Product
from recommendations.progress import Progress, report_nothing
from recommendations.sample_data.accounts import (
    is_populated,
    is_unfinished,
    sample_products,
    sample_users,
)
from recommendations.sample_data.behaviour import KINDS
from recommendations.sample_data.catalogue import TYPES
from recommendations.sample_data.flushing import flush as flush_sample
from recommendations.sample_data.shop import Person, SampleShop, make_people, make_shop
from recommendations.sample_data.storing import store
from recommendations.sample_data.tastes import DEMO_SHOPPERS

DEFAULT_PRODUCTS, DEFAULT_USERS, DEFAULT_INTERACTIONS, DEFAULT_SEED = 1_200, 600, 80_000, 42

LIMITS = {
    "products": (len(TYPES), 50_000),
    "users": (len(DEMO_SHOPPERS), 200_000),
    "interactions": (1_000, 5_000_000),
    "seed": (0, 2**32 - 1),
}

_NAMES_ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Populated:
    """What was written."""

    products: int
    users: int
    visitors: int
    interactions: dict[InteractionType, int]
    ratings: int


def populate(
    *,
    products: int = DEFAULT_PRODUCTS,
    users: int = DEFAULT_USERS,
    interactions: int = DEFAULT_INTERACTIONS,
    seed: int = DEFAULT_SEED,
    flush: bool = False,
    end_time: datetime | None = None,
    progress: Progress = report_nothing,
) -> Populated:
    """Write the sample shop; equal sizes, seed and `end_time` (now) give an equal shop.

    `flush` removes an earlier sample shop first, whole or unfinished, and nothing else. What was
    written before an interruption stays, in whole transactions, until a run with `flush`.

    Raises:
        InvalidInputError: A size or the seed is outside `LIMITS`; nothing is changed.
        SampleDataRefusedError: There are products and `flush` is off, or flushing would touch
            what other accounts did, or they have names the sample needs; nothing is changed.
    """
    _check(products=products, users=users, interactions=interactions, seed=seed)
    if not flush:
        _refuse_what_is_there()
    people = make_people(users, seed)
    _refuse_taken_names(people)
    if flush:
        flush_sample(progress=progress)
    shop = make_shop(
        products=products,
        users=users,
        interactions=interactions,
        seed=seed,
        end_time=end_time or timezone.now(),
        told=lambda done, total: progress("Drawing what shoppers do", done, total),
    )
    store(shop, progress=progress)
    return _summary(shop)


def _check(**values: int) -> None:
    for name, value in values.items():
        low, high = LIMITS[name]
        if not low <= value <= high:
            raise InvalidInputError(
                f"{name} is {value:,} and must be from {low:,} to {high:,}.", field=name
            )


def _refuse_what_is_there() -> None:
    if is_unfinished():
        raise SampleDataRefusedError(
            "Parts of a sample shop are here from a run that was interrupted; --flush removes them "
            "and starts again."
        )
    if is_populated():
        raise SampleDataRefusedError(
            f"The sample shop is here already, with {sample_products().count():,} products; "
            "--flush replaces it and leaves everything else as it is."
        )
    if count := Product.objects.count():
        raise SampleDataRefusedError(
            f"The shop has {count:,} products of its own, and sample products would stand among "
            "them. If that is wanted, --flush adds them; it removes no real data."
        )


def _refuse_taken_names(people: tuple[Person, ...]) -> None:
    others = get_user_model().objects.exclude(pk__in=sample_users())
    taken: list[str] = []
    for first in range(0, len(people), _NAMES_ASKED_AT_ONCE):
        names = [person.username for person in people[first : first + _NAMES_ASKED_AT_ONCE]]
        taken += others.filter(username__in=names).values_list("username", flat=True)
    if taken:
        raise SampleDataRefusedError(
            f"Accounts that are not sample data have usernames that sample shoppers need: "
            f"{', '.join(sorted(taken)[:5])}. Rename them, or choose another --seed."
        )


def _summary(shop: SampleShop) -> Populated:
    counts = np.bincount(shop.events.kinds, minlength=len(KINDS))
    return Populated(
        products=len(shop.catalogue),
        users=len(shop.people),
        visitors=len(np.unique(shop.events.subjects[shop.events.subjects >= len(shop.people)])),
        interactions={kind: int(counts[place]) for place, kind in enumerate(KINDS)},
        ratings=int(np.isfinite(shop.events.ratings).sum()),
    )
