"""Reserved places: which of them new products get, and what a draw may do."""

import numpy as np
import pytest

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.reserved_places import SPREAD, draw_scores, fill_reserved
from recommendations.engine.result import build_ranked_list, get_list_source
from recommendations.reasons import ReasonCode


def make_candidates(
    product_ids: list[int], source: Source = Source.MODEL, score: float = 0.5
) -> list[Candidate]:
    return [Candidate(pk, score, source, Reason(ReasonCode.POPULAR)) for pk in product_ids]


def fill(chosen: list[Candidate], drawn: list[int], *, one_in: int, new: set[int]) -> list[int]:
    candidates = make_candidates(drawn, Source.EXPLORED, score=0.2)
    filled = fill_reserved(chosen, candidates, one_in=one_in, new_ids=new)
    return [one.product_id for one in filled]


def test_the_last_of_every_group_of_places_is_reserved_and_the_list_keeps_its_length() -> None:
    chosen = make_candidates([1, 2, 3, 4, 5, 6, 7, 8, 9])

    filled = fill(chosen, [91, 92, 93], one_in=4, new={91, 92, 93})

    assert filled == [1, 2, 3, 91, 4, 5, 6, 92, 7]


def test_a_group_with_a_new_product_of_its_own_reserves_no_further_place() -> None:
    chosen = make_candidates([1, 91, 3, 4, 5, 6, 7, 8])

    filled = fill(chosen, [92, 93], one_in=4, new={91, 92, 93})

    assert filled == [1, 91, 3, 4, 5, 6, 7, 92]


def test_a_pinned_product_keeps_its_reserved_place() -> None:
    chosen = make_candidates([1, 2, 3, 4], Source.PINNED)

    assert fill(chosen, [91], one_in=4, new={91}) == [1, 2, 3, 4]


def test_a_list_shorter_than_a_group_and_one_without_new_products_stay_as_they_are() -> None:
    chosen = make_candidates([1, 2, 3])

    assert fill(chosen, [91], one_in=4, new={91}) == [1, 2, 3]
    assert fill(make_candidates([1, 2, 3, 4]), [], one_in=4, new=set()) == [1, 2, 3, 4]


def test_a_draw_adds_at_most_the_spread_and_less_to_what_is_known() -> None:
    scores = np.full(1_000, 0.3, dtype=np.float32)
    confidence = np.linspace(0, 1, 1_000, dtype=np.float32)

    added = draw_scores(scores, confidence, np.random.default_rng(3)) - scores

    assert (added >= 0).all()
    assert (added <= SPREAD * (1 - confidence) + 1e-6).all()
    assert added[:100].std() > 0.04
    assert added[-1] == pytest.approx(0, abs=1e-6)


def test_a_reserved_place_lowers_no_confidence_and_names_no_list() -> None:
    listed = [
        *make_candidates([1], score=0.9),
        *make_candidates([91], Source.EXPLORED, score=0.2),
        *make_candidates([2], score=0.8),
    ]

    entries = build_ranked_list(listed)

    assert [entry.confidence_score for entry in entries] == [0.9, 0.9, 0.8]
    assert get_list_source([Source.PINNED, Source.EXPLORED, Source.MODEL]) is Source.MODEL
