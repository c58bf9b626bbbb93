from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from recommendations.choices import ModelState
from recommendations.errors import (
    TrainingLibraryError,
    TrainingRefusedError,
    TrainingUnderWayError,
)
from recommendations.ml import artifacts
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.models.sequence import SequenceModel
from recommendations.ml.presets import PRESETS
from recommendations.models import ModelVersion, Product, TrainingLease, UserBehavior
from recommendations.services.infra.locks import Lease
from recommendations.services.training import gate, registry
from recommendations.services.training.data import load_interactions
from recommendations.services.training.live_model import Snapshot
from recommendations.services.training.readiness import describe_unlearnt
from recommendations.services.training.schedule import find_retraining_reason
from recommendations.services.training.train import train
from recommendations.services.training.training_sets import LoadedSet
from recommendations.tests.builders import (
    make_interactions,
    make_product,
    make_shopper,
    make_two_taste_shop,
    make_visitor,
)
from recommendations.tests.ml.neural.needs_torch import hide_torch, needs_torch

pytestmark = pytest.mark.django_db


def make_product_sequences(*, shoppers: int = 120) -> None:
    """Add shoppers who each touch five consecutive products of one of ten sequences."""
    rows = [[make_product() for _ in range(8)] for _ in range(10)]
    start = timezone.now() - timedelta(days=1)
    for number in range(shoppers):
        row = rows[number % len(rows)]
        first = number % 3
        make_interactions(
            make_shopper(), row[first : first + 5], at=start + timedelta(minutes=10 * number)
        )


def build_weak_ensemble(*_: object, **__: object) -> Ensemble:
    """Return an ensemble of popularity alone."""
    return Ensemble({"popularity": PopularityModel()}, {"popularity": 1.0})


def test_a_training_goes_live_and_its_version_describes_the_data() -> None:
    make_two_taste_shop()

    version = train()

    assert version.state == ModelState.LIVE
    assert (version.n_users, version.n_items, version.n_interactions) == (40, 30, 320)
    assert version.last_interaction_id == UserBehavior.objects.latest("id").pk
    assert version.metrics["ndcg"]["ensemble"] > version.metrics["ndcg"]["popularity"]
    assert version.parameters["weights"]["collaborative"] == 0.7
    assert len(version.data_fingerprint) == 64
    assert not TrainingLease.objects.exists()


def test_a_training_reports_its_stages_in_order() -> None:
    make_two_taste_shop()
    stages: list[str] = []

    train(progress=lambda stage, *_: stages.append(stage))

    assert list(dict.fromkeys(stages)) == [
        "Reading interactions",
        "Learning from the past",
        "Learning from everything",
    ]


def test_two_trainings_never_run_at_once() -> None:
    make_two_taste_shop()
    Lease("training").acquire()

    with pytest.raises(TrainingUnderWayError):
        train()

    assert not ModelVersion.objects.exists()


def test_a_training_without_interactions_is_refused_and_keeps_the_reason() -> None:
    make_product()

    with pytest.raises(TrainingRefusedError, match="no interactions"):
        train()

    version = ModelVersion.objects.get()
    assert (version.state, version.reason) == (
        ModelState.REJECTED,
        "There are no interactions with active products, so nothing to learn from.",
    )


def test_a_failing_training_leaves_the_live_model_and_a_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_two_taste_shop()
    live = train()

    def fail(*_: object, **__: object) -> None:
        raise MemoryError("no room for the factors")

    monkeypatch.setattr(Ensemble, "fit", fail)
    with pytest.raises(MemoryError):
        train()

    assert registry.get_live_version() == live
    failed = ModelVersion.objects.first()
    assert failed is not None
    assert (failed.state, failed.reason) == (ModelState.FAILED, "no room for the factors")
    assert not TrainingLease.objects.exists()


def test_the_next_training_closes_the_candidate_of_a_killed_one() -> None:
    make_two_taste_shop()
    killed = ModelVersion.objects.create(name="killed")
    registry.get_artifact_folder("killed").mkdir(parents=True)

    train()

    killed.refresh_from_db()
    assert (killed.state, killed.reason) == (ModelState.FAILED, "The training was interrupted.")
    assert not registry.get_artifact_folder("killed").exists()


def test_a_model_worse_than_popularity_does_not_go_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "MIN_CASES", 10)
    rng = np.random.default_rng(3)
    products = [make_product() for _ in range(60)]
    start = timezone.now() - timedelta(days=2)
    # Popularity alone decides which products a shopper touches.
    likely = 1 / np.arange(1, 61) ** 1.5
    for number in range(120):
        touched = rng.choice(60, size=6, replace=False, p=likely / likely.sum())
        make_interactions(
            make_shopper(),
            [products[index] for index in touched],
            at=start + timedelta(minutes=10 * number),
        )

    version = train()

    assert version.state == ModelState.REJECTED
    assert "is below" in version.reason
    assert "of popularity" in version.reason
    assert registry.get_live_version() is None


