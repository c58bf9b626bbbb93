"""Recommenders by name, by which an artifact finds their classes."""

from collections.abc import Callable
from typing import TypeVar

from recommendations.ml.models.base import Recommender

RECOMMENDERS: dict[str, type[Recommender]] = {}
"""Filled when `recommendations.ml.models` is imported, which imports every module in it."""

R = TypeVar("R", bound=type[Recommender])


def register(name: str) -> Callable[[R], R]:
    """Return a decorator that names a recommender for ensembles, artifacts and commands."""

    def add(recommender: R) -> R:
        recommender.name = name
        RECOMMENDERS[name] = recommender
        return recommender

    return add
