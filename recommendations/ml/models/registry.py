"""Recommenders by name: what an artifact needs to come back to life."""

from collections.abc import Callable
from typing import TypeVar

from recommendations.ml.models.base import Recommender

RECOMMENDERS: dict[str, type[Recommender]] = {}
"""Filled when `recommendations.ml.models` is imported, which imports every module in it."""

R = TypeVar("R", bound=type[Recommender])


def register(name: str) -> Callable[[R], R]:
    """Give a recommender the name under which ensembles, artifacts and commands know it."""

    def add(recommender: R) -> R:
        recommender.name = name
        RECOMMENDERS[name] = recommender
        return recommender

    return add