def test_a_configuration_worse_than_the_live_one_does_not_go_live(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MIN_CASES", 10)
    make_product_sequences()
    live = train()
    monkeypatch.setitem(PRESETS, "default", build_weak_ensemble)

    version = train()

    assert version.state == ModelState.REJECTED
    assert "of the live model's configuration" in version.reason
    assert set(version.metrics["ndcg"]) == {"ensemble", "live", "popularity"}
    assert registry.get_live_version() == live


def test_the_fast_preset_finds_its_weights_and_serves(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MIN_CASES", 10)
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "preset": "fast"}
    make_product_sequences()

    version = train()

    preset = PRESETS["fast"]()
    assert version.state == ModelState.LIVE
    assert set(version.parameters["members"]) == set(preset.members)
    assert version.parameters["weights"] != preset.weights
    assert sum(version.parameters["weights"].values()) == pytest.approx(1, abs=1e-3)


def test_without_pytorch_the_neural_preset_fails_before_it_reads_and_says_why(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_torch(monkeypatch)
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "preset": "neural"}
    make_two_taste_shop()
    stages: list[str] = []

    with pytest.raises(TrainingLibraryError):
        train(progress=lambda stage, *_: stages.append(stage))

    version = ModelVersion.objects.get()
    assert stages == []
    assert version.state == ModelState.FAILED
    assert "pip install -r requirements-neural.txt" in version.reason


def test_without_pytorch_another_preset_takes_the_place_of_a_live_neural_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_two_taste_shop()
    live = train()
    live.parameters["members"]["sequence"] = SequenceModel().get_params()
    live.parameters["weights"]["sequence"] = 0.5
    live.save()
    hide_torch(monkeypatch)

    version = train()

    assert version.state == ModelState.LIVE
    assert set(version.metrics["ndcg"]) == {"ensemble", "popularity"}


@needs_torch
def test_the_neural_preset_trains_and_serves(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MIN_CASES", 10)
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "preset": "neural"}
    make_product_sequences()

    version = train()

    served = artifacts.load(registry.get_artifact_folder(version.name))
    assert version.state == ModelState.LIVE
    assert {"sequence", "neural collaborative"} <= set(served.members)
    assert version.metrics["fit_seconds"]["sequence"] > 0


def test_a_model_with_much_narrower_lists_than_the_live_one_is_rejected() -> None:
    make_two_taste_shop()
    live = train()
    everything = LoadedSet(load_interactions())
    narrow = Ensemble({"popularity": PopularityModel()}, {"popularity": 1.0})
    everything.fit(narrow)
    histories = everything.draw_histories(gate.N_SMOKE_TEST_SHOPPERS)
    serving = Snapshot(live.name, artifacts.load(registry.get_artifact_folder(live.name)))

    alone = gate.smoke_test(narrow, histories, None, coverage_floor=0.5)
    beside_live = gate.smoke_test(narrow, histories, serving, coverage_floor=0.5)
    with_low_floor = gate.smoke_test(narrow, histories, serving, coverage_floor=0.3)

    assert alone.rejection_reasons == []
    assert alone.metrics == {"listed_products": 10}
    assert beside_live.rejection_reasons == [
        "The lists hold 10 different products, those of the live model 30; at least 50% of these "
        "are required (SHOP_COVERAGE_FLOOR)."
    ]
    assert with_low_floor.rejection_reasons == []


# --- When a training is due -----------------------------------------------------------------------


def test_the_first_training_is_due_with_the_first_interaction() -> None:
    product = make_product()
    assert find_retraining_reason() is None

    make_interactions(make_visitor(), [product])

    assert find_retraining_reason() == "There is no model yet."


def test_a_training_is_due_after_enough_new_interactions(settings: Any) -> None:
    settings.RECOMMENDATIONS = {**settings.RECOMMENDATIONS, "retrain_after_interactions": 3}
    shop = make_two_taste_shop()
    train()
    visitor = make_visitor()
    make_interactions(visitor, shop["Tents"][:2])
    assert find_retraining_reason() is None

    make_interactions(visitor, shop["Tents"][:1])

    assert find_retraining_reason() == "At least 3 interactions are new."


def test_an_old_model_is_retrained_only_if_anything_is_new() -> None:
    shop = make_two_taste_shop()
    train()
    ModelVersion.objects.update(created_at=timezone.now() - timedelta(days=2))
    Product.objects.update(created_at=timezone.now() - timedelta(days=3))
    assert find_retraining_reason() is None

    make_interactions(make_visitor(), shop["Tents"][:1])

    assert find_retraining_reason() == "The last training is 2 days old."


def test_a_rejected_training_is_not_repeated_on_the_same_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_two_taste_shop()
    monkeypatch.setattr(gate, "_compare_with_baselines", lambda *_, **__: ["It is worse."])

    assert train().state == ModelState.REJECTED

    assert find_retraining_reason() is None


def test_an_interrupted_training_is_repeated() -> None:
    make_two_taste_shop()
    ModelVersion.objects.create(
        name="killed", last_interaction_id=UserBehavior.objects.latest("id").pk
    )

    assert find_retraining_reason() == "The last training failed."


def test_what_the_time_limit_of_tuning_cut_short_is_said() -> None:
    make_two_taste_shop()
    version = train()
    ModelVersion.objects.filter(pk=version.pk).update(
        metrics={**version.metrics, "tuning_left_out": ["regularization of ridge", "weights"]}
    )

    assert (
        "The time limit of tuning cut short the search for regularization of ridge, weights: the "
        "model may be worse than it could be."
    ) in describe_unlearnt()
