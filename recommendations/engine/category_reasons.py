"""Reasons that name a category, where one reason would stand for too much of a list."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

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
    parts: Mapping[int, FloatArray],
    history_product_ids: Sequence[int],
    *,
    categories: Mapping[int, str],
    own_categories: Mapping[int, str],
    popular: Collection[int],
    other_reasons: Iterable[Reason] = (),
) -> dict[int, Reason]:
    """Return the reasons with another one, of a category, in place of one that stands too often.

    `parts` has the products of the list, best first, with what each entry of the history adds to
    the score; `history_product_ids` are the products of these entries. `categories` are those of
    the products of the list, and `own_categories` those of the history. `popular` are the products
    of the list that are popular in their category. `other_reasons` stand in the list as well, and
    stay.

    What is the reason for more than a third of a list gives way to the category of the listed
    product, the last ones first: to the interest in it, where the history has at least
    `FEWEST_PRODUCTS` others of it that add together nearly as much as the product that was named
    (`NEARLY_AS_MUCH`), then to its being popular there. Neither stands for more than a third.
    """
    most = max(count_share(len(parts)), NO_MONOTONY)
    times = Counter([*reasons.values(), *other_reasons])
    varied = dict(reasons)
    for code in (ReasonCode.OWN_CATEGORY, ReasonCode.POPULAR_IN_CATEGORY):
        for product_id in reversed(list(parts)):
            before, category = varied.get(product_id), categories.get(product_id)
            other = Reason(code, category=category)
            if before is None or not category or times[before] <= most or times[other] >= most:
                continue
            if code is ReasonCode.OWN_CATEGORY:
                by_product = _sum_by_product(history_product_ids, parts[product_id])
                named = 0.0 if before.product_id is None else by_product[before.product_id]
                alike = [
                    part
                    for entry, part in by_product.items()
                    if entry != product_id and part > 0 and own_categories.get(entry) == category
                ]
                is_true = len(alike) >= FEWEST_PRODUCTS and sum(alike) >= NEARLY_AS_MUCH * named
            else:
                is_true = product_id in popular
            if is_true:
                varied[product_id] = other
                times.update({before: -1, other: 1})
    return varied


def _sum_by_product(product_ids: Sequence[int], parts: FloatArray) -> dict[int, float]:
    sums: defaultdict[int, float] = defaultdict(float)
    for product_id, part in zip(product_ids, parts.tolist(), strict=True):
        sums[product_id] += part
    return sums
