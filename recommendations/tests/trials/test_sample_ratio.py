import numpy as np
import pytest

from recommendations.trials.sample_ratio import check_sample_ratio


def test_the_p_value_is_that_of_the_textbook() -> None:
    checked = check_sample_ratio(np.array([60, 40]), [1, 1])

    # χ² = 10² / 50 + 10² / 50 = 4 with one degree of freedom
    assert checked.p_value == pytest.approx(0.0455, abs=0.0001)
    assert checked.expected == (50.0, 50.0)
    assert not checked.is_mismatch


def test_subjects_that_are_missing_from_an_arm_are_a_mismatch() -> None:
    assert check_sample_ratio(np.array([10_000, 9_500]), [1, 1]).is_mismatch
    assert not check_sample_ratio(np.array([10_000, 9_950]), [1, 1]).is_mismatch


def test_weights_say_what_is_expected() -> None:
    assert not check_sample_ratio(np.array([503, 9_497]), [5, 95]).is_mismatch
    assert check_sample_ratio(np.array([700, 9_300]), [5, 95]).is_mismatch


def test_nobody_is_no_mismatch() -> None:
    assert not check_sample_ratio(np.array([0, 0]), [1, 1]).is_mismatch
