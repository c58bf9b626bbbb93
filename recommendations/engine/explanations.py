"""The reason for a product: the product of the history that contributes most to its score."""

from collections.abc import Mapping, Sequence
from math import ceil

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.engine.candidates import Candidate, Reason
from recommendations.ml.data import FloatArray

LARGEST_SHARE = 1 / 3
"""A history product is the reason for at most this share of a list where others will do."""
NEARLY_AS_MUCH = 0.5
"""Another history product will do if it contributes at least this share of the largest part."""

_STRENGTHS = {each: strength for strength, each in enumerate(InteractionType)}


def find_reasons(
    product_ids: Sequence[int],
    history_product_ids: Sequence[int],
    interaction_types: Sequence[InteractionType],
    contributions: FloatArray,
    *,
    in_cart: frozenset[int] = frozenset(),
) -> dict[int, Reason]:
    """Return for each product the history product that contributes most, with its code.

    `contributions` has a row for each product and a column for each entry of the history; the
    contributions of entries with the same product are added. The recommended product itself is
    its own reason only if no other product contributes. Ties go to the lower product id. A
    product to which nothing contributes has no reason.

    The products stand in the order of their list. A history product that is the reason for
    `LARGEST_SHARE` of them already gives way to the next one, if that contributes nearly as much
    (`NEARLY_AS_MUCH`): a list that names one product in every line explains little.

    The code is that of the strongest interaction with the history product. An interaction
    "cart" counts as a view unless the product is in the cart now (`in_cart`).
    """
    if contributions.shape != (len(product_ids), len(history_product_ids)):
        raise ValueError("There must be one contribution for each product and history entry.")
    if not history_product_ids or not product_ids:
        return {}
    strongest = _find_strongest_types(history_product_ids, interaction_types, in_cart)
    sources = sorted(strongest)
    positions = {product_id: position for position, product_id in enumerate(sources)}
    entries = np.array([positions[product_id] for product_id in history_product_ids])
    most = ceil(LARGEST_SHARE * len(product_ids))
    best = _find_sources(contributions, entries, np.array(sources), np.array(product_ids), most)
    return {
        product_id: Reason(strongest[sources[position]].reason_code, product_id=sources[position])
        for product_id, position in zip(product_ids, best.tolist(), strict=True)
        if position >= 0
    }


def attach_reasons(
    candidates: Sequence[Candidate], reasons: Mapping[int, Reason]
) -> list[Candidate]:
    """Replace the reasons of candidates; a candidate without a new reason keeps its own."""
    return [
        candidate._replace(reason=reasons.get(candidate.product_id, candidate.reason))
        for candidate in candidates
    ]


def warm_up() -> None:
    """Compile the loop of this module, or load it from the disk; less than a second, once."""
    find_reasons([0], [0], [InteractionType.VIEW], np.zeros((1, 1), dtype=np.float32))


@njit(cache=True)
def _find_sources(
    contributions: FloatArray,
    entries: NDArray[np.int64],
    sources: NDArray[np.int64],
    product_ids: NDArray[np.int64],
    most: int,
) -> NDArray[np.int64]:
    """Return for each product the position in `sources` of its reason, −1 where there is none.

    `entries` has the position in `sources` of each entry of the history. A source stands for more
    than `most` products only where no other source contributes nearly as much.
    """
    found = np.full(len(product_ids), -1)
    times_named = np.zeros(len(sources), dtype=np.int64)
    for row in range(len(product_ids)):
        support = np.zeros(len(sources))
        for entry in range(len(entries)):
            support[entries[entry]] += contributions[row, entry]
        best = _find_largest(support, sources, product_ids[row])
        if best >= 0 and times_named[best] >= most:
            is_free = times_named < most
            other = _find_largest(np.where(is_free, support, 0.0), sources, product_ids[row])
            is_itself = other >= 0 and sources[other] == product_ids[row]
            if other >= 0 and not is_itself and support[other] >= NEARLY_AS_MUCH * support[best]:
                best = other
        if best >= 0:
            times_named[best] += 1
        found[row] = best
    return found


@njit(cache=True)
def _find_largest(support: NDArray[np.float64], sources: NDArray[np.int64], product_id: int) -> int:
    """Return the position of the largest support above 0, −1 if there is none.

    The product itself is found only if nothing else supports it.
    """
    best = -1
    for position in range(len(sources)):
        replaces = best < 0 or sources[best] == product_id
        replaces |= sources[position] != product_id and support[position] > support[best]
        if support[position] > 0 and replaces:
            best = position
    return best


def _find_strongest_types(
    product_ids: Sequence[int],
    interaction_types: Sequence[InteractionType],
    in_cart: frozenset[int],
) -> dict[int, InteractionType]:
    strongest: dict[int, InteractionType] = {}
    for product_id, interaction_type in zip(product_ids, interaction_types, strict=True):
        if interaction_type is InteractionType.CART and product_id not in in_cart:
            interaction_type = InteractionType.VIEW  # noqa: PLW2901
        before = strongest.get(product_id)
        if before is None or _STRENGTHS[interaction_type] > _STRENGTHS[before]:
            strongest[product_id] = interaction_type
    return strongest
