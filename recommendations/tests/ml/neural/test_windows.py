import numpy as np
import pytest

from recommendations.choices import InteractionType
from recommendations.ml.neural import windows as module
from recommendations.ml.neural.windows import Windows
from recommendations.ml.sequences import build_sequences
from recommendations.tests.ml.builders import build_interactions

RNG_SEED = 3


def make_windows(
    *users: list[int], history_length: int = 10, in_order: bool = True, later_share: float = 0.0
) -> Windows:
    events = [
        (user, item, InteractionType.VIEW, float(step if in_order else 0))
        for user, items in enumerate(users)
        for step, item in enumerate(items)
    ]
    return Windows.of(
        build_sequences(build_interactions(events, n_items=20)),
        history_length=history_length,
        later_share=later_share,
    )


def list_pairs(windows: Windows, *, seed: int = RNG_SEED) -> list[tuple[int, int]]:
    """Return all items with their targets, as the batches have them."""
    return sorted(
        (int(item), int(target))
        for batch in windows.iter_batches(np.random.default_rng(seed))
        for item, target in zip(
            batch.inputs[batch.has_target], batch.targets[batch.has_target], strict=True
        )
    )


def test_every_item_with_a_next_one_comes_once_in_an_epoch() -> None:
    windows = make_windows([1, 2, 3], [4], [5, 6])

    assert list_pairs(windows) == [(1, 2), (2, 3), (5, 6)]


def test_small_batches_hold_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MIN_BATCH", 3)
    windows = make_windows([1, 2, 3], [5, 6], [7, 8, 9, 10], [11, 12])

    n_batches = len(list(windows.iter_batches(np.random.default_rng(RNG_SEED))))

    assert n_batches > 1
    assert list_pairs(windows) == [(1, 2), (2, 3), (5, 6), (7, 8), (8, 9), (9, 10), (11, 12)]


def test_only_the_newest_items_of_a_user_are_learnt_from() -> None:
    assert list_pairs(make_windows([1, 2, 3, 4, 5], history_length=2)) == [(3, 4), (4, 5)]


def test_a_target_is_the_next_item_or_a_later_one_of_the_same_user() -> None:
    windows = make_windows([1, 2, 3], [5, 6], later_share=0.5)

    drawn = [pair for seed in range(400) for pair in list_pairs(windows, seed=seed)]

    assert set(drawn) == {(1, 2), (1, 3), (2, 3), (5, 6)}
    # Half of the later items of the first are the next one.
    assert drawn.count((1, 3)) / 400 == pytest.approx(0.25, abs=0.05)


def test_in_a_large_log_every_target_is_the_next_item(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SMALL_LOG", 2)

    windows = make_windows([1, 2, 3, 4], later_share=1.0)

    assert list_pairs(windows) == [(1, 2), (2, 3), (3, 4)]


def test_without_an_order_any_item_may_be_the_next() -> None:
    windows = make_windows([1, 2, 3], in_order=False)

    drawn = {pair for seed in range(50) for pair in list_pairs(windows, seed=seed)}

    assert drawn == {(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)}


def test_epochs_end_after_enough_steps_but_not_before_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    windows = make_windows([1, 2, 3], [5, 6])
    monkeypatch.setattr(module, "MAX_STEPS", 7)

    assert windows.count_epochs(30) == 2
    assert windows.count_epochs(1) == 1
    monkeypatch.setattr(module, "MAX_STEPS", 1)
    assert windows.count_epochs(30) == 1


def test_without_a_next_item_there_is_no_epoch() -> None:
    assert make_windows([1], [2]).count_epochs(30) == 0
