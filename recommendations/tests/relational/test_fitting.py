"""Members learn the same from an engine as in memory."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommendations.ml.data import Interactions
from recommendations.ml.item_debuts import ItemDebuts
from recommendations.ml.item_priors import ItemPriors
from recommendations.ml.models.registry import RECOMMENDERS
from recommendations.ml.presets import full_ensemble
from recommendations.ml.sequences import build_sequences
from recommendations.relational import extracts
from recommendations.relational.engine import Engine
from recommendations.relational.extracts import read_newest_touches, read_sample
from recommendations.relational.fitting import STEPS, fit_ensemble
from recommendations.relational.log import open_log
from recommendations.relational.pairs import Pairs, read_sums
from recommendations.relational.popularity import compute_debuts, compute_priors
from recommendations.tests.ml.builders import WEIGHTS
from recommendations.tests.relational.builders import make_log
from recommendations.tests.relational.comparisons import EXACT, TOLERANCES, assert_close


@pytest.mark.parametrize("moments_per_shopper", [None, 2], ids=["in order", "baskets"])
@pytest.mark.parametrize("name", sorted(each.name for each in STEPS))
def test_a_member_learns_what_it_learns_in_memory(
    engine: Engine, tmp_path: Path, name: str, moments_per_shopper: int | None
) -> None:
    made = make_log(tmp_path, moments_per_shopper=moments_per_shopper)
    in_memory = RECOMMENDERS[name]().fit(made.interactions.merge_repeats())
    log = made.open(engine)

    found = RECOMMENDERS[name]()
    STEPS[type(found)](log, found)

    assert log.is_sequential is (moments_per_shopper is None)
    assert_close(found, in_memory, TOLERANCES.get(name, EXACT))


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("transitions", {"window": 3, "backward_weight": 0.0, "n_neighbors": 8}),
        ("item graph", {"alpha": 1.5, "beta": 0.0, "n_neighbors": 8}),
        ("ridge", {"past_decay": 1.0, "future_decay": 0.9, "attribute_weight": 0.0}),
        ("collaborative", {"window": 2}),
        ("popularity", {"half_life_days": np.inf}),
    ],
)
def test_parameters_count_as_in_memory(
    engine: Engine, tmp_path: Path, name: str, parameters: dict[str, float]
) -> None:
    made = make_log(tmp_path)
    in_memory = RECOMMENDERS[name](**parameters).fit(made.interactions.merge_repeats())

    found = RECOMMENDERS[name](**parameters)
    STEPS[type(found)](made.open(engine), found)

    assert_close(found, in_memory, TOLERANCES.get(name, EXACT))


def test_pairs_are_summed_in_blocks_of_items(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_log(tmp_path)
    in_memory = RECOMMENDERS["transitions"]().fit(made.interactions.merge_repeats())
    monkeypatch.setattr(engine, "pairs_per_block", 50)

    found = RECOMMENDERS["transitions"]()
    STEPS[type(found)](made.open(engine), found)

    assert_close(found, in_memory, EXACT)


def test_blocks_have_nearly_as_many_sums_as_fit(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each block reads the log once more, so the fewer the better."""
    log = make_log(tmp_path, n_items=200, n_events=3_000).open(engine)
    monkeypatch.setattr(engine, "pairs_per_block", 2_000)
    sizes: list[int] = []
    query = engine.query

    def watch_query(sql: str) -> Any:
        table = query(sql)
        if "neighbor" in sql:
            sizes.append(table.num_rows)
        return table

    monkeypatch.setattr(engine, "query", watch_query)

    sums = read_sums(log, Pairs("1e0", log.touches))

    *full, last = sizes
    assert sum(sizes) == sums.nnz
    assert min(full) > 1_000
    assert max(*full, last) <= 2_000


