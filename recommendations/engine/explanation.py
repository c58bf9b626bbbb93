"""Why a product is in a list: the piece of the history that its score rests on most."""

from collections.abc import Sequence
from dataclasses import dataclass

from recommendations.choices import InteractionType
from recommendations.engine.lists import Reason, ReasonCode
from recommendations.ml.interactions import FloatArray

_CODES = {
    InteractionType.VIEW: ReasonCode.VIEWED,
    InteractionType.LIKE: ReasonCode.LIKED,
    InteractionType.CART: ReasonCode.IN_CART,
    InteractionType.PURCHASE: ReasonCode.PURCHASED,
}
_STRENGTH = list(InteractionType)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One interaction of a history, as far as a reason names it."""

    product_id: int
    interaction_type: InteractionType


def strongest_reason(
    product_id: int,
    history: Sequence[Evidence],
    contributions: FloatArray,
    *,
    in_cart: frozenset[int] = frozenset(),
) -> Reason | None:
    """Name the product that added most to the score, and the strongest thing done to it.

    `contributions` has one number for each entry of the history; those of one product are added
    up. Another product is named before the recommended one itself, which is its own reason only
    when nothing else speaks for it. What was put into the cart counts as such only while it lies
    there (`in_cart`); else it was viewed. None when nothing in the history speaks for the
    product.
    """
    support: dict[int, float] = {}
    for entry, contribution in zip(history, contributions.tolist(), strict=True):
        support[entry.product_id] = support.get(entry.product_id, 0.0) + contribution
    positive = [(known, value) for known, value in support.items() if value > 0]
    if not positive:
        return None
    named, _ = max(positive, key=lambda pair: (pair[0] != product_id, pair[1], -pair[0]))
    done = [entry.interaction_type for entry in history if entry.product_id == named]
    if named not in in_cart:
        done = [InteractionType.VIEW if kind is InteractionType.CART else kind for kind in done]
    return Reason(code=_CODES[max(done, key=_STRENGTH.index)], product_id=named)
