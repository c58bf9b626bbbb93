"""Members as relational steps of DuckDB learn what they learn in memory."""

from pathlib import Path

import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.models.base import Recommender
from recommendations.ml.models.item_graph import ItemGraphModel
from recommendations.ml.models.popularity import PopularityModel, RecentPopularityModel
from recommendations.ml.models.repurchase import BuyAgainModel
from recommendations.ml.models.transitions import TransitionModel
from recommendations.services.training.data import load_interactions
from recommendations.services.training.log_export import export_log
from recommendations.tests.builders import make_interactions, make_shopper, make_two_taste_shop

duckdb = pytest.importorskip("duckdb", reason="The benchmarks' packages are not installed.")

pytestmark = [pytest.mark.django_db, pytest.mark.stateful]


@pytest.mark.parametrize(
    "member",
    [
        PopularityModel(),
        RecentPopularityModel(),
        BuyAgainModel(),
        ItemGraphModel(n_neighbors=10),
        TransitionModel(n_neighbors=10),
    ],
    ids=lambda member: member.name,
)
def test_the_steps_learn_what_the_member_learns(member: Recommender, tmp_path: Path) -> None:
    from benchmarks.relational_steps import STEPS, fit_relational, open_log  # noqa: PLC0415

    first, second, *_ = make_two_taste_shop()["Lamps"]
    shopper = make_shopper()
    for products in ([first, second], [first, first]):
        make_interactions(shopper, products, interaction_type=InteractionType.PURCHASE, rating=4.0)
    export_log(tmp_path)
    connection = duckdb.connect()
    open_log(connection, tmp_path)

    relational = fit_relational(connection, STEPS[member.name], member)

    in_memory = member.fit(load_interactions().merge_repeats()).state()
    for name, array in relational.items():
        np.testing.assert_allclose(array, in_memory[name], rtol=1e-6)
