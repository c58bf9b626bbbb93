"""How well lists find a step within the category of the last product, and one out of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recommendations.category_paths import split_paths
from recommendations.ml.data import Catalogue
from recommendations.ml.evaluation.metrics import Ranking
from recommendations.ml.evaluation.splits import Split

STEPS = (
    "in the category of the last product",
    "in another category of the history",
    "in a category new to the shopper",
)


@dataclass(frozen=True, slots=True)
class Step:
    """How many products to find lie so far from the history, and the share that lists find."""

    name: str
    n_targets: int
    found: float


def measure_steps(ranking: Ranking, split: Split, *, k: int = 10) -> list[Step]:
    """Return how many targets of known shoppers are in the k by step; none without categories.

    The category of a product is its main path, all levels; targets without one do not count.
    """
    categories = _number_categories(split.training.catalogue)
    if not categories.any():
        return []
    targets, found = np.zeros(len(STEPS)), np.zeros(len(STEPS))
    for case in np.flatnonzero(split.is_warm):
        history = split.histories[case].items
        wanted = categories[split.ground_truth[case]]
        has_category = wanted > 0
        is_found = (ranking.ranks[case] <= k)[has_category]
        wanted = wanted[has_category]
        steps = np.where(np.isin(wanted, categories[history]), 1, 2)
        steps[wanted == categories[history[-1]]] = 0
        targets += np.bincount(steps, minlength=len(STEPS))
        found += np.bincount(steps[is_found], minlength=len(STEPS))
    return [
        Step(name, int(n), float(hits / n) if n else float("nan"))
        for name, n, hits in zip(STEPS, targets, found, strict=True)
    ]


def format_steps(steps: Sequence[Step]) -> Iterator[str]:
    """Yield the lines of a table."""
    if steps:
        yield "\n| the product to find is | products | found in ten |"
        yield "|---|---|---|"
    for step in steps:
        yield f"| {step.name} | {step.n_targets:,} | {step.found:.4f} |"


def _number_categories(catalogue: Catalogue) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return a number for the main path of each item, 0 for none."""
    paths = [next(iter(split_paths(str(text))), "") for text in catalogue.categories]
    numbers: dict[str, int] = {"": 0}
    return np.array([numbers.setdefault(path, len(numbers)) for path in paths], dtype=np.int64)
