"""The reason for a product: the product of the history that contributes most to its score."""

from collections.abc import Mapping, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.choices import InteractionType
from recommendations.engine.candidates import Candidate, Reason
from recommendations.ml.data import FloatArray
from recommendations.reasons import ReasonCode

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

    A list that names one product in every line explains little. So a history product that is the
    reason for more than `LARGEST_SHARE` of the products gives way, where another one that is named
    less contributes nearly as much (`NEARLY_AS_MUCH`): first where that loses least.

    The codes are those of `find_codes`.
    """
    if contributions.shape != (len(product_ids), len(history_product_ids)):
        raise ValueError("There must be one contribution for each product and history entry.")
    if not history_product_ids or not product_ids:
        return {}
    codes = find_codes(history_product_ids, interaction_types, in_cart=in_cart)
    sources = sorted(codes)
    positions = {product_id: position for position, product_id in enumerate(sources)}
    entries = np.array([positions[product_id] for product_id in history_product_ids])
    most = count_share(len(product_ids))
    best = _find_sources(contributions, entries, np.array(sources), np.array(product_ids), most)
    return {
        product_id: Reason(codes[sources[position]], product_id=sources[position])
        for product_id, position in zip(product_ids, best.tolist(), strict=True)
        if position >= 0
    }


def count_share(n_products: int) -> int:
    """Return how many of so many products one reason may stand for."""
    return max(1, int(LARGEST_SHARE * n_products))


def find_codes(
    history_product_ids: Sequence[int],
    interaction_types: Sequence[InteractionType],
    *,
    in_cart: frozenset[int] = frozenset(),
) -> dict[int, ReasonCode]:
    """Return for each product of the history the code of the strongest interaction with it.

    `IN_CART` is said only of what is in the cart now, and `PUT_IN_CART` of what was.
    """
    strongest: dict[int, InteractionType] = {}
    for product_id, interaction_type in zip(history_product_ids, interaction_types, strict=True):
        before = strongest.get(product_id)
        if before is None or _STRENGTHS[interaction_type] > _STRENGTHS[before]:
            strongest[product_id] = interaction_type
    return {
        product_id: ReasonCode.PUT_IN_CART
        if interaction_type is InteractionType.CART and product_id not in in_cart
        else interaction_type.reason_code
        for product_id, interaction_type in strongest.items()
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
    than `most` products only where no source that stands for fewer contributes nearly as much.
    """
    found = np.full(len(product_ids), -1)
    times_named = np.zeros(len(sources), dtype=np.int64)
    support = np.zeros((len(product_ids), len(sources)))
    for row in range(len(product_ids)):
        for entry in range(len(entries)):
            support[row, entries[entry]] += contributions[row, entry]
        found[row] = _find_largest(support[row], sources, product_ids[row])
        if found[row] >= 0:
            times_named[found[row]] += 1
    while True:
        row, other = _find_least_loss(support, found, times_named, sources, product_ids, most)
        if row < 0:
            return found
        times_named[found[row]] -= 1
        times_named[other] += 1
        found[row] = other


@njit(cache=True)
def _find_least_loss(
    support: NDArray[np.float64],
    found: NDArray[np.int64],
    times_named: NDArray[np.int64],
    sources: NDArray[np.int64],
    product_ids: NDArray[np.int64],
    most: int,
) -> tuple[int, int]:
    """Return the row whose source gives way at the least loss, and the source that follows it.

    (−1, −1) if no source that stands for too much can give way. Ties go to the last row, so that
    what stands first keeps the source that contributes most.
    """
    best_row, best_other, best_share = -1, -1, NEARLY_AS_MUCH
    for row in range(len(found)):
        if found[row] < 0 or times_named[found[row]] <= most:
            continue
        for other in range(len(sources)):
            if times_named[other] >= most or sources[other] == product_ids[row]:
                continue
            share = support[row, other] / support[row, found[row]]
            if share > best_share or (share == best_share and row != best_row):
                best_row, best_other, best_share = row, other, share
    return best_row, best_other


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
