import numpy as np
import pytest

from recommendations.ml.data import FloatArray
from recommendations.ml.numerics.sgd_kernels import rating_pass, rows_by_user

RATE, SHRINK = 0.1, 0.5


class Rated:
    """Users who rated items 0, 1, 2, …, each with factors and biases to learn."""

    def __init__(self, lengths: list[int], n_factors: int) -> None:
        rng = np.random.default_rng(0)
        self.starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        self.items = np.concatenate([np.arange(length) for length in lengths]).astype(np.int32)
        self.values = rng.random(len(self.items)).astype(np.float32)
        self.user_factors = rng.random((len(lengths), n_factors)).astype(np.float32)
        self.item_factors = rng.random((max(lengths), n_factors)).astype(np.float32)
        self.user_bias = rng.random(len(lengths)).astype(np.float32)
        self.item_bias = rng.random(max(lengths)).astype(np.float32)

    def learnt(self) -> list[FloatArray]:
        return [self.user_factors, self.item_factors, self.user_bias, self.item_bias]

    def errors(self, user: int) -> FloatArray:
        rows = slice(self.starts[user], self.starts[user + 1])
        items = self.items[rows]
        scores = self.item_factors[items] @ self.user_factors[user]
        errors: FloatArray = (
            self.values[rows] - scores - self.user_bias[user] - self.item_bias[items]
        )
        return errors

    def learn(self, users: list[int], *, rate: float = RATE, shrink: float = SHRINK) -> None:
        rating_pass(
            np.array(users, dtype=np.int64),
            self.starts,
            self.items,
            self.values,
            self.user_factors,
            self.item_factors,
            self.user_bias,
            self.item_bias,
            np.array([1], dtype=np.uint64),
            rate,
            shrink,
        )


@pytest.mark.parametrize("n_factors", [1, 5, 64])
def test_one_rating_moves_both_sides_down_the_gradient(n_factors: int) -> None:
    rated = Rated([1], n_factors)
    users, items, user_bias, item_bias = (array.copy() for array in rated.learnt())
    error = rated.errors(0)[0]

    rated.learn([0])

    expected = [
        users + RATE * (error * items - SHRINK * users),
        items + RATE * (error * users - SHRINK * items),
        user_bias + RATE * (error - SHRINK * user_bias),
        item_bias + RATE * (error - SHRINK * item_bias),
    ]
    for learnt, wanted in zip(rated.learnt(), expected, strict=True):
        np.testing.assert_allclose(learnt, wanted, rtol=1e-5)


def test_every_rating_of_the_visited_is_learnt_and_none_of_others() -> None:
    rated = Rated([30, 3, 0, 7], n_factors=8)
    before = [np.abs(rated.errors(user)) for user in (0, 1, 3)]
    factors = rated.user_factors.copy()

    for _ in range(2_000):
        rated.learn([3, 0, 2], rate=0.05, shrink=0)

    assert before[0].max() > 0.5
    assert before[2].max() > 0.5
    assert np.abs(rated.errors(0)).max() < 0.01
    assert np.abs(rated.errors(3)).max() < 0.01
    np.testing.assert_array_equal(rated.user_factors[1:3], factors[1:3])


def test_each_visit_takes_a_users_ratings_in_another_order_and_keeps_them_whole() -> None:
    rated = Rated([50, 50], n_factors=2)
    given = dict(zip(rated.items[:50].tolist(), rated.values[:50].tolist(), strict=True))

    rated.learn([0])

    items, values = rated.items[:50].tolist(), rated.values[:50].tolist()
    assert items != list(range(50))
    assert dict(zip(items, values, strict=True)) == given
    assert rated.items[50:].tolist() == list(range(50))


def test_every_item_is_as_likely_at_every_place() -> None:
    rated = Rated([4] * 8_000, n_factors=1)

    rated.learn(list(range(8_000)))

    orders = rated.items.reshape(-1, 4)
    counts = np.array([np.bincount(items, minlength=4) for items in orders.T])
    # Five standard deviations of a fair draw.
    assert counts == pytest.approx(2_000, abs=5 * np.sqrt(8_000 * 0.25 * 0.75))


def test_rows_are_grouped_by_user_and_keep_their_order() -> None:
    users = np.array([3, 0, 3, 1, 0, 3], dtype=np.int32)

    starts, rows = rows_by_user(users, 5)

    assert starts.tolist() == [0, 2, 3, 3, 6, 6]
    assert rows.tolist() == [1, 4, 3, 0, 2, 5]


def test_of_nobody_there_are_no_rows() -> None:
    starts, rows = rows_by_user(np.empty(0, dtype=np.int32), 0)

    assert starts.tolist() == [0]
    assert rows.tolist() == []
