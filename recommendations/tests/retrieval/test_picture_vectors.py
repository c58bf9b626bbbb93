"""Vectors of pictures: those of one look are near, and all are of one length."""

import numpy as np
from numpy.typing import NDArray

from recommendations.retrieval.picture_vectors import ACTIVATIONS, DIMENSIONS, PictureVectors

N_PRODUCTS, N_LOOKS = 300, 6


def make_activations() -> NDArray[np.uint8]:
    """Return what an encoder would find in pictures, of which every sixth looks the same."""
    rng = np.random.default_rng(5)
    looks = rng.gamma(1.0, 30.0, (N_LOOKS, ACTIVATIONS))
    shared = rng.gamma(2.0, 30.0, ACTIVATIONS)
    noise = rng.normal(0, 12, (N_PRODUCTS, ACTIVATIONS))
    found = shared + looks[np.arange(N_PRODUCTS) % N_LOOKS] + noise
    return found.clip(0, 255).astype(np.uint8)


def make_vectors() -> PictureVectors:
    return PictureVectors.build(np.arange(N_PRODUCTS) * 2 + 10, make_activations())


def test_what_looks_the_same_is_nearest_and_nothing_else_looks_alike() -> None:
    vectors = make_vectors()

    found, cosines = vectors.find_nearest(10, 1_000)

    assert len(found) == N_PRODUCTS / N_LOOKS - 1
    assert {(int(product_id) - 10) // 2 % N_LOOKS for product_id in found} == {0}
    assert 10 not in found.tolist()
    assert np.all(np.diff(cosines) <= 0)
    assert vectors.find_nearest(10, 3)[0].tolist() == found[:3].tolist()


def test_products_without_a_picture_are_compared_with_nothing() -> None:
    vectors = make_vectors()

    assert vectors.find_nearest(11, 5)[0].tolist() == []
    assert vectors.compare(11, np.array([10, 12])) is None
    cosines = vectors.compare(10, np.array([10, 11, 9_999]))
    assert cosines is not None
    assert abs(cosines[0] - 1) < 0.02
    assert np.isnan(cosines[1:]).all()


def test_vectors_have_one_length_and_few_dimensions() -> None:
    vectors = make_vectors().vectors.astype(float)

    assert vectors.shape == (N_PRODUCTS, DIMENSIONS)
    assert np.linalg.norm(vectors, axis=1).round(-1).tolist() == [130] * N_PRODUCTS


def test_a_shop_of_no_or_one_picture_has_vectors_too() -> None:
    nothing = PictureVectors.build(np.empty(0, dtype=np.int64), make_activations()[:0])
    one = PictureVectors.build(np.array([7]), make_activations()[:1])

    assert nothing.find_nearest(7, 5)[0].tolist() == []
    assert one.find_nearest(7, 5)[0].tolist() == []


def test_stored_and_read_again_they_are_the_same() -> None:
    vectors = make_vectors()

    again = PictureVectors.from_arrays(vectors.get_arrays())

    assert again.find_nearest(10, 9)[0].tolist() == vectors.find_nearest(10, 9)[0].tolist()
