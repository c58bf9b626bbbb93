from collections import Counter

import numpy as np
import pytest

from recommendations.choices import InteractionType, Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.explanations import attach_reasons, find_reasons
from recommendations.reasons import ReasonCode

VIEW, LIKE = InteractionType.VIEW, InteractionType.LIKE
CART, PURCHASE = InteractionType.CART, InteractionType.PURCHASE


def find_reason(
    product_id: int,
    history: list[tuple[int, InteractionType]],
    contributions: list[float],
    in_cart: frozenset[int] = frozenset(),
) -> Reason | None:
    reasons = find_reasons(
        [product_id],
        [history_product_id for history_product_id, _ in history],
        [interaction_type for _, interaction_type in history],
        np.array(contributions, dtype=np.float32).reshape(1, -1),
        in_cart=in_cart,
    )
    return reasons.get(product_id)


def test_the_reason_is_the_product_that_contributes_most() -> None:
    found = find_reason(9, [(1, VIEW), (2, VIEW)], [0.2, 0.5])

    assert found == Reason(ReasonCode.VIEWED, product_id=2)


def test_contributions_of_one_product_are_added() -> None:
    found = find_reason(9, [(1, VIEW), (2, VIEW), (1, LIKE)], [0.3, 0.5, 0.3])

    assert found == Reason(ReasonCode.LIKED, product_id=1)


def test_the_code_is_that_of_the_strongest_interaction() -> None:
    found = find_reason(9, [(1, PURCHASE), (1, VIEW)], [0.1, 0.4])

    assert found == Reason(ReasonCode.PURCHASED, product_id=1)


def test_the_code_is_in_cart_only_while_the_product_is_in_the_cart() -> None:
    there = find_reason(9, [(1, CART)], [0.5], in_cart=frozenset({1}))
    gone = find_reason(9, [(1, CART)], [0.5])

    assert there == Reason(ReasonCode.IN_CART, product_id=1)
    assert gone == Reason(ReasonCode.PUT_IN_CART, product_id=1)


def test_a_product_is_its_own_reason_only_if_no_other_contributes() -> None:
    with_another = find_reason(1, [(1, VIEW), (2, VIEW)], [0.9, 0.1])
    alone = find_reason(1, [(1, VIEW), (2, VIEW)], [0.9, 0.0])

    assert with_another == Reason(ReasonCode.VIEWED, product_id=2)
    assert alone == Reason(ReasonCode.VIEWED, product_id=1)


def test_without_a_positive_contribution_there_is_no_reason() -> None:
    assert find_reason(9, [(1, VIEW)], [-0.1]) is None
    assert find_reason(9, [], []) is None


def test_each_product_has_its_own_row_of_contributions() -> None:
    contributions = np.array([[0.4, 0.1], [0.1, 0.4], [0.0, 0.0]], dtype=np.float32)

    assert find_reasons([7, 8, 9], [1, 2], [VIEW, PURCHASE], contributions) == {
        7: Reason(ReasonCode.VIEWED, product_id=1),
        8: Reason(ReasonCode.PURCHASED, product_id=2),
    }


def name_reasons(contributions: list[list[float]]) -> list[int | None]:
    """Return what is named for products 10, 11, …, given the parts of products 1, 2, …"""
    product_ids = list(range(10, 10 + len(contributions)))
    history = list(range(1, 1 + len(contributions[0])))
    parts = np.array(contributions, dtype=np.float32)
    reasons = find_reasons(product_ids, history, [VIEW] * len(history), parts)
    return [reasons[product_id].product_id for product_id in product_ids]


def test_a_product_is_named_in_a_third_of_the_list_where_others_explain_nearly_as_much() -> None:
    assert name_reasons([[0.4, 0.3, 0.25]] * 6) == [1, 1, 3, 3, 2, 2]


def test_the_largest_part_is_named_beyond_a_third_once_the_others_stand_for_a_third() -> None:
    assert name_reasons([[0.4, 0.3, 0.1]] * 6) == [1, 1, 1, 1, 2, 2]


def test_the_largest_part_stays_where_nothing_else_explains_nearly_as_much() -> None:
    alone, with_another = [0.4, 0.1], [0.4, 0.3]

    assert name_reasons([with_another, with_another, alone]) == [1, 2, 1]


def test_a_third_of_ten_products_are_three() -> None:
    named = name_reasons([[0.4, 0.3, 0.3, 0.3]] * 10)

    assert max(Counter(named).values()) == 3


def test_a_product_that_explains_much_more_than_any_other_is_named_throughout() -> None:
    contributions = np.array([[0.4, 0.1]] * 3, dtype=np.float32)

    reasons = find_reasons([7, 8, 9], [1, 2], [VIEW, VIEW], contributions)

    assert {reason.product_id for reason in reasons.values()} == {1}


def test_contributions_of_the_wrong_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="one contribution for each"):
        find_reasons([7], [1], [VIEW], np.zeros((1, 2), dtype=np.float32))


def test_ties_go_to_the_lower_product_id() -> None:
    assert find_reason(9, [(2, VIEW), (1, VIEW)], [0.5, 0.5]) == Reason(
        ReasonCode.VIEWED, product_id=1
    )


def test_a_candidate_without_a_new_reason_keeps_its_own() -> None:
    popular, viewed = Reason(ReasonCode.POPULAR), Reason(ReasonCode.VIEWED, product_id=9)
    candidates = [
        Candidate(1, 1.0, Source.MODEL, popular),
        Candidate(2, 0.5, Source.MODEL, popular),
    ]

    explained = attach_reasons(candidates, {1: viewed})

    assert [one.reason for one in explained] == [viewed, popular]
