import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.models import transitions
from recommendations.ml.models.transitions import count_transitions
from recommendations.ml.sequences import Sequences, build_sequences
from recommendations.tests.ml.builders import build_interactions

N_ITEMS, WINDOW = 30, 4


def make_sequences() -> Sequences:
    """The sequences of forty users, some of whose items have equal times."""
    rng = np.random.default_rng(0)
    events = [
        (user, int(item), InteractionType.VIEW, float(index // 2))
        for user in range(40)
        for index, item in enumerate(rng.permutation(N_ITEMS)[: rng.integers(1, 12)])
    ]
    return build_sequences(build_interactions(events, n_items=N_ITEMS))


def count_transitions_pair_by_pair(
    sequences: Sequences, backward_weight: float = 0.2
) -> np.ndarray:
    sums = np.zeros((N_ITEMS, N_ITEMS))
    for start, end in zip(sequences.starts[:-1], sequences.starts[1:], strict=True):
        for earlier in range(start, end):
            for later in range(earlier + 1, min(earlier + WINDOW + 1, end)):
                tied = sequences.timestamps[earlier] == sequences.timestamps[later]
                both = (1 + backward_weight) / 2
                onward, back = [(1, backward_weight), (both, both)][int(tied)]
                row, column = sequences.items[earlier], sequences.items[later]
                sums[row, column] += onward * (later - earlier) ** -0.5
                sums[column, row] += back * (later - earlier) ** -0.5
    counts = np.bincount(sequences.items, minlength=N_ITEMS)
    scaled: np.ndarray = counts[:, np.newaxis] ** -0.2 * sums * counts**-0.1
    return scaled


def compute_transitions(
    sequences: Sequences, n_neighbors: int, backward_weight: float = 0.2
) -> np.ndarray:
    counted: np.ndarray = count_transitions(
        sequences,
        N_ITEMS,
        window=WINDOW,
        distance_exponent=0.5,
        backward_weight=backward_weight,
        n_neighbors=n_neighbors,
    ).toarray()
    return counted


@pytest.mark.parametrize("pairs_per_block", [1, 100, 1_000_000])
def test_the_transitions_are_the_sum_over_all_pairs_whatever_the_size_of_a_block(
    monkeypatch: pytest.MonkeyPatch, pairs_per_block: int
) -> None:
    monkeypatch.setattr(transitions, "PAIRS_PER_BLOCK", pairs_per_block)
    sequences = make_sequences()

    counted = compute_transitions(sequences, n_neighbors=N_ITEMS)

    np.testing.assert_allclose(counted, count_transitions_pair_by_pair(sequences), rtol=1e-6)


def test_a_row_keeps_its_largest_values_as_they_are() -> None:
    whole = count_transitions_pair_by_pair(make_sequences()).astype(np.float32)
    best = np.argsort(-whole, axis=1, kind="stable")[:, :3]

    counted = compute_transitions(make_sequences(), n_neighbors=3)

    expected = np.zeros_like(whole)
    np.put_along_axis(expected, best, np.take_along_axis(whole, best, axis=1), axis=1)
    np.testing.assert_allclose(counted, expected, rtol=1e-6)


def test_with_a_backward_weight_of_zero_only_later_items_count() -> None:
    sequences = make_sequences()

    counted = compute_transitions(sequences, n_neighbors=N_ITEMS, backward_weight=0.0)

    np.testing.assert_allclose(
        counted, count_transitions_pair_by_pair(sequences, backward_weight=0.0), rtol=1e-6
    )


def test_without_interactions_there_are_no_transitions() -> None:
    nothing = build_sequences(build_interactions([], n_items=N_ITEMS))

    assert not compute_transitions(nothing, n_neighbors=N_ITEMS).any()
