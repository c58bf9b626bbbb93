"""What every recommender promises of its name, its parameters and its stored state."""

import numpy as np
import pytest

from recommendations.ml.models.content import ContentModel
from recommendations.ml.models.registry import RECOMMENDERS
from recommendations.ml.models.sgd_mf import MatrixFactorizationModel
from recommendations.ml.models.svd import CollaborativeFilteringModel
from recommendations.ml.presets import neural_ensemble
from recommendations.tests.ml.builders import (
    make_two_taste_events,
)
from recommendations.tests.ml.models.every_recommender import (
    HISTORIES,
    N_ITEMS,
    Make,
    build_two_taste_interactions,
    every_item_to_item_model,
    every_recommender,
    fit_to_two_tastes,
)


def test_every_recommender_is_known_by_the_name_it_was_registered_with() -> None:
    assert {name: recommender_type.name for name, recommender_type in RECOMMENDERS.items()} == {
        name: name for name in RECOMMENDERS
    }
    assert set(neural_ensemble().members) == set(RECOMMENDERS)


@every_recommender
def test_a_loaded_recommender_scores_like_the_saved_one(make: Make) -> None:
    learnt = fit_to_two_tastes(make)

    restored = type(learnt).from_state(learnt.get_params(), learnt.state())

    np.testing.assert_array_equal(restored.score(HISTORIES), learnt.score(HISTORIES))
    assert restored.get_params() == learnt.get_params()


@every_recommender
def test_no_state_is_of_object_type(make: Make) -> None:
    state = fit_to_two_tastes(make).state()

    assert [name for name, array in state.items() if array.dtype.hasobject] == []


@every_item_to_item_model
def test_neighbors_past_the_end_of_the_catalogue_are_refused(make: Make) -> None:
    recommender = fit_to_two_tastes(make)
    planted = recommender.state()["neighbors"].copy()
    planted[0] = N_ITEMS
    state = recommender.state() | {"neighbors": planted}

    with pytest.raises(ValueError, match="do not fit each other"):
        type(recommender).from_state(recommender.get_params(), state)


@every_recommender
def test_the_grids_name_parameters_of_the_recommender_only(make: Make) -> None:
    recommender = fit_to_two_tastes(make)

    offered = {*recommender.param_grid(), *recommender.inference_param_grid()}

    assert offered <= set(recommender.get_params())


@every_recommender
def test_a_parameter_set_without_a_fit_gives_the_scores_of_a_fit_with_it(make: Make) -> None:
    recommender = fit_to_two_tastes(make)

    for parameter, values in recommender.inference_param_grid().items():
        params = {**recommender.get_params(), parameter: values[0]}
        as_it_is = type(recommender).from_state(params, recommender.state())
        again = type(recommender)(**params).fit(
            build_two_taste_interactions(make_two_taste_events())
        )

        np.testing.assert_array_equal(as_it_is.score(HISTORIES), again.score(HISTORIES))


def test_the_grids_are_those_that_annotate_the_parameters() -> None:
    assert fit_to_two_tastes(MatrixFactorizationModel).inference_param_grid() == {
        "decay_per_day": (0.0, 0.003, 0.01, 0.03, 0.1, 0.3)
    }
    assert list(fit_to_two_tastes(ContentModel).inference_param_grid()) == [
        "position_decay",
        "decay_per_day",
    ]
    assert list(fit_to_two_tastes(ContentModel, in_order=False).inference_param_grid()) == [
        "position_decay_nonsequential",
        "decay_per_day",
    ]
    assert list(CollaborativeFilteringModel().param_grid()) == ["decay_per_day"]
    assert fit_to_two_tastes(
        CollaborativeFilteringModel, in_order=False
    ).inference_param_grid() == {"position_decay_nonsequential": (0.8, 0.9, 0.95, 0.98, 1.0)}
