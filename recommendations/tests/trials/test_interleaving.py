import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.errors import InvalidInputError
from recommendations.trials.interleaving import Drafter, compare_models, interleave

RANKINGS = st.lists(st.integers(0, 15), unique=True, max_size=12)
N_DRAWS = 400


def draw(first: list[int], second: list[int], count: int) -> Counter[tuple[int, ...]]:
    return Counter(
        interleave(first, second, count=count, rng=random.Random(seed)).product_ids
        for seed in range(N_DRAWS)
    )


@given(RANKINGS, RANKINGS, st.integers(0, 12), st.integers(0, 100))
def test_a_list_is_as_long_as_it_can_be_and_repeats_nothing(
    first: list[int], second: list[int], count: int, seed: int
) -> None:
    drafted = interleave(first, second, count=count, rng=random.Random(seed))

    assert len(drafted.product_ids) == min(count, len({*first, *second}))
    assert len(set(drafted.product_ids)) == len(drafted.product_ids)
    assert len(drafted.drafters) == len(drafted.product_ids)


@given(RANKINGS, st.integers(0, 12), st.integers(0, 100))
def test_equal_lists_stay_as_they_are_and_count_for_nobody(
    ranking: list[int], count: int, seed: int
) -> None:
    drafted = interleave(ranking, ranking, count=count, rng=random.Random(seed))

    assert drafted.product_ids == tuple(ranking[:count])
    assert set(drafted.drafters) <= {Drafter.BOTH}


@given(RANKINGS, RANKINGS, st.integers(0, 12), st.integers(0, 100))
def test_each_model_drafts_as_many_as_the_other_give_or_take_the_last(
    first: list[int], second: list[int], count: int, seed: int
) -> None:
    others = [product_id + 20 for product_id in second][: len(first)]

    drafted = interleave(first[: len(others)], others, count=count, rng=random.Random(seed))

    counts = Counter(drafted.drafters)
    assert abs(counts[Drafter.FIRST] - counts[Drafter.SECOND]) <= 1
    assert counts[Drafter.BOTH] == 0


def test_a_coin_says_who_drafts_first_in_each_round() -> None:
    lists = draw([1, 2], [3, 4], 4)

    assert set(lists) == {(1, 3, 2, 4), (1, 3, 4, 2), (3, 1, 2, 4), (3, 1, 4, 2)}
    assert min(lists.values()) == pytest.approx(N_DRAWS / 4, abs=30)


def test_a_product_that_both_models_put_first_counts_for_nobody() -> None:
    drafted = {interleave([1, 2], [1, 3], count=2, rng=random.Random(seed)) for seed in range(20)}

    assert {one.product_ids: one.drafters for one in drafted} == {
        (1, 2): (Drafter.BOTH, Drafter.FIRST),
        (1, 3): (Drafter.BOTH, Drafter.SECOND),
    }


def test_the_same_seed_gives_the_same_list() -> None:
    first, second = list(range(10)), list(range(5, 15))

    lists = {
        interleave(first, second, count=10, rng=random.Random("session:7 home")) for _ in range(10)
    }

    assert len(lists) == 1


def test_the_model_whose_products_are_clicked_is_preferred() -> None:
    rng = np.random.default_rng(2)

    found = compare_models(
        rng.poisson(0.5, 2_000).astype(float), rng.poisson(0.6, 2_000).astype(float), clock=2_000
    )

    assert found is not None
    assert found.interval.low > 0
    # (0.6 − 0.5) / (0.6 + 0.5)
    assert found.interval.contains(0.0909)
    assert found.sequence.low < found.interval.low


@pytest.mark.parametrize("n_subjects", [0, 50, 1_000])
def test_too_few_clicks_prefer_nobody(n_subjects: int) -> None:
    nothing = np.zeros(n_subjects)

    assert compare_models(nothing, nothing, clock=max(n_subjects, 1)) is None


def test_clicks_of_different_subjects_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="same subjects"):
        compare_models(np.zeros(3), np.zeros(4), clock=1)
