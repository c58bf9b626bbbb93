"""What a blend knows of its items: which ones are popular in their category."""

import numpy as np

from recommendations.ml.item_debuts import ItemDebuts
from recommendations.ml.item_facts import FEWEST_INTERACTIONS, ItemFacts
from recommendations.ml.item_kinds import N_LEVELS, UNKNOWN, ItemKinds
from recommendations.ml.item_priors import ItemPriors


def find_popular(categories: list[int], counts: list[int]) -> list[int]:
    n_items = len(categories)
    levels = np.full((N_LEVELS, n_items), UNKNOWN, dtype=np.int32)
    levels[-1] = categories
    facts = ItemFacts(
        ItemPriors.neutral(n_items),
        ItemDebuts(np.zeros(n_items), np.array(counts, dtype=np.int32)),
        ItemKinds(levels, np.full(n_items, UNKNOWN, dtype=np.int32)),
    )
    return np.flatnonzero(facts.is_popular_in_category).tolist()


def test_the_first_quarter_of_each_category_is_popular() -> None:
    categories = [1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1]
    counts = [10, 70, 20, 80, 30, 60, 40, 90, 50, 15, 25, 35]

    assert find_popular(categories, counts) == [6, 7, 8]


def test_ties_go_to_the_lower_row_and_what_few_touched_is_not_popular() -> None:
    few = FEWEST_INTERACTIONS - 1

    assert find_popular([0] * 4 + [1] * 4, [9, 9, 9, 9, few, few, few, few]) == [0]


def test_items_without_a_category_and_categories_of_three_have_none() -> None:
    assert find_popular([UNKNOWN] * 4 + [0] * 3, [9] * 7) == []


def test_nothing_is_popular_where_nothing_is_known() -> None:
    assert not ItemFacts.unknown(4).is_popular_in_category.any()
