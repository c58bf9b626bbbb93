"""Why a product is in a list: the piece of the history that its score rests on most."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.engine.result import Reason, ReasonCode
from recommendations.ml.data import FloatArray

_CODES = {
    InteractionType.VIEW: ReasonCode.VIEWED,
    InteractionType.LIKE: ReasonCode.LIKED,
    InteractionType.CART: ReasonCode.IN_CART,
    InteractionType.PURCHASE: ReasonCode.PURCHASED,
}
_STRENGTH = {kind: strength for strength, kind in enumerate(InteractionType)}


class Evidence(NamedTuple):
    """One interaction of a history, as far as a reason names it."""

    product_id: int
    interaction_type: InteractionType


def strongest_reasons(
    product_ids: Sequence[int],
    history: Sequence[Evidence],
    contributions: FloatArray,
    *,
    in_cart: frozenset[int] = frozenset(),
) -> list[Reason | None]:
    """Name for each product the one that added most to its score, and the strongest done to it.

    `contributions` has a row for each of these products and a column for each entry of the
    history; those of one product are added up. Another product is named before the recommended
    one itself, which is its own reason only when nothing else speaks for it. What was put into the
    cart counts as such only while it lies there (`in_cart`); else it was viewed. None when nothing
    in the history speaks for the product.
    """
    if contributions.shape != (len(product_ids), len(history)):
        raise ValueError("There must be one contribution for each product and entry.")
    if not history or not product_ids:
        return [None] * len(product_ids)
    done = _strongest_done(history, in_cart)
    # Ascending, so that of equals the lowest id is found first.
    known = sorted(done)
    places = {product_id: place for place, product_id in enumerate(known)}
    entries = np.array([places[entry.product_id] for entry in history])
    named = _strongest(contributions, entries, np.array(known), np.array(product_ids))
    return [
        Reason(code=_CODES[done[known[place]]], product_id=known[place]) if place >= 0 else None
        for place in named.tolist()
    ]


def warm() -> None:
    """Compile what lists by the model run, or read it from the disk; less than a second, once."""
    only = Evidence(0, InteractionType.VIEW)
    strongest_reasons([0], [only], np.zeros((1, 1), dtype=np.float32))


@njit(cache=True)
def _strongest(
    contributions: FloatArray,
    entries: NDArray[np.int64],
    known: NDArray[np.int64],
    product_ids: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return for each product the place in `known` of the one to name, −1 for none.

    `entries` says for each entry of the history which of the known it is about.
    """
    named = np.full(len(product_ids), -1)
    for row in range(len(product_ids)):
        support = np.zeros(len(known))
        for entry in range(len(entries)):
            support[entries[entry]] += contributions[row, entry]
        for place in range(len(known)):
            best = named[row]
            replaces = best < 0 or known[best] == product_ids[row]
            replaces |= known[place] != product_ids[row] and support[place] > support[best]
            if support[place] > 0 and replaces:
                named[row] = place
    return named


def _strongest_done(
    history: Sequence[Evidence], in_cart: frozenset[int]
) -> dict[int, InteractionType]:
    strongest: dict[int, InteractionType] = {}
    for entry in history:
        kind = entry.interaction_type
        if kind is InteractionType.CART and entry.product_id not in in_cart:
            kind = InteractionType.VIEW
        before = strongest.get(entry.product_id)
        if before is None or _STRENGTH[kind] > _STRENGTH[before]:
            strongest[entry.product_id] = kind
    return strongest
