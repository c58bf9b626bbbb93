"""Reasons that name a category, where one product of the history would stand for too much."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from recommendations.engine.candidates import Reason
from recommendations.engine.explanations import NEARLY_AS_MUCH, count_share
from recommendations.ml.data import FloatArray
from recommendations.reasons import ReasonCode

NO_MONOTONY = 2
"""A reason that stands so often in a short list is not too much."""
FEWEST_PRODUCTS = 2
"""Of how many products of a category the history must have some, to speak of an interest in it."""


def vary_by_category(
    reasons: Mapping[int, Reason],
    product_ids: Sequence[int],
    history_product_ids: Sequence[int],
    contributions: FloatArray,
    *,
    categories: Mapping[int, str],
    own_categories: Mapping[int, str],
) -> dict[int, Reason]:
    """Return the reasons with a category in place of a product that is named too often.

    `contributions` has a row for each product of the list and a column for each entry of the
    history, as `find_reasons` takes it, which found the reasons. `categories` are those of the
    products of the list, and `own_categories` those of the history.

    A product that is the reason for more than a third of a list gives way to the category of the
    listed product, the last ones first, where the history has at least `FEWEST_PRODUCTS` others of
    it that add nearly as much together (`NEARLY_AS_MUCH`). A category stands for a third at most.
    """
    most = max(count_share(len(product_ids)), NO_MONOTONY)
    times_named = Counter(reason.product_id for reason in reasons.values())
    times_said: Counter[str] = Counter()
    varied = dict(reasons)
    for product_id, row in reversed(list(zip(product_ids, contributions.tolist(), strict=True))):
        named = reasons[product_id].product_id if product_id in reasons else None
        category = categories.get(product_id)
        if named is None or not category or times_named[named] <= most:
            continue
        if times_said[category] >= most:
            continue
        parts: defaultdict[int, float] = defaultdict(float)
        for entry, part in zip(history_product_ids, row, strict=True):
            parts[entry] += part
        alike = [
            part
            for entry, part in parts.items()
            if entry != product_id and part > 0 and own_categories.get(entry) == category
        ]
        if len(alike) >= FEWEST_PRODUCTS and sum(alike) >= NEARLY_AS_MUCH * parts[named]:
            varied[product_id] = Reason(ReasonCode.OWN_CATEGORY, category=category)
            times_named[named] -= 1
            times_said[category] += 1
    return varied