def test_the_priors_of_items_are_those_in_memory(engine: Engine, tmp_path: Path) -> None:
    made = make_log(tmp_path)
    in_memory = ItemPriors.of(made.interactions.merge_repeats())

    found = compute_priors(made.open(engine))

    np.testing.assert_allclose(found.confidence, in_memory.confidence, rtol=EXACT)
    np.testing.assert_allclose(found.trend, in_memory.trend, rtol=EXACT)


def test_the_debuts_of_items_are_those_in_memory(engine: Engine, tmp_path: Path) -> None:
    made = make_log(tmp_path)
    in_memory = ItemDebuts.of(made.interactions.merge_repeats())

    found = compute_debuts(made.open(engine))

    np.testing.assert_array_equal(found.first_seconds, in_memory.first_seconds)
    np.testing.assert_array_equal(found.n_interactions, in_memory.n_interactions, strict=True)


def test_every_member_of_an_ensemble_is_fitted(engine: Engine, tmp_path: Path) -> None:
    made = make_log(tmp_path)
    merged = made.interactions.merge_repeats()
    in_memory, found = full_ensemble(), full_ensemble()
    log = made.open(engine)

    fit_ensemble(log, found, lambda: read_sample(log))

    in_memory.fit(merged)
    for name, member in in_memory.members.items():
        assert_close(found.members[name], member, TOLERANCES.get(name, EXACT))
    np.testing.assert_array_equal(found.catalogue.item_ids, in_memory.catalogue.item_ids)


def test_a_sample_of_a_small_log_is_the_log(engine: Engine, tmp_path: Path) -> None:
    made = make_log(tmp_path)

    sample = read_sample(made.open(engine))

    assert_same(sample, made.interactions)


def test_a_sample_has_whole_shoppers(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_log(tmp_path)
    monkeypatch.setattr(extracts, "SAMPLE_EVENTS", 600)

    sample = read_sample(made.open(engine))

    everything = made.interactions
    is_chosen = np.isin(everything.user_ids, sample.user_ids)[everything.users]
    assert 300 < len(sample) == np.count_nonzero(is_chosen) < 900
    np.testing.assert_array_equal(sample.items, everything.items[is_chosen])


def test_the_newest_touches_are_those_in_memory(engine: Engine, tmp_path: Path) -> None:
    made = make_log(tmp_path)
    in_memory = build_sequences(made.interactions.merge_repeats()).keep_newest(100, per_user=5)

    found = read_newest_touches(made.open(engine), 100, per_shopper=5)

    np.testing.assert_array_equal(found.items, in_memory.items)
    np.testing.assert_array_equal(found.timestamps, in_memory.timestamps)
    np.testing.assert_array_equal(np.unique(found.starts), np.unique(in_memory.starts))


def test_a_session_learns_from_the_newest_events_alone(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_log(tmp_path)
    monkeypatch.setattr(extracts, "MAX_EVENTS", 400)
    monkeypatch.setattr("recommendations.ml.models.session.MAX_EVENTS", 400)
    in_memory = RECOMMENDERS["session"]().fit(made.interactions.merge_repeats())

    found = RECOMMENDERS["session"]()
    STEPS[type(found)](made.open(engine), found)

    assert_close(found, in_memory, EXACT)


def test_subjects_that_are_left_out_teach_nothing(engine: Engine, tmp_path: Path) -> None:
    made = make_log(tmp_path)

    log = open_log(engine, made.files, made.interactions.catalogue, WEIGHTS, left_out=["u3", "u5"])

    ids = made.interactions.user_ids
    stays = ~np.isin(ids, ["u3", "u5"])
    assert log.n_users == len(ids) - 2
    assert log.n_events == np.count_nonzero(stays[made.interactions.users])


def assert_same(one: Interactions, other: Interactions) -> None:
    for column in ("users", "items", "weights", "timestamps", "ratings", "interaction_types"):
        np.testing.assert_array_equal(getattr(one, column), getattr(other, column), strict=True)
    np.testing.assert_array_equal(one.user_ids, other.user_ids)
