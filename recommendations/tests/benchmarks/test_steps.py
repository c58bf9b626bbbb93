"""Steps within a category and out of it."""

import numpy as np

from benchmarks.steps import measure_steps
from recommendations.choices import InteractionType
from recommendations.ml.evaluation.metrics import Ranking
from recommendations.ml.evaluation.splits import Split
from recommendations.tests.ml.builders import build_catalogue, build_history, build_interactions


def test_targets_are_told_apart_by_the_categories_of_the_history() -> None:
    tea, coffee, cups = "Food > Tea", "Food > Coffee", "Cups"
    catalogue = build_catalogue(6, categories=[tea, tea, coffee, coffee, cups, ""])
    training = build_interactions([(0, 2, InteractionType.VIEW, 0)], n_items=6, catalogue=catalogue)
    split = Split(
        training=training,
        users=np.array([0], dtype=np.int32),
        histories=[build_history(2, 0)],
        ground_truth=[np.array([1, 3, 4, 5], dtype=np.int32)],
        is_warm=np.array([True]),
        excluded=[np.array([], dtype=np.int32)],
    )
    ranking = Ranking(
        ranks=[np.array([1.0, 11.0, 2.0, 3.0])],
        items=np.empty((1, 0), np.int32),
        scores=np.empty((1, 0), np.float32),
    )

    within, other, new = measure_steps(ranking, split)

    assert (within.n_targets, within.found) == (1, 1.0)
    assert (other.n_targets, other.found) == (1, 0.0)
    assert (new.n_targets, new.found) == (1, 1.0)
