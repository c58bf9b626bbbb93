"""Fill a database with the sample shop."""

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
    get_sample_products,
    get_sample_users,
    is_populated,
    is_unfinished,
)
from recommendations.sample_data.catalogue import TYPES
from recommendations.sample_data.events import INTERACTION_TYPES
from recommendations.sample_data.removal import remove
from recommendations.sample_data.shop import Person, SampleShop, make_people, make_shop
from recommendations.sample_data.storage import store
from recommendations.sample_data.tastes import DEMO_SHOPPERS
from recommendations.sentences import say
from recommendations.services.infra.planner_statistics import collect_statistics

DEFAULT_PRODUCTS, DEFAULT_USERS, DEFAULT_INTERACTIONS, DEFAULT_SEED = 1_200, 600, 80_000, 42

LIMITS = {
    "products": (len(TYPES), 50_000),
    "users": (len(DEMO_SHOPPERS), 200_000),
    "interactions": (1_000, 5_000_000),
    "seed": (0, 2**32 - 1),
}

_NAMES_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """How many products, shoppers, visitors, interactions and ratings were written."""

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
) -> SampleSummary:
    """Write the sample shop; equal sizes, seed and `end_time` (default: now) give an equal shop.

    `flush` first removes an earlier sample shop, complete or not, and nothing else. A run has many
    transactions: the rows of an interrupted run stay until the next run with `flush`.

    Raises:
        InvalidInputError: A size or the seed is outside `LIMITS`. Nothing is changed.
        SampleDataRefusedError: There are products and `flush` is off; or `flush` would remove
            interactions of other accounts; or other accounts have usernames that the sample shop
            needs. Nothing is changed.
    """
    _check_limits(products=products, users=users, interactions=interactions, seed=seed)
    if not flush:
        _refuse_existing_products()
    people = make_people(users, seed)
    _refuse_name_clashes(people)
    if flush:
        remove(progress=progress)
    shop = make_shop(
        products=products,
        users=users,
        interactions=interactions,
        seed=seed,
        end_time=end_time or timezone.now(),
        on_progress=lambda done, total: progress(say("Drawing what shoppers do"), done, total),
    )
    store(shop, progress=progress)
    collect_statistics(new_rows=products + interactions)
    return _summarize(shop)


def _check_limits(**values: int) -> None:
    for name, value in values.items():
        low, high = LIMITS[name]
        if not low <= value <= high:
            raise InvalidInputError(
                f"{name} is {value:,} and must be from {low:,} to {high:,}.", field=name
            )


def _refuse_existing_products() -> None:
    if is_unfinished():
        raise SampleDataRefusedError(
            "An interrupted run left a part of the sample shop. --flush removes that and restarts."
        )
    if is_populated():
        raise SampleDataRefusedError(
            f"There is a sample shop already, with {get_sample_products().count():,} products. "
            "--flush replaces it and leaves all other data as it is."
        )
    if count := Product.objects.count():
        raise SampleDataRefusedError(
            f"The shop has {count:,} products of its own. --flush adds the sample products to "
            "them and removes no real data."
        )


def _refuse_name_clashes(people: tuple[Person, ...]) -> None:
    others = get_user_model().objects.exclude(pk__in=get_sample_users())
    used: list[str] = []
    for first in range(0, len(people), _NAMES_PER_QUERY):
        names = [person.username for person in people[first : first + _NAMES_PER_QUERY]]
        used += others.filter(username__in=names).values_list("username", flat=True)
    if used:
        raise SampleDataRefusedError(
            f"Accounts that are not sample data have usernames that sample shoppers need: "
            f"{', '.join(sorted(used)[:5])}. Rename these accounts, or choose another --seed."
        )


def _summarize(shop: SampleShop) -> SampleSummary:
    events, shoppers = shop.events, len(shop.people)
    counts = np.bincount(events.interaction_types, minlength=len(INTERACTION_TYPES)).tolist()
    return SampleSummary(
        products=len(shop.catalogue),
        users=shoppers,
        visitors=len(np.unique(events.subjects[events.subjects >= shoppers])),
        interactions=dict(zip(INTERACTION_TYPES, counts, strict=True)),
        ratings=int(np.isfinite(events.ratings).sum()),
    )
