import subprocess
import sys

import numpy as np
import pytest

from recommendations.errors import TrainingLibraryError
from recommendations.ml.ensemble import Ensemble
from recommendations.ml.models.neural_cf import NeuralCollaborativeFiltering
from recommendations.ml.models.popularity import PopularityModel
from recommendations.ml.models.sequence import SequenceModel
from recommendations.ml.neural.torch_library import seed_torch
from recommendations.tests.ml.builders import build_interactions, make_two_taste_events
from recommendations.tests.ml.neural.needs_torch import hide_torch, needs_torch

NETWORKS = [SequenceModel, NeuralCollaborativeFiltering]
Network = type[SequenceModel] | type[NeuralCollaborativeFiltering]


@pytest.mark.parametrize("network", NETWORKS)
def test_without_pytorch_a_fit_says_what_to_install(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_torch(monkeypatch)

    with pytest.raises(TrainingLibraryError, match=r"pip install -r requirements-neural\.txt"):
        network().fit(build_interactions(make_two_taste_events(), n_items=17))


@pytest.mark.parametrize("network", NETWORKS)
def test_without_pytorch_no_other_member_is_fitted_first(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide_torch(monkeypatch)
    popularity = PopularityModel()
    ensemble = Ensemble(
        {"popularity": popularity, network.name: network()}, {"popularity": 1.0, network.name: 1.0}
    )

    with pytest.raises(TrainingLibraryError):
        ensemble.fit(build_interactions(make_two_taste_events(), n_items=17))

    assert not hasattr(popularity, "scores_")


def test_the_recommenders_do_not_import_pytorch() -> None:
    program = (
        "import sys; import recommendations.ml.models, recommendations.ml.presets; "
        "sys.exit('torch' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@needs_torch
def test_a_training_leaves_threads_and_random_numbers_as_they_were() -> None:
    import torch  # noqa: PLC0415

    n_threads = torch.get_num_threads()
    torch.set_num_threads(2)
    before = torch.get_rng_state().numpy().copy()
    try:
        with seed_torch(7):
            torch.randn(5)
            inside = torch.get_num_threads()
        after = torch.get_num_threads()
    finally:
        torch.set_num_threads(n_threads)

    assert (inside, after) == (1, 2)
    np.testing.assert_array_equal(torch.get_rng_state().numpy(), before)


@needs_torch
@pytest.mark.parametrize("network", NETWORKS)
def test_an_ensemble_reports_every_epoch(network: Network) -> None:
    reports: list[tuple[str, int, int]] = []
    members = {"popularity": PopularityModel(), network.name: network(n_epochs=3)}

    Ensemble(members, dict.fromkeys(members, 1.0)).fit(
        build_interactions(make_two_taste_events(), n_items=17),
        progress=lambda *report: reports.append(report),
    )

    stage = f"Fitting {network.name}"
    assert list(dict.fromkeys(reports)) == [
        ("Fitting popularity", 0, 4),
        *((stage, done, 4) for done in (1, 2, 3)),
    ]
