from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.mmr import rerank_mmr
from recommendations.ml.data import FloatArray
from recommendations.reasons import ReasonCode
from recommendations.tests.engine.products import ProductFields

EAST, NORTH = (1.0, 0.0), (0.0, 1.0)
LIKE_NONE = (0.0, 0.0)


def candidate(product_id: int, score: float = 1.0, source: Source = Source.MODEL) -> Candidate:
    return Candidate(product_id, score, source, Reason(ReasonCode.POPULAR))


def rerank(
    candidates: list[Candidate],
    *vectors: tuple[float, float],
    count: int,
    categories: Sequence[str] = "",
    max_per_category: int = 100,
    max_per_department: int = 100,
    mmr_lambda: float = 0.5,
) -> list[int]:
    """Return the ids of the reranked list; `categories` has one for each candidate."""
    named = categories or "a" * len(candidates)
    facts = {
        one.product_id: ProductFields(category, True, True, False)
        for one, category in zip(candidates, named, strict=True)
    }
    directions: FloatArray | None = np.array(vectors, dtype=np.float32) if vectors else None
    found = rerank_mmr(
        candidates,
        facts,
        directions,
        count=count,
        max_per_category=max_per_category,
        max_per_department=max_per_department,
        mmr_lambda=mmr_lambda,
    )
    return [one.product_id for one in found]


def test_a_dissimilar_candidate_precedes_a_similar_one_with_a_slightly_better_score() -> None:
    candidates = [candidate(1, 0.9), candidate(2, 0.8), candidate(3, 0.4)]

    assert rerank(candidates, EAST, EAST, NORTH, count=3) == [1, 3, 2]


def test_a_much_better_score_outweighs_similarity() -> None:
    candidates = [candidate(1, 0.9), candidate(2, 0.8), candidate(3, 0.4)]

    assert rerank(candidates, EAST, EAST, NORTH, count=3, mmr_lambda=0.8) == [1, 2, 3]


def test_only_the_largest_similarity_to_a_chosen_candidate_counts() -> None:
    between = (0.6, 0.8)
    candidates = [candidate(1, 1.0), candidate(2, 0.9), candidate(3, 0.85), candidate(4, 0.1)]

    # Beside east and north, the third is as far as 0.8: 0.85 / 2 − 0.8 / 2 < 0.1 / 2.
    found = rerank(candidates, EAST, NORTH, between, LIKE_NONE, count=3)

    assert found == [1, 2, 4]


def test_without_vectors_candidates_stand_by_score() -> None:
    candidates = [candidate(1, 0.9), candidate(2, 0.8), candidate(3, 0.4)]

    assert rerank(candidates, count=3) == [1, 2, 3]


def test_ties_keep_the_given_order() -> None:
    candidates = [candidate(3, 0.5), candidate(1, 0.5), candidate(2, 0.5)]

    assert rerank(candidates, LIKE_NONE, LIKE_NONE, LIKE_NONE, count=2) == [3, 1]


def test_mmr_reorders_only_candidates_of_the_model() -> None:
    candidates = [
        candidate(1, 0.2),
        candidate(2, 1.0, Source.TRENDING),
        candidate(3, 0.9, Source.TRENDING),
        candidate(4, 0.8, Source.TRENDING),
    ]

    assert rerank(candidates, EAST, EAST, EAST, NORTH, count=4) == [1, 2, 3, 4]


def test_a_category_takes_no_more_than_its_cap() -> None:
    candidates = [candidate(n) for n in range(1, 8)]

    found = rerank(candidates, count=4, categories="aaaabbb", max_per_category=2)

    assert found == [1, 2, 5, 6]


def test_a_list_exceeds_the_category_cap_rather_than_stay_short() -> None:
    candidates = [candidate(n) for n in range(1, 6)]

    assert rerank(candidates, count=4, max_per_category=2) == [1, 2, 3, 4]


def test_candidates_beyond_the_cap_stand_after_all_sources() -> None:
    candidates = [candidate(1), candidate(2, 0.9), candidate(3, 1.0, Source.TRENDING)]

    found = rerank(candidates, count=3, categories="aab", max_per_category=1)

    assert found == [1, 3, 2]


def test_leaves_do_not_defeat_the_cap_of_their_department() -> None:
    candidates = [candidate(n) for n in range(1, 7)]
    leaves = ["Clothing > A", "Clothing > B", "Clothing > C > D", "Clothing", "Shoes", "Books > A"]

    found = rerank(candidates, count=4, categories=leaves, max_per_department=2)

    assert found == [1, 2, 5, 6]


def test_where_all_have_one_department_the_next_level_is_capped() -> None:
    candidates = [candidate(n) for n in range(1, 6)]
    leaves = ["All > Men > A", "All > Men > B", "All > Men > C", "All > Women", "All"]

    found = rerank(candidates, count=4, categories=leaves, max_per_department=2)

    assert found == [1, 2, 4, 5]


@given(
    scores=st.lists(st.floats(0, 1), max_size=30),
    count=st.integers(1, 12),
    max_per_category=st.integers(1, 6),
    mmr_lambda=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_list_is_as_long_as_possible_without_duplicates(
    scores: list[float], count: int, max_per_category: int, mmr_lambda: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    angles = rng.uniform(0, 7, len(scores))
    vectors = [(float(np.cos(angle)), float(np.sin(angle))) for angle in angles]

    found = rerank(
        [candidate(number, score) for number, score in enumerate(sorted(scores, reverse=True))],
        *vectors,
        count=count,
        categories="".join(rng.choice(list("abc"), len(scores))),
        max_per_category=max_per_category,
        mmr_lambda=mmr_lambda,
    )

    assert len(found) == min(count, len(scores))
    assert len(set(found)) == len(found)
    assert found[:1] == list(range(len(scores)))[:1]
