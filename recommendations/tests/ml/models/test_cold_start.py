import numpy as np
import pytest

from recommendations.ml.models.cold_start import add_attribute_prior
from recommendations.tests.ml.builders import build_catalogue

PANS_AND_SCARVES = build_catalogue(
    6, categories=["Kitchen", "Kitchen", "Kitchen", "Clothing", "Clothing", ""]
)
OWN = np.array([[4, 0], [2, 0], [0, 0], [0, 3], [0, 5], [7, 7]], dtype=np.float32)


def test_an_untouched_item_has_the_mean_of_its_attributes_where_items_weigh_by_their_users() -> (
    None
):
    found = add_attribute_prior(OWN, np.array([3, 1, 0, 9, 9, 9]), PANS_AND_SCARVES)

    assert found[2] == pytest.approx([(0.75 * 4 + 0.5 * 2) / (0.75 + 0.5), 0])


def test_the_more_users_an_item_has_the_less_of_the_prior_it_gets() -> None:
    few = add_attribute_prior(OWN, np.array([1, 1, 0, 1, 1, 1]), PANS_AND_SCARVES)
    many = add_attribute_prior(OWN, np.array([99, 1, 0, 1, 1, 1]), PANS_AND_SCARVES)

    assert few[0] == pytest.approx([4 + 0.5 * 3, 0])
    assert many[0, 0] == pytest.approx(4, abs=0.05)


def test_an_item_without_attributes_keeps_its_own_factors() -> None:
    found = add_attribute_prior(OWN, np.array([1, 1, 0, 1, 1, 0]), PANS_AND_SCARVES)

    assert found[5].tolist() == [7, 7]


def test_a_catalogue_without_attributes_leaves_the_factors_as_they_are() -> None:
    found = add_attribute_prior(OWN, np.array([1, 1, 0, 1, 1, 0]), build_catalogue(6))

    assert found.tolist() == OWN.tolist()
