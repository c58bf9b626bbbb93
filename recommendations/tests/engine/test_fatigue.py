"""What was passed over loses a part of its score, and never more than staff allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.fatigue import Rest, compute_rest_factors
from recommendations.engine.filters import scale_scores
from recommendations.reasons import ReasonCode


def test_the_loss_grows_with_the_times_seen_up_to_the_largest() -> None:
    rest = Rest(within_days=14, times=4, largest_loss=0.4)

    factors = compute_rest_factors({1: 1, 2: 2, 4: 4, 9: 100}, rest)

    assert factors == {
        1: pytest.approx(0.9),
        2: pytest.approx(0.8),
        4: pytest.approx(0.6),
        9: pytest.approx(0.6),
    }


@given(seen=st.integers(1, 10**9), times=st.integers(1, 1_000), largest_loss=st.floats(0, 0.9))
def test_no_number_of_impressions_takes_more_than_the_largest_loss(
    seen: int, times: int, largest_loss: float
) -> None:
    factor = compute_rest_factors({1: seen}, Rest(7, times, largest_loss))[1]

    assert 1 - largest_loss - 1e-9 <= factor <= 1


def test_scaled_candidates_are_sorted_within_their_source_with_the_parts_of_their_scores() -> None:
    reason = Reason(ReasonCode.POPULAR)
    candidates = [
        Candidate(1, 0.8, Source.MODEL, reason, 0.4, 0.2),
        Candidate(2, 0.6, Source.MODEL, reason),
        Candidate(3, 0.9, Source.POPULAR, reason),
    ]

    scaled = scale_scores(candidates, {1: 0.5})

    assert [(one.product_id, one.score) for one in scaled] == [(2, 0.6), (1, 0.4), (3, 0.9)]
    assert (scaled[1].cf_score, scaled[1].mf_score) == (0.2, 0.1)
