"""Reranking by maximal marginal relevance (MMR), with caps on each category and department.

How varied the lists of a placement are is set in `placement_policies`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.category_paths import LEVEL_SEPARATOR
from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, ProductFilterFields, Reason
from recommendations.engine.trace import BARS, Bar, ListTrace, Turns
from recommendations.ml.data import FloatArray
from recommendations.reasons import ReasonCode

SOURCE_STEP = 10.0
"""Subtracted once per earlier source; larger than any score, so that sources keep their order."""

_CATEGORY, _DEPARTMENT, _CHOSEN = (
    BARS.index(bar) for bar in (Bar.CATEGORY, Bar.DEPARTMENT, Bar.CHOSEN)
)


def rerank_mmr(
    candidates: Sequence[Candidate],
    products: Mapping[int, ProductFilterFields],
    vectors: FloatArray | None,
    *,
    count: int,
    max_per_category: int,
    max_per_department: int,
    mmr_lambda: float,
    trace: ListTrace | None = None,
) -> list[Candidate]:
    """Choose `count` candidates, source by source, within the caps.

    At most `max_per_category` have the same main category, and at most `max_per_department` the
    same top level. If all candidates have the same top level, the first level in which they differ
    takes its place: there is no other department to choose from.

    Candidates of the model are chosen by MMR (Carbonell & Goldstein 1998): the next one maximizes
    `mmr_lambda` × its score − (1 − `mmr_lambda`) × its largest cosine with a chosen one.
    `vectors` has a row of length 1 for each candidate, zeros where the vector is unknown. Without
    `vectors`, and for other sources, the next candidate is the one with the highest score. Ties
    go to the earlier candidate.

    If the caps leave the list short, the remaining candidates fill it in the order given.

    A `trace` gets every turn of the choice.
    """
    if not candidates:
        return []
    product_ids, scores, sources, *_ = zip(*candidates, strict=True)
    paths = [products[product_id].category for product_id in product_ids]
    steps = _number_by_first_occurrence(sources)
    relevance = mmr_lambda * np.array(scores) - SOURCE_STEP * steps
    noted = (min(count, len(candidates)), len(candidates)) if trace is not None else (0, 0)
    values, bars = np.zeros(noted), np.zeros(noted, dtype=np.int8)
    chosen = _choose(
        relevance.copy(),
        _number_by_first_occurrence(paths),
        _number_by_first_occurrence(find_departments(paths)),
        np.array([source is Source.MODEL for source in sources]),
        np.empty((len(candidates), 0), dtype=np.float32) if vectors is None else vectors,
        count,
        max_per_category,
        max_per_department,
        1 - mmr_lambda,
        values,
        bars,
    ).tolist()
    beyond = sorted(set(range(len(candidates))) - set(chosen)) if len(chosen) < count else []
    if trace is not None:
        n_turns = len(chosen)
        trace.turns = Turns(candidates, relevance, values[:n_turns], bars[:n_turns], chosen)
    return [candidates[index] for index in (chosen + beyond)[:count]]


def warm_up() -> None:
    """Compile the loop of this module, or load it from the disk; less than a second, once."""

    class _Product:
        category, brand, is_active, in_stock, is_repeatable = "", "", True, True, False

    only = Candidate(0, 1.0, Source.MODEL, Reason(ReasonCode.POPULAR))
    rerank_mmr(
        [only],
        {0: _Product()},
        None,
        count=1,
        max_per_category=1,
        max_per_department=1,
        mmr_lambda=1.0,
    )


def find_departments(paths: Sequence[str]) -> list[str]:
    """Return of each path the first level in which the paths differ; the last, if it is above."""
    levels = [path.split(LEVEL_SEPARATOR) for path in paths]
    shared = [len(set(names)) == 1 for names in zip(*levels, strict=False)]
    depth = [*shared, False].index(False)
    return [names[min(depth, len(names) - 1)] for names in levels]


def _number_by_first_occurrence(names: Sequence[str]) -> NDArray[np.int64]:
    """Return a number for each name, in the order in which the names first occur."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array(list(map(numbers.__getitem__, names)))


@njit(cache=True)
def _choose(
    relevance: NDArray[np.float64],
    categories: NDArray[np.int64],
    departments: NDArray[np.int64],
    is_by_model: NDArray[np.bool_],
    vectors: FloatArray,
    count: int,
    max_per_category: int,
    max_per_department: int,
    dissimilarity_weight: float,
    values: NDArray[np.float64],
    bars: NDArray[np.int8],
) -> NDArray[np.int64]:
    """Return the indices of the chosen candidates in the order of choice.

    `values` and `bars`, which may be empty, take notes of each turn: see `Turns`.
    """
    takes_notes = len(values) > 0
    similarity = np.zeros(len(relevance))
    per_category = np.zeros(len(relevance), dtype=np.int64)
    per_department = np.zeros(len(relevance), dtype=np.int64)
    chosen = np.empty(min(count, len(relevance)), dtype=np.int64)
    for turn in range(len(chosen)):
        best = -1
        for index in range(len(relevance)):
            is_left = not np.isneginf(relevance[index])
            fits_category = per_category[categories[index]] < max_per_category
            fits_department = per_department[departments[index]] < max_per_department
            is_free = is_left and fits_category and fits_department
            if takes_notes:
                values[turn, index] = relevance[index] - dissimilarity_weight * similarity[index]
                if not is_left:
                    bars[turn, index] = _CHOSEN
                elif not fits_category:
                    bars[turn, index] = _CATEGORY
                elif not fits_department:
                    bars[turn, index] = _DEPARTMENT
            if is_free and (
                best < 0
                or relevance[index] - dissimilarity_weight * similarity[index]
                > relevance[best] - dissimilarity_weight * similarity[best]
            ):
                best = index
        if best < 0:
            return chosen[:turn]
        chosen[turn] = best
        relevance[best] = -np.inf
        per_category[categories[best]] += 1
        per_department[departments[best]] += 1
        if is_by_model[best]:
            for index in range(len(relevance)):
                if is_by_model[index]:
                    cosine = 0.0
                    for factor in range(vectors.shape[1]):
                        cosine += vectors[index, factor] * vectors[best, factor]
                    similarity[index] = max(similarity[index], cosine)
    return chosen
