"""Other reasons stand where one would stand for too much of a list."""

from collections.abc import Sequence

import numpy as np

from recommendations.choices import InteractionType
from recommendations.engine.candidates import Reason
from recommendations.engine.explanations import find_reasons
from recommendations.engine.varied_reasons import vary_reasons
from recommendations.reasons import ReasonCode

TENTS, LAMPS = "Outdoor/Tents", "Home/Lamps"


def find_varied(
    parts: list[list[float]],
    listed: str,
    own: list[str],
    *,
    popular: Sequence[int] = (),
    other_reasons: Sequence[Reason] = (),
) -> list[Reason | None]:
    """Return the reasons of products 10, 11, … of a category, given the parts of 1, 2, …"""
    product_ids = list(range(10, 10 + len(parts)))
    history = list(range(1, 1 + len(parts[0])))
    contributions = np.array(parts, dtype=np.float32)
    types = [InteractionType.VIEW] * len(history)
    reasons = vary_reasons(
        find_reasons(product_ids, history, types, contributions),
        dict(zip(product_ids, contributions, strict=True)),
        history,
        categories=dict.fromkeys(product_ids, listed),
        own_categories=dict(zip(history, own, strict=True)),
        popular=popular,
        other_reasons=other_reasons,
    )
    return [reasons.get(product_id) for product_id in product_ids]


FIRST = Reason(ReasonCode.VIEWED, product_id=1)
TENTS_AS_SUCH = Reason(ReasonCode.OWN_CATEGORY, category=TENTS)
SEVERAL = Reason(ReasonCode.SEVERAL_PRODUCTS)
POPULAR_TENT = Reason(ReasonCode.POPULAR_IN_CATEGORY, category=TENTS)


def test_beyond_a_third_the_category_is_the_reason_for_a_third_from_the_end() -> None:
    found = find_varied([[0.4, 0.15]] * 6, TENTS, [TENTS, TENTS])

    assert found == [FIRST] * 4 + [TENTS_AS_SUCH] * 2


def test_a_product_that_is_named_in_a_third_of_the_list_stays() -> None:
    parts = [[0.4, 0.1]] * 2 + [[0.1, 0.4]] * 2 + [[0.3, 0.3]] * 2

    found = find_varied(parts, TENTS, [TENTS, TENTS])

    assert found[:2] == [FIRST, FIRST]


def test_one_product_is_no_interest_in_a_category() -> None:
    assert find_varied([[0.4, 0.15]] * 6, TENTS, [TENTS, LAMPS]) == [FIRST] * 6


def test_a_category_that_explains_much_less_is_no_reason() -> None:
    found = find_varied([[0.4, 0.05, 0.05]] * 6, TENTS, [LAMPS, TENTS, TENTS])

    assert found == [FIRST] * 4 + [SEVERAL] * 2


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

    found = vary_reasons(
        reasons,
        dict(zip([8, 9, 2], contributions, strict=True)),
        [1, 2],
        categories={2: TENTS, 8: LAMPS, 9: LAMPS},
        own_categories={1: TENTS, 2: TENTS},
        popular=(),
    )

    assert found == reasons


def test_what_is_popular_in_its_category_may_be_there_for_that() -> None:
    found = find_varied([[0.4, 0.1]] * 6, TENTS, [LAMPS, LAMPS], popular=[11, 14])

    assert found == [FIRST, POPULAR_TENT, FIRST, FIRST, POPULAR_TENT, FIRST]


def test_the_interest_in_a_category_is_said_before_its_popularity_and_each_for_a_third() -> None:
    found = find_varied(
        [[0.4, 0.15]] * 9,
        TENTS,
        [TENTS, TENTS],
        popular=range(10, 19),
    )

    assert found == [FIRST] * 3 + [POPULAR_TENT] * 3 + [TENTS_AS_SUCH] * 3


def test_reasons_of_the_rest_of_the_list_count() -> None:
    found = find_varied(
        [[0.4, 0.15]] * 6, TENTS, [TENTS, TENTS], other_reasons=[TENTS_AS_SUCH, TENTS_AS_SUCH]
    )

    assert found == [FIRST] * 6


def test_too_many_popular_ones_give_way_to_the_interest_that_brought_them() -> None:
    product_ids = [10, 11, 12, 13, 14, 15]

    found = vary_reasons(
        dict.fromkeys(product_ids, POPULAR_TENT),
        dict.fromkeys(product_ids, np.ones(2, dtype=np.float32)),
        [1, 2],
        categories=dict.fromkeys(product_ids, TENTS),
        own_categories={1: TENTS, 2: TENTS},
        popular=(),
    )

    assert list(found.values()) == [POPULAR_TENT] * 4 + [TENTS_AS_SUCH] * 2


def test_several_products_are_the_reason_where_nothing_else_is() -> None:
    found = find_varied([[0.4, 0.01, 0.01]] * 9, TENTS, [LAMPS, LAMPS, LAMPS])

    assert found == [FIRST] * 6 + [SEVERAL] * 3


def test_two_products_are_not_several() -> None:
    assert find_varied([[0.4, 0.01, 0.0]] * 6, TENTS, [LAMPS] * 3) == [FIRST] * 6


def test_several_products_are_the_reason_for_what_has_no_category() -> None:
    found = find_varied([[0.4, 0.01, 0.01]] * 6, "", [LAMPS, LAMPS, LAMPS])

    assert found == [FIRST] * 4 + [SEVERAL] * 2


def test_what_the_history_does_not_speak_for_is_there_for_its_popularity_alone() -> None:
    trending = Reason(ReasonCode.TRENDING)
    product_ids = [10, 11, 12, 13]

    found = vary_reasons(
        dict.fromkeys(product_ids, trending),
        dict.fromkeys(product_ids, np.zeros(3, dtype=np.float32)),
        [1, 2, 3],
        categories=dict.fromkeys(product_ids, TENTS),
        own_categories={1: TENTS, 2: TENTS, 3: TENTS},
        popular=[11],
    )

    assert list(found.values()) == [trending, POPULAR_TENT, trending, trending]
