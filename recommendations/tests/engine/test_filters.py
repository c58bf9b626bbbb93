from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.filters import (
    count_within_caps,
    demote_seen,
    filter_candidates,
)
from recommendations.reasons import ReasonCode
from recommendations.tests.engine.products import ProductFields


def candidate(product_id: int, score: float = 1.0, source: Source = Source.MODEL) -> Candidate:
    return Candidate(product_id, score, source, Reason(ReasonCode.POPULAR))


def ids(candidates: list[Candidate]) -> list[int]:
    return [candidate.product_id for candidate in candidates]


def test_products_not_for_sale_are_left_out() -> None:
    known = {
        1: ProductFields(),
        2: ProductFields(is_active=False),
        3: ProductFields(in_stock=False),
    }

    left = filter_candidates(
        [candidate(n) for n in (4, 3, 2, 1)], known, purchased=set(), excluded=set()
    )

    assert ids(left) == [1]


def test_a_purchase_is_left_out_unless_it_is_repeatable() -> None:
    known = {1: ProductFields(), 2: ProductFields(is_repeatable=True), 3: ProductFields()}

    left = filter_candidates(
        [candidate(1), candidate(2), candidate(3)], known, purchased={1, 2}, excluded=set()
    )

    assert ids(left) == [2, 3]


def test_an_excluded_product_is_left_out_even_if_repeatable() -> None:
    known = {n: ProductFields(is_repeatable=True) for n in (1, 2, 3)}

    left = filter_candidates(
        [candidate(1), candidate(2), candidate(3)], known, purchased=set(), excluded={1, 3}
    )

    assert ids(left) == [2]


def test_a_seen_product_stands_below_unseen_ones_of_equal_score() -> None:
    candidates = [candidate(1, 1.0), candidate(2, 0.6), candidate(3, 0.4)]

    order = demote_seen(candidates, seen={1})

    assert ids(order) == [2, 1, 3]
    assert [entry.score for entry in order] == [0.6, 0.5, 0.4]


def test_sources_keep_their_order_whatever_the_scores() -> None:
    candidates = [candidate(1, 0.2), candidate(2, 1.0, Source.TRENDING)]

    order = demote_seen(candidates, seen={1})

    assert ids(order) == [1, 2]


def test_sources_keep_the_order_in_which_the_list_asked_them() -> None:
    candidates = [candidate(1, 0.2, Source.SESSION), candidate(2, 1.0), candidate(3, 0.9)]

    order = demote_seen(candidates, seen=set())

    assert ids(order) == [1, 2, 3]


def test_only_products_within_the_category_cap_are_counted() -> None:
    known = {n: ProductFields("Lamps" if n <= 4 else "Tents") for n in range(1, 6)}

    held = count_within_caps(
        [candidate(n) for n in range(1, 6)], known, max_per_category=2, max_per_department=9
    )

    assert held == 3


def test_only_products_within_the_department_cap_are_counted() -> None:
    leaves = ["Clothing > A", "Clothing > B", "Clothing > C", "Tents"]
    known = {n: ProductFields(leaf) for n, leaf in enumerate(leaves)}

    held = count_within_caps(
        [candidate(n) for n in range(4)], known, max_per_category=9, max_per_department=2
    )

    assert held == 3
