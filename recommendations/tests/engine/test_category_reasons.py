"""A category is the reason where one product of the history would be named too often."""

import numpy as np

from recommendations.choices import InteractionType
from recommendations.engine.candidates import Reason
from recommendations.engine.category_reasons import vary_by_category
from recommendations.engine.explanations import find_reasons
from recommendations.reasons import ReasonCode

TENTS, LAMPS = "Outdoor/Tents", "Home/Lamps"


def find_varied(parts: list[list[float]], listed: str, own: list[str]) -> list[Reason | None]:
    """Return the reasons of products 10, 11, … of a category, given the parts of 1, 2, …"""
    product_ids = list(range(10, 10 + len(parts)))
    history = list(range(1, 1 + len(parts[0])))
    contributions = np.array(parts, dtype=np.float32)
    types = [InteractionType.VIEW] * len(history)
    reasons = vary_by_category(
        find_reasons(product_ids, history, types, contributions),
        product_ids,
        history,
        contributions,
        categories=dict.fromkeys(product_ids, listed),
        own_categories=dict(zip(history, own, strict=True)),
    )
    return [reasons.get(product_id) for product_id in product_ids]


FIRST = Reason(ReasonCode.VIEWED, product_id=1)
TENTS_AS_SUCH = Reason(ReasonCode.OWN_CATEGORY, category=TENTS)


def test_beyond_a_third_the_category_is_the_reason_for_a_third_from_the_end() -> None:
    found = find_varied([[0.4, 0.15, 0.1]] * 6, TENTS, [TENTS, TENTS, LAMPS])

    assert found == [FIRST] * 4 + [TENTS_AS_SUCH] * 2


def test_a_product_that_is_named_in_a_third_of_the_list_stays() -> None:
    parts = [[0.4, 0.1]] * 2 + [[0.1, 0.4]] * 2 + [[0.3, 0.3]] * 2

    found = find_varied(parts, TENTS, [TENTS, TENTS])

    assert found[:2] == [FIRST, FIRST]


def test_one_product_is_no_interest_in_a_category() -> None:
    assert find_varied([[0.4, 0.15]] * 6, TENTS, [TENTS, LAMPS]) == [FIRST] * 6


def test_a_category_that_explains_much_less_is_no_reason() -> None:
    found = find_varied([[0.4, 0.05, 0.05]] * 6, TENTS, [LAMPS, TENTS, TENTS])

    assert found == [FIRST] * 6


def test_products_that_add_nothing_are_no_interest() -> None:
    found = find_varied([[0.4, 0.0, -0.1]] * 6, TENTS, [TENTS, TENTS, TENTS])

    assert found == [FIRST] * 6


def test_a_list_of_two_needs_no_variety() -> None:
    assert find_varied([[0.4, 0.15]] * 2, TENTS, [TENTS, TENTS]) == [FIRST] * 2


def test_a_product_without_a_reason_gets_none() -> None:
    parts = [[0.4, 0.15]] * 3 + [[0.0, 0.0]]

    assert find_varied(parts, TENTS, [TENTS, TENTS]) == [FIRST, FIRST, TENTS_AS_SUCH, None]


def test_a_listed_product_is_no_part_of_the_interest_that_explains_it() -> None:
    contributions = np.array([[0.4, 0.3]] * 3, dtype=np.float32)
    reasons = dict.fromkeys((2, 8, 9), FIRST)

    found = vary_by_category(
        reasons,
        [8, 9, 2],
        [1, 2],
        contributions,
        categories={2: TENTS, 8: LAMPS, 9: LAMPS},
        own_categories={1: TENTS, 2: TENTS},
    )

    assert found == reasons
