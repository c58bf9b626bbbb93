"""One visitor in a hundred is fake and pushes a product that hardly anybody wants."""

from typing import cast

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.blended import BlendShape
from recommendations.ml.data import Catalogue
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.evaluation.splits import LeaveLastOut, build_histories
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.neural_cf import NeuralCollaborativeFiltering
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.models.sequence import SequenceModel
from recommendations.ml.models.session import SessionModel
from recommendations.ml.models.transitions import TransitionModel
from recommendations.ml.presets import PRESETS, PROTOCOL_PRESETS, full_ensemble
from recommendations.ml.tuning.weights import tune_ensemble
from recommendations.tests.ml.builders import DAY, Event, build_catalogue, build_interactions
from recommendations.tests.ml.neural.needs_torch import needs_torch

N_SHOPPERS, N_FAKE, N_ITEMS, N_TASTES = 1_000, 10, 400, 8
PUSHED = N_ITEMS - 1
VIEW, PURCHASE = InteractionType.VIEW, InteractionType.PURCHASE


def make_shopper_events(n_shoppers: int = N_SHOPPERS) -> list[Event]:
    """Shoppers who each have a taste of fifty products and prefer its first ones."""
    rng = np.random.default_rng(5)
    events: list[Event] = []
    for user in range(n_shoppers):
        ranks = (50 ** rng.random(10)).astype(int) - 1
        tastes = np.where(rng.random(10) < 0.9, user % N_TASTES, rng.integers(0, N_TASTES, 10))
        start = DAY * 60 * rng.random()
        events += [
            (user, int(rank * N_TASTES + taste), VIEW, start + 60.0 * step)
            for step, (rank, taste) in enumerate(zip(ranks, tastes, strict=True))
        ]
    return events


def make_fake_events(n_shoppers: int = N_SHOPPERS, n_fake: int = N_FAKE) -> list[Event]:
    """Each fake visitor buys the pushed product fifty times, each time after a popular one."""
    return [
        (n_shoppers + fake, item, PURCHASE, DAY * 60 + 120.0 * repeat + 60.0 * step)
        for fake in range(n_fake)
        for repeat in range(50)
        for step, item in enumerate((fake % N_TASTES, PUSHED))
    ]


def compute_share_with_pushed_product(
    ensemble: Ensemble,
    events: list[Event],
    *,
    n_shoppers: int = N_SHOPPERS,
    catalogue: Catalogue | None = None,
) -> float:
    interactions = build_interactions(events, n_items=N_ITEMS, catalogue=catalogue)
    ensemble.fit(interactions)
    real = np.arange(0, n_shoppers, 2, dtype=np.int32)
    lists = [
        ensemble.recommend(history, 10).items for history in build_histories(interactions, real)
    ]
    touched = {user for user, item, _, _ in events if item == PUSHED}
    others = [items for user, items in zip(real, lists, strict=True) if user not in touched]
    return float(np.mean([PUSHED in items for items in others]))


def build_network_alone(network: type[Recommender]) -> Ensemble:
    return Ensemble({network.name: network()}, {network.name: 1.0})


@pytest.mark.parametrize(
    "preset",
    [
        pytest.param(preset, marks=needs_torch if preset == "neural" else ())
        for preset in (*PRESETS, *PROTOCOL_PRESETS)
    ],
)
def test_a_pushed_product_is_in_at_most_one_of_two_hundred_lists(preset: str) -> None:
    share = compute_share_with_pushed_product(
        (PRESETS | PROTOCOL_PRESETS)[preset](), make_shopper_events() + make_fake_events()
    )

    assert share <= 0.005


@pytest.mark.parametrize(
    "name",
    [
        "collaborative",
        "factorization",
        "transitions",
        "item graph",
        "ease",
        "sparse ridge",
        "ridge",
        "own latest",
        "own most frequent",
        "buy again",
    ],
)
def test_a_pushed_product_is_in_hardly_any_list_of_a_member_alone(name: str) -> None:
    """In the presets, most of these have no weight before it is tuned.

    Popularity is no such member: what ten visitors buy, it lists.
    """
    member = full_ensemble().members[name]

    share = compute_share_with_pushed_product(
        Ensemble({name: member}, {name: 1.0}), make_shopper_events() + make_fake_events()
    )

    assert share <= 0.005


def test_fakes_do_not_teach_the_trees_of_visits_to_list_a_pushed_product() -> None:
    ensemble = PROTOCOL_PRESETS["sessions"]()
    events = make_shopper_events(3 * N_SHOPPERS) + make_fake_events(3 * N_SHOPPERS, 3 * N_FAKE)

    share = compute_share_with_pushed_product(ensemble, events, n_shoppers=3 * N_SHOPPERS)

    assert len(cast(SessionModel, ensemble.members["session"]).trees_)
    assert share <= 0.005


def test_fakes_do_not_teach_the_trees_of_a_blend_to_list_a_pushed_product() -> None:
    n_shoppers = 3 * N_SHOPPERS
    events = make_shopper_events(n_shoppers) + make_fake_events(n_shoppers, 3 * N_FAKE)
    tastes = build_catalogue(N_ITEMS, categories=[str(item % N_TASTES) for item in range(N_ITEMS)])
    log = build_interactions(events, n_items=N_ITEMS, catalogue=tastes, merged=False)
    members = {"popularity": PopularityModel(), "transitions": TransitionModel()}
    ensemble = Ensemble(members, {"popularity": 0.1, "transitions": 0.9})

    tune_ensemble(ensemble, LeaveLastOut().split_validation(log))
    share = compute_share_with_pushed_product(
        ensemble, events, n_shoppers=n_shoppers, catalogue=tastes
    )

    assert ensemble.reranker
    assert share <= 0.005


@needs_torch
@pytest.mark.parametrize("network", [SequenceModel, NeuralCollaborativeFiltering])
def test_a_pushed_product_is_in_hardly_any_list_of_a_network_alone(
    network: type[Recommender],
) -> None:
    share = compute_share_with_pushed_product(
        build_network_alone(network), make_shopper_events() + make_fake_events()
    )

    assert share <= 0.005


def test_neither_the_trend_nor_abstention_lets_a_pushed_product_into_the_lists() -> None:
    ensemble = PRESETS["fast"]()
    ensemble.shape = BlendShape(abstention=0.9, trend_exponent=2.0)

    share = compute_share_with_pushed_product(ensemble, make_shopper_events() + make_fake_events())

    assert share <= 0.005
