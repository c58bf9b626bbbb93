"""Which candidates make the list: good ones that differ, no category beyond its share."""

from collections.abc import Mapping, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from recommendations.choices import Source
from recommendations.engine.pipeline import Candidate, ProductFilterFields
from recommendations.engine.result import Reason, ReasonCode
from recommendations.ml.data import FloatArray

SOURCE_STEP = 10.0
"""More than any two candidates' worth can differ by, so that sources keep their order."""


def rerank_mmr(
    candidates: Sequence[Candidate],
    facts: Mapping[int, ProductFilterFields],
    vectors: FloatArray | None,
    *,
    count: int,
    most_per_category: int,
    relevance: float,
) -> list[Candidate]:
    """Choose `count` of them, source after source, at most `most_per_category` of one category.

    Of what the model names, each choice is the candidate of maximal marginal relevance (Carbonell
    & Goldstein 1998): `relevance` × its score less (1 − `relevance`) × its cosine with the most
    alike of those chosen before. `vectors` has a row of length 1 for each candidate, or of zeros
    for one that is known to be like none. What other sources name comes by falling score, and
    without `vectors` so does the model's. Ties go to whom the source named first.

    Products beyond their category's share fill the end when nothing else is left, in the order
    given, so that spreading never shortens a list.
    """
    if not candidates:
        return []
    product_ids, scores, sources, *_ = zip(*candidates, strict=True)
    source_numbers, steps = _numbered(sources)
    _, categories = _numbered([facts[product_id].category for product_id in product_ids])
    chosen = _spread(
        relevance * np.array(scores) - SOURCE_STEP * steps,
        categories,
        steps == source_numbers.get(Source.MODEL, -1),
        np.empty((len(candidates), 0), dtype=np.float32) if vectors is None else vectors,
        count,
        most_per_category,
        1 - relevance,
    ).tolist()
    beyond = sorted(set(range(len(candidates))) - set(chosen)) if len(chosen) < count else []
    return [candidates[place] for place in (chosen + beyond)[:count]]


def _numbered(names: Sequence[str]) -> tuple[dict[str, int], NDArray[np.int64]]:
    """Return a number for each of the names, in the order of their first places, and all as such.

    Sources are names, too.
    """
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return numbers, np.array(list(map(numbers.__getitem__, names)))


def warm() -> None:
    """Compile what every list runs, or read it from the disk; less than a second, once."""
    only = Candidate(0, 1.0, Source.MODEL, Reason(ReasonCode.POPULAR))
    facts = {0: ProductFilterFields("", is_active=True, in_stock=True, is_repeatable=False)}
    rerank_mmr([only], facts, None, count=1, most_per_category=1, relevance=1.0)


@njit(cache=True)
def _spread(
    worth: NDArray[np.float64],
    categories: NDArray[np.int64],
    by_model: NDArray[np.bool_],
    vectors: FloatArray,
    count: int,
    most_per_category: int,
    unlikeness: float,
) -> NDArray[np.int64]:
    """Return the places chosen, in turn: the most worth less `unlikeness` × the closest chosen."""
    closest = np.zeros(len(worth))
    taken = np.zeros(len(worth), dtype=np.int64)
    chosen = np.empty(min(count, len(worth)), dtype=np.int64)
    for turn in range(len(chosen)):
        best = -1
        for place in range(len(worth)):
            is_free = not np.isneginf(worth[place]) and taken[categories[place]] < most_per_category
            if is_free and (
                best < 0
                or worth[place] - unlikeness * closest[place]
                > worth[best] - unlikeness * closest[best]
            ):
                best = place
        if best < 0:
            return chosen[:turn]
        chosen[turn] = best
        worth[best] = -np.inf
        taken[categories[best]] += 1
        if by_model[best]:
            for place in range(len(worth)):
                if by_model[place]:
                    likeness = 0.0
                    for factor in range(vectors.shape[1]):
                        likeness += vectors[place, factor] * vectors[best, factor]
                    closest[place] = max(closest[place], likeness)
    return chosen
