import numpy as np
import pytest
import scipy.sparse as sp

from recommendations.choices import InteractionType
from recommendations.ml.attributes import build_attribute_matrix
from recommendations.ml.models.item_to_item import top_n_per_row
from recommendations.ml.models.transitions import TransitionModel
from recommendations.tests.ml.builders import (
    build_catalogue,
    build_history,
    build_interactions,
)

VIEW = InteractionType.VIEW


def test_a_row_keeps_its_largest_positive_values_off_the_diagonal() -> None:
    matrix = sp.csr_array(
        np.array([[9, 1, 3, 2], [-1, 5, 0, 0], [1, 1, 1, 0], [0, 0, 0, 0]], dtype=np.float32)
    )

    kept = top_n_per_row(matrix, 2).toarray()

    assert kept.tolist() == [[0, 0, 3, 2], [0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]


def test_later_items_count_more_than_earlier_ones_and_near_ones_more_than_far_ones() -> None:
    events = [(0, item, VIEW, float(item)) for item in range(3)]
    model = TransitionModel(distance_exponent=1.0, backward_weight=0.2)

    model.fit(build_interactions(events, n_items=3))

    assert model.score([build_history(1)])[0].tolist() == pytest.approx(
        [0.2, np.nan, 1], nan_ok=True
    )
    assert model.score([build_history(0)])[0].tolist() == pytest.approx(
        [np.nan, 1, 0.5], nan_ok=True
    )


def test_attributes_are_path_levels_brand_and_words_that_more_than_one_item_has() -> None:
    catalogue = build_catalogue(
        4,
        names=["Red silk scarf", "red LINEN scarf", "Pan", ""],
        categories=["Clothing > Scarves", "Clothing > Scarves", "Kitchen", "Kitchen > Pans"],
        brands=["Acme", "", "acme", ""],
    )

    attributes = build_attribute_matrix(catalogue)

    alike = (attributes @ attributes.T).toarray()
    assert np.diag(alike) == pytest.approx([1, 1, 1, 1])
    assert alike[0, 1] > alike[0, 2] > 0, "four attributes in common, and one"
    assert alike[0, 3] == 0
    assert attributes.shape[0] == 4
    assert sp.csr_array(attributes[[0]]).nnz == 5, "path, brand, red, scarf; silk is alone"
