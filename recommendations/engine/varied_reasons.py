"""Other true reasons, where one reason would stand for too much of a list."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from recommendations.engine.candidates import Reason
from recommendations.engine.explanations import NEARLY_AS_MUCH, count_share
from recommendations.ml.data import FloatArray
from recommendations.reasons import ReasonCode

NO_MONOTONY = 2
"""A reason that stands so often in a short list is not too much."""
FEWEST_OF_CATEGORY = 2
"""Of how many products of a category the history must have some, to speak of an interest in it."""
FEWEST_PRODUCTS = 3
"""So many products of the history are several."""


def vary_reasons(
    reasons: Mapping[int, Reason],
    parts: Mapping[int, FloatArray],
    history_product_ids: Sequence[int],
    *,
    categories: Mapping[int, str],
    own_categories: Mapping[int, str],
    popular: Collection[int],
    other_reasons: Iterable[Reason] = (),
) -> dict[int, Reason]:
    """Return the reasons with others in place of those that stand too often.

    `parts` has the products of the list, best first, with what each entry of the history adds to
    the score; `history_product_ids` are the products of these entries. `categories` are those of
    the products of the list, and `own_categories` those of the history. `popular` are the products
    of the list that are popular in their category. `other_reasons` stand in the list as well, and
    stay.

    What is the reason for more than a third of a list gives way to another one that is true, the
    last ones first: to the interest in the category of the listed product, where the history has
    `FEWEST_OF_CATEGORY` others of it that add together nearly as much as the product that was named
    (`NEARLY_AS_MUCH`); then to its being popular there; at last to `FEWEST_PRODUCTS` products of
    the history that add something. None of these stands for more than a third either.
    """
    most = max(count_share(len(parts)), NO_MONOTONY)
    times = Counter([*reasons.values(), *other_reasons])
    varied = dict(reasons)
    for code in (
        ReasonCode.OWN_CATEGORY,
        ReasonCode.POPULAR_IN_CATEGORY,
        ReasonCode.SEVERAL_PRODUCTS,
    ):
        for product_id in reversed(list(parts)):
            before, category = varied.get(product_id), categories.get(product_id)
            other = Reason(code)
            if code is not ReasonCode.SEVERAL_PRODUCTS:
                if not category:
                    continue
                other = Reason(code, category=category)
            if before is None or times[before] <= most or times[other] >= most:
                continue
            adding = _sum_by_product(history_product_ids, parts[product_id])
            adding.pop(product_id, None)
            if code is ReasonCode.OWN_CATEGORY:
                alike = [part for pk, part in adding.items() if own_categories.get(pk) == category]
                enough = NEARLY_AS_MUCH * adding.get(before.product_id or 0, 0.0)
                is_true = len(alike) >= FEWEST_OF_CATEGORY and sum(alike) >= enough
            elif code is ReasonCode.POPULAR_IN_CATEGORY:
                is_true = product_id in popular
            else:
                is_true = len(adding) >= FEWEST_PRODUCTS
            if is_true:
                varied[product_id] = other
                times.update({before: -1, other: 1})
    return varied


def _sum_by_product(product_ids: Sequence[int], parts: FloatArray) -> dict[int, float]:
    """Return what each product adds; only those that add something."""
    sums: defaultdict[int, float] = defaultdict(float)
    for product_id, part in zip(product_ids, parts.tolist(), strict=True):
        sums[product_id] += part
    return {product_id: part for product_id, part in sums.items() if part > 0}
