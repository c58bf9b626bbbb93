import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from recommendations.errors import InvalidInputError
from recommendations.trials.random_slots import SlotDraw, arrange, draw_slot

RANKED = (11, 12, 13, 14, 15, 16)


def draw(seed: int = 0, *, place: int = 3, n_candidates: int = 3, **options: object) -> SlotDraw:
    rng = random.Random(seed)
    found = draw_slot(RANKED, place=place, n_candidates=n_candidates, rng=rng, **options)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_candidates_are_those_from_the_slot_on_and_the_best_comes_first() -> None:
    found = draw()

    assert found.candidates == (13, 14, 15)
    assert found.product_id in found.candidates
    assert found.propensities == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert found.propensity == pytest.approx(1 / 3)


def test_each_candidate_is_drawn_as_often_as_its_propensity_says() -> None:
    drawn = [draw(seed).product_id for seed in range(3_000)]

    counts = [drawn.count(product_id) for product_id in (13, 14, 15)]
    assert sum(counts) == 3_000
    assert stats.chisquare(counts).pvalue > 0.001


def test_what_is_drawn_moves_up_and_the_others_keep_their_order() -> None:
    found = SlotDraw(3, (13, 14, 15), 15)

    assert arrange(RANKED, found) == [11, 12, 15, 13, 14, 16]


def test_fixed_products_are_no_candidates_and_keep_their_places() -> None:
    found = draw(place=2, fixed=[13])

    assert found.candidates == (12, 14, 15)
    assert arrange(RANKED, SlotDraw(2, (12, 14, 15), 15), fixed=[13]) == [11, 15, 13, 12, 14, 16]


@pytest.mark.parametrize(
    ("place", "fixed"), [(6, []), (7, []), (2, [12]), (4, [15, 16])],
    ids=["one is left", "none is left", "the slot is taken", "the others are fixed"],
)  # fmt: skip
def test_nothing_is_drawn_where_there_is_no_choice(place: int, fixed: list[int]) -> None:
    rng = random.Random(0)

    assert draw_slot(RANKED, place=place, n_candidates=3, rng=rng, fixed=fixed) is None


@pytest.mark.parametrize(("place", "n_candidates"), [(0, 3), (-1, 3), (1, 1), (1, 0)])
def test_a_slot_that_is_none_is_refused(place: int, n_candidates: int) -> None:
    with pytest.raises(InvalidInputError, match="slot"):
        draw_slot(RANKED, place=place, n_candidates=n_candidates, rng=random.Random(0))


@given(
    products=st.lists(st.integers(1, 50), unique=True, max_size=15),
    fixed=st.sets(st.integers(1, 50)),
    place=st.integers(1, 8),
    n_candidates=st.integers(2, 8),
    seed=st.integers(0, 1_000),
)
def test_a_list_keeps_its_products_and_what_stands_above_the_slot(
    products: list[int], fixed: set[int], place: int, n_candidates: int, seed: int
) -> None:
    rng = random.Random(seed)
    found = draw_slot(products, place=place, n_candidates=n_candidates, rng=rng, fixed=fixed)

    assume(found is not None)
    assert found is not None
    listed = arrange(products, found, fixed=fixed)
    assert sorted(listed) == sorted(products)
    assert listed[: place - 1] == products[: place - 1]
    assert listed[place - 1] == found.product_id
    assert [pk if pk in fixed else 0 for pk in listed] == [
        pk if pk in fixed else 0 for pk in products
    ]
    assert sum(found.propensities) == pytest.approx(1)
    assert found.candidates[0] == products[place - 1]
