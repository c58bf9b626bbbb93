"""Members that keep what is near each item, from the pairs of items that shoppers touched."""

import scipy.sparse as sp

from recommendations.ml.attributes import build_attribute_matrix
from recommendations.ml.models.content import ContentModel, find_nearest
from recommendations.ml.models.item_graph import MAX_ITEMS_PER_SHOPPER, ItemGraphModel
from recommendations.ml.models.transitions import ROW_EXPONENT, TransitionModel
from recommendations.relational.engine import write_number
from recommendations.relational.log import RelationalLog
from recommendations.relational.pairs import Pairs, read_largest


def fit_transitions(log: RelationalLog, member: TransitionModel) -> None:
    """Count which items follow which."""
    transitions = count_transitions(
        log,
        window=member.window,
        distance_exponent=member.distance_exponent,
        backward_weight=member.backward_weight,
        popularity_exponent=member.popularity_exponent,
        n_neighbors=member.n_neighbors,
    )
    member.set_similarities(transitions, is_sequential=log.is_sequential)


def fit_item_graph(log: RelationalLog, member: ItemGraphModel) -> None:
    """Sum the walks from an item to a shopper and on to another item."""
    newest = f"""(
        SELECT shopper, item, place, least(n_items, {MAX_ITEMS_PER_SHOPPER}) AS n_items
        FROM {log.touches} AS touches WHERE place > n_items - {MAX_ITEMS_PER_SHOPPER}
    )"""
    similarities = read_largest(
        log,
        Pairs("1e0 / one.n_items", newest),
        f"power(total / n_item, {write_number(member.alpha)})"
        f" * power(n_neighbor, {write_number(-member.beta)})",
        member.n_neighbors,
    )
    member.set_similarities(similarities, is_sequential=log.is_sequential)


def fit_content(log: RelationalLog, member: ContentModel) -> None:
    """Compare the descriptions of the catalogue, which is in memory."""
    cosines = find_nearest(build_attribute_matrix(log.catalogue), member.n_neighbors)
    member.set_similarities(cosines, is_sequential=log.is_sequential)


def count_transitions(
    log: RelationalLog,
    *,
    window: int,
    distance_exponent: float,
    backward_weight: float,
    popularity_exponent: float,
    n_neighbors: int,
) -> sp.csr_array:
    """Return what `ml.models.transitions.count_transitions` returns."""
    direction = f"""CASE
        WHEN one.seconds = other.seconds THEN {write_number((1 + backward_weight) / 2)}
        WHEN one.place < other.place THEN 1e0
        ELSE {write_number(backward_weight)} END"""
    steps = f"power(abs(other.place - one.place), {write_number(-distance_exponent)})"
    return read_largest(
        log,
        Pairs(f"{steps} * {direction}", log.touches, window=window),
        f"total * power(n_item, {write_number(-ROW_EXPONENT)})"
        f" * power(n_neighbor, {write_number(-popularity_exponent)})",
        n_neighbors,
    )
