"""The click model, on clicks that were drawn with a known examination."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from recommendations.ml.click_model import (
    ClickLog,
    ClickModel,
    Floats,
    Ints,
    fit_click_model,
    iter_resampled_models,
)

N_PLACES = 8
EXAMINATION = 1 / (1 + np.arange(N_PLACES)) ** 0.7


class Shop(NamedTuple):
    """Lists that put attractive products first, and what was clicked in them."""

    attraction: Floats
    lists: Ints
    log: ClickLog


def simulate(seed: int, *, n_lists: int, n_items: int = 100) -> Shop:
    rng = np.random.default_rng(seed)
    attraction = rng.gamma(2.0, 0.08, n_items).clip(0, 1)
    noise = rng.gumbel(size=(n_lists, n_items))
    lists = np.argsort(-(np.log(attraction + 0.01) + noise), axis=1)[:, : N_PLACES + 4]
    shown = lists[:, :N_PLACES]
    log = ClickLog(
        lists=np.repeat(np.arange(n_lists), N_PLACES),
        places=np.tile(np.arange(N_PLACES), n_lists),
        items=shown.ravel(),
        clicked=(rng.random(shown.shape) < EXAMINATION * attraction[shown]).ravel(),
        n_names=1,
        n_positions=N_PLACES,
        n_items=n_items,
    )
    return Shop(attraction, lists, log)


def expect_growth(
    examination: Floats, attraction: Floats, before: Ints, after: Ints, weights: Floats
) -> float:
    """Return by which share the expected clicks grow."""
    old, new = ((examination * attraction[side]).sum(axis=1) @ weights for side in (before, after))
    return float(new / old - 1)


def test_the_examination_of_places_is_found() -> None:
    shop = simulate(1, n_lists=20_000)

    model = fit_click_model(shop.log)

    assert model.examination == pytest.approx(EXAMINATION, abs=0.05)


def test_clicks_that_lists_ascribe_to_good_places_are_not_ascribed_to_products() -> None:
    shop = simulate(2, n_lists=20_000)
    seen = np.bincount(shop.log.items, minlength=100)

    model = fit_click_model(shop.log)

    often = seen > 500
    assert model.attraction[often] == pytest.approx(shop.attraction[often], abs=0.06)


def test_intervals_cover_the_true_change_of_clicks() -> None:
    covered = 0

    for seed in range(40):
        shop = simulate(seed, n_lists=500)
        rng = np.random.default_rng(seed)
        before = shop.lists[:, :N_PLACES]
        # A change that turns the lists of every other product around.
        after = np.where(shop.lists[:, :1] % 2 == 0, before[:, ::-1], before)
        ones = np.ones(len(before))
        truth = expect_growth(EXAMINATION, shop.attraction, before, after, ones)
        weights = [rng.poisson(1.0, len(before)).astype(float) for _ in range(60)]
        models = iter_resampled_models(shop.log, fit_click_model(shop.log), iter(weights))
        draws = [
            expect_growth(one.examination, one.draw_attraction(rng), before, after, drawn)
            for one, drawn in zip(models, weights, strict=True)
        ]
        low, high = np.quantile(draws, (0.025, 0.975))
        covered += bool(low <= truth <= high)

    # With a coverage of 95 %, fewer than 34 of 40 are one case in a hundred.
    assert covered >= 34


def test_a_product_that_was_never_shown_attracts_as_products_do_on_average() -> None:
    log = replace(simulate(3, n_lists=2_000).log, n_items=101)

    model = fit_click_model(log)

    examined = model.examination[log.places].sum()
    assert model.attraction[100] == pytest.approx(log.clicked.sum() / examined)
    assert_uncertain(model, more=100, less=int(np.bincount(log.items).argmax()))


def test_a_place_whose_products_stand_nowhere_else_is_as_its_list_is_elsewhere() -> None:
    log = simulate(4, n_lists=2_000).log
    # One product is shown at one place, once, and clicked.
    log = replace(
        log,
        lists=np.append(log.lists, 0),
        places=np.append(log.places, N_PLACES + 6),
        items=np.append(log.items, 100),
        clicked=np.append(log.clicked, True),
        n_names=2,
        n_items=101,
    )

    model = fit_click_model(log)

    assert 0.2 < model.examination[N_PLACES + 6] < 0.5


def assert_uncertain(model: ClickModel, *, more: int, less: int) -> None:
    spread = np.sqrt(model.shape) / model.rate / model.attraction
    assert spread[more] > 2 * spread[less]


def test_only_clicks_on_products_at_several_places_tell_of_places() -> None:
    log = ClickLog(
        lists=np.array([0, 0, 1, 1]),
        places=np.array([0, 1, 0, 1]),
        items=np.array([0, 1, 2, 0]),
        clicked=np.array([True, True, True, True]),
        n_names=1,
        n_positions=2,
        n_items=3,
    )

    assert log.count_telling_clicks() == 2
