"""The shop trains what `evaluate_models` measures."""

import csv
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from recommendations.choices import InteractionType
from recommendations.conf import configuration
from recommendations.ml.datasets import read_interactions
from recommendations.ml.evaluation.splits import TimeSplit
from recommendations.ml.presets import PRESETS
from recommendations.models import Product, UserBehavior
from recommendations.services.training import gate
from recommendations.services.training.evaluation import evaluate
from recommendations.services.training.train import train
from recommendations.tests.builders import make_interactions, make_product, make_shopper

pytestmark = pytest.mark.django_db

SHOPPERS, DAYS = 60, 40


def make_shop_with_repeats() -> None:
    """Add shoppers who buy one of their few favourites again, or something else, each fifth day."""
    rng = np.random.default_rng(5)
    products = [make_product() for _ in range(30)]
    shoppers = [make_shopper() for _ in range(SHOPPERS)]
    start = timezone.now() - timedelta(days=DAYS + 1)
    for number, shopper in enumerate(shoppers):
        make_interactions(shopper, [products[number % 30]], at=start + timedelta(seconds=number))
    for day in range(1, DAYS):
        for number in range(day % 5, SHOPPERS, 5):
            own = np.random.default_rng(number).permutation(30)[:3]
            bought = rng.choice(own) if rng.random() < 0.7 else rng.integers(0, 30)
            make_interactions(
                shoppers[number],
                [products[bought]],
                interaction_type=InteractionType.PURCHASE,
                at=start + timedelta(days=day, seconds=number),
            )


def write_catalogue(path: Path) -> None:
    """Write what the recommenders know of the products."""
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["item_id", "name", "category", "brand"])
        lines.writerows(Product.objects.values_list("id", "name", "category", "brand"))


def write_log(path: Path) -> None:
    """Write the shop's interactions; numbers with leading zeros keep the order of the shoppers."""
    rows = UserBehavior.objects.order_by("id").values_list(
        "user_id", "product_id", "interaction_type", "timestamp"
    )
    with path.open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["user_id", "item_id", "event", "timestamp"])
        for user_id, product_id, kind, moment in rows:
            lines.writerow([f"{user_id:012}", product_id, kind, moment.timestamp()])


@pytest.mark.parametrize(("said", "is_repeatable"), [(None, True), (False, False)])
def test_a_shop_trains_the_weights_that_the_evaluation_of_its_log_finds(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    said: bool | None,
    is_repeatable: bool,
) -> None:
    """Where nobody says whether products are bought again, the log does."""
    monkeypatch.setattr(gate, "MIN_CASES", 10)
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "preset": "fast"}
    make_shop_with_repeats()
    Product.objects.update(is_repeatable_given=said)
    write_log(tmp_path / "log.csv")
    write_catalogue(tmp_path / "products.csv")

    version = train()
    ensemble = PRESETS["fast"](decay_per_day=configuration().decay_per_day)
    evaluation = evaluate(
        interactions=read_interactions(
            tmp_path / "log.csv",
            items=tmp_path / "products.csv",
            weights=configuration().interaction_weights,
        ),
        ensemble=ensemble,
        splitter=TimeSplit(include_seen=is_repeatable),
        tune=True,
    )

    assert evaluation.tuning is not None
    assert version.parameters["weights"] == evaluation.tuning.weights
    assert version.parameters["members"] == ensemble.get_params()["members"]
    assert version.parameters["shape"] == asdict(evaluation.tuning.shape)
    of_own_products = ("buy again", "own latest", "own most frequent")
    repeats = sum(version.parameters["weights"][name] for name in of_own_products)
    assert (repeats > 0) is is_repeatable
    assert version.metrics["tuning_left_out"] == []
