from collections import Counter

import growthbook
import pytest
from growthbook.common_types import Filter
from hypothesis import given
from hypothesis import strategies as st

from recommendations.errors import InvalidInputError
from recommendations.trials.assignment import Arm, Experiment, LayerSlice, assign, find_slice

HALVES = (Arm("control"), Arm("engine"))


def make_experiment(
    *,
    salt: str = "a-salt",
    arms: tuple[Arm, ...] = HALVES,
    layer: str = "home",
    start: float = 0.0,
    end: float = 1.0,
) -> Experiment:
    return Experiment(salt=salt, arms=arms, slice=LayerSlice(layer, start, end))


def ask_growthbook(experiment: Experiment, subject_key: str) -> str | None:
    part = experiment.slice
    total = sum(arm.weight for arm in experiment.arms)
    layer: Filter = {
        "seed": part.layer,
        "ranges": [(part.start, part.end)],
        "hashVersion": 2,
        "attribute": "id",
    }
    result = growthbook.GrowthBook(attributes={"id": subject_key}).run(
        growthbook.Experiment(
            key=experiment.salt,
            seed=experiment.salt,
            hashVersion=2,
            variations=[arm.name for arm in experiment.arms],
            weights=[arm.weight / total for arm in experiment.arms],
            filters=[layer],
        )
    )
    return result.value if result.inExperiment else None


@pytest.mark.parametrize(
    "experiment",
    [
        make_experiment(),
        make_experiment(arms=(Arm("a", 1), Arm("b", 1), Arm("c", 1)), salt="thirds"),
        make_experiment(arms=(Arm("a", 70), Arm("b", 25), Arm("c", 5)), start=0.25, end=0.9),
        make_experiment(layer="search", start=0.0, end=0.05, salt="a12f"),
    ],
)
def test_10_000_subjects_get_the_arms_that_growthbook_gives_them(experiment: Experiment) -> None:
    keys = [f"user:{number}" for number in range(5_000)]
    keys += [f"session:{number * 2654435761:016x}" for number in range(4_990)]
    keys += ["", "a", *("long" * length for length in range(8))]

    differences = [
        key for key in keys if assign(experiment, key) != ask_growthbook(experiment, key)
    ]

    assert differences == []


def test_arms_get_subjects_in_proportion_to_their_weights() -> None:
    experiment = make_experiment(arms=(Arm("control", 1), Arm("engine", 3)))

    counts = Counter(assign(experiment, f"user:{number}") for number in range(40_000))

    assert counts["control"] == pytest.approx(10_000, abs=400)
    assert counts["engine"] == pytest.approx(30_000, abs=400)


def test_slices_side_by_side_share_no_subject_and_leave_none_out() -> None:
    first = make_experiment(salt="first", end=0.3)
    second = make_experiment(salt="second", start=0.3)

    taking_part = Counter(
        sum(assign(experiment, f"user:{number}") is not None for experiment in (first, second))
        for number in range(10_000)
    )

    assert taking_part == {1: 10_000}


def test_arms_of_experiments_in_different_layers_are_independent() -> None:
    first = make_experiment(salt="first", layer="home")
    second = make_experiment(salt="second", layer="search")

    pairs = Counter(
        (assign(first, f"user:{number}"), assign(second, f"user:{number}"))
        for number in range(40_000)
    )

    assert len(pairs) == 4
    assert min(pairs.values()) == pytest.approx(10_000, abs=400)


def test_a_slice_that_grows_moves_nobody_between_arms() -> None:
    narrow, wide = make_experiment(end=0.1), make_experiment(end=0.6)
    keys = [f"user:{number}" for number in range(5_000)]

    before = {key: arm for key in keys if (arm := assign(narrow, key)) is not None}

    assert len(before) > 0
    assert {key: assign(wide, key) for key in before} == before


@given(st.text(min_size=1))
def test_every_text_is_a_key_and_gets_the_same_arm_every_time(key: str) -> None:
    key = key.encode(errors="replace").decode()

    assert assign(make_experiment(), key) in {"control", "engine"}
    assert assign(make_experiment(), key) == assign(make_experiment(), key)


def test_the_first_gap_that_is_wide_enough_is_found() -> None:
    taken = [LayerSlice("home", 0.5, 0.9), LayerSlice("home", 0.0, 0.2), LayerSlice("search")]

    found = find_slice("home", taken, 0.3)

    assert found == LayerSlice("home", 0.2, 0.5)
    assert not any(found.overlaps(other) for other in taken)


def test_a_full_layer_says_how_much_room_it_has() -> None:
    taken = [LayerSlice("home", 0.0, 0.7)]

    with pytest.raises(InvalidInputError, match=r"room for 30.00% .* wants 40.00%"):
        find_slice("home", taken, 0.4)


@pytest.mark.parametrize("share", [0.0, -0.1, 1.1, float("nan")])
def test_a_traffic_share_that_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(InvalidInputError, match="traffic share"):
        find_slice("home", [], share)


@pytest.mark.parametrize(
    ("start", "end"), [(0.5, 0.5), (-0.1, 0.5), (0.5, 1.1), (0.0, float("nan"))]
)
def test_a_slice_beyond_the_layer_is_refused(start: float, end: float) -> None:
    with pytest.raises(InvalidInputError, match="slice of a layer"):
        LayerSlice("home", start, end)


@pytest.mark.parametrize(
    "arms",
    [
        (),
        (Arm("same"), Arm("same")),
        (Arm("a"), Arm("b", 0.0)),
        (Arm("a"), Arm("b", -1.0)),
        (Arm("a"), Arm("b", float("inf"))),
    ],
)
def test_arms_that_cannot_be_told_apart_or_get_nobody_are_refused(arms: tuple[Arm, ...]) -> None:
    with pytest.raises(InvalidInputError):
        make_experiment(arms=arms)


def test_a_salt_that_is_the_name_of_the_layer_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="salt"):
        make_experiment(salt="home", layer="home")
