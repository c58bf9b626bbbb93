"""Members that solve equations of a Gram matrix, items × items, which the engine sums."""

import numpy as np
import scipy.sparse as sp

from recommendations.ml.data import SECONDS_PER_DAY
from recommendations.ml.models import ease, next_item_ridge
from recommendations.ml.models.ease import EaseModel
from recommendations.ml.models.next_item_equations import NextItemEquations, find_window
from recommendations.ml.models.next_item_ridge import NextItemRidge
from recommendations.ml.models.svd import MAX_NEIGHBORS, MIN_NORM, CollaborativeFilteringModel
from recommendations.ml.models.transitions import POPULARITY_EXPONENT
from recommendations.relational.engine import write_number
from recommendations.relational.log import RelationalLog
from recommendations.relational.neighbors import count_transitions
from recommendations.relational.pairs import Pairs, read_sums


def fit_collaborative(log: RelationalLog, member: CollaborativeFilteringModel) -> None:
    """Decompose the transitions, or the Gram matrix of users × items if nothing has an order."""
    if log.is_sequential:
        transitions = count_transitions(
            log,
            window=member.window,
            distance_exponent=member.distance_exponent,
            backward_weight=member.backward_weight,
            popularity_exponent=POPULARITY_EXPONENT,
            n_neighbors=MAX_NEIGHBORS,
        )
        member.fit_transitions(transitions, log.count_shoppers(), log.catalogue)
        return
    rate = write_number(member.decay_per_day / SECONDS_PER_DAY)
    weight = f"sum(untyped * exp(-{rate} * ({write_number(log.newest_seconds)} - seconds)))"
    units = "units_of_shoppers"
    log.engine.create_table(
        units,
        f"""
        SELECT shopper, item, weight / greatest(norm, {write_number(MIN_NORM)}) AS unit, n_items
        FROM (
            SELECT *, sqrt(sum(weight * weight) OVER (PARTITION BY shopper)) AS norm,
                count(*) OVER (PARTITION BY shopper) AS n_items
            FROM (
                SELECT shopper, item, {weight} AS weight
                FROM {log.merged} AS merged GROUP BY shopper, item
            ) AS weights
        ) AS rows_of_shoppers
        """,
    )
    gram = read_sums(log, Pairs("one.unit * other.unit", units, with_itself=True))
    log.engine.drop_table(units)
    squares = gram.diagonal()
    column_norms = np.where(squares > 0, np.sqrt(squares), 1)
    scale = sp.diags_array(column_norms**-0.5)
    member.fit_gram(
        sp.csr_array(scale @ gram @ scale),
        column_norms,
        log.count_shoppers(),
        log.catalogue,
        n_rows=log.n_users,
    )


def fit_ease(log: RelationalLog, member: EaseModel) -> None:
    """Solve the equations of the user × item matrix."""
    n_items = log.n_items
    solution = sp.csr_array((n_items, n_items))
    if n_items <= ease.MAX_ITEMS and log.n_events:
        solution = member.solve(_count_together(log), log.catalogue)
    member.set_similarities(solution, is_sequential=log.is_sequential)


def fit_ridge(log: RelationalLog, member: NextItemRidge) -> None:
    """Solve the equations of the next items on the items before."""
    n_items = log.n_items
    solution = sp.csr_array((n_items, n_items))
    if n_items <= next_item_ridge.MAX_ITEMS and log.n_events:
        share = member.order_share if log.is_sequential else 0.0
        together = sp.csr_array((1 - share) * _count_together(log))
        equations = NextItemEquations(together, sp.csr_array(0 * together))
        if share:
            past = sp.csr_array(share * _multiply_pasts(log, member.past_decay))
            future = _multiply_past_and_future(log, member.past_decay, member.future_decay)
            equations = NextItemEquations(
                sp.csr_array(together + past), sp.csr_array(share * future - past)
            )
        solution = member.solve(equations, log.catalogue)
    member.set_similarities(solution, is_sequential=log.is_sequential)


def _count_together(log: RelationalLog) -> sp.csr_array:
    """Return ZᵀZ of the user × item matrix Z."""
    return read_sums(log, Pairs("1e0", log.touches, with_itself=True))


def _multiply_pasts(log: RelationalLog, decay: float) -> sp.csr_array:
    """Return XᵀX, where X is the decayed past of every step.

    Two items d places apart meet in the pasts of the steps after the later one, at ages k and
    k + d. The sum of `decay ** (2 k + d)` over these steps is a geometric series.
    """
    window = find_window(decay)
    distance = "abs(one.place - other.place)"
    n_steps = f"least(one.n_items - greatest(one.place, other.place), {window} - {distance})"
    series = n_steps
    if decay < 1:
        square = decay**2
        series = f"(1e0 - power({write_number(square)}, {n_steps})) / {write_number(1 - square)}"
    value = f"power({write_number(decay)}, {distance}) * {series}"
    pairs = Pairs(value, log.touches, window=window - 1, with_itself=True)
    return _without_zeros(read_sums(log, pairs))


def _multiply_past_and_future(
    log: RelationalLog, past_decay: float, future_decay: float
) -> sp.csr_array:
    """Return XᵀY, where Y is the decayed future of every step.

    An item in the past and one in the future, d places later, meet at d steps at most, at ages and
    distances that sum to d - 1.
    """
    past_window, future_window = find_window(past_decay), find_window(future_decay)
    window = past_window + future_window - 1
    cases = " ".join(
        f"WHEN {distance} THEN "
        + write_number(
            sum(
                past_decay**age * future_decay ** (distance - 1 - age)
                for age in range(max(0, distance - future_window), min(distance, past_window))
            )
        )
        for distance in range(1, window + 1)
    )
    value = f"CASE other.place - one.place {cases} ELSE 0e0 END"
    return _without_zeros(read_sums(log, Pairs(value, log.touches, window=window)))


def _without_zeros(matrix: sp.csr_array) -> sp.csr_array:
    matrix.eliminate_zeros()
    return matrix
