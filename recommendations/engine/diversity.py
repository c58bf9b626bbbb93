"""Which candidates make the list: good ones that differ, no category beyond its share."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from recommendations.choices import Source
from recommendations.engine.pipeline import Candidate, ProductFacts
from recommendations.ml.interactions import FloatArray

SOURCE_STEP = 10.0
"""More than any two candidates' worth can differ by, so that sources keep their order."""


def diversified(
    candidates: Sequence[Candidate],
    facts: Mapping[int, ProductFacts],
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
    steps: dict[Source, int] = {}
    numbers: dict[str, int] = {}
    worth = np.empty(len(candidates))
    categories = np.empty(len(candidates), dtype=np.int64)
    by_model = np.empty(len(candidates), dtype=bool)
    for place, candidate in enumerate(candidates):
        step = steps.setdefault(candidate.source, len(steps))
        worth[place] = relevance * candidate.score - SOURCE_STEP * step
        category = facts[candidate.product_id].category
        categories[place] = numbers.setdefault(category, len(numbers))
        by_model[place] = candidate.source is Source.MODEL
    closest = np.zeros(len(candidates))
    taken: Counter[int] = Counter()
    chosen: list[int] = []
    while len(chosen) < min(count, len(candidates)):
        best = int(np.argmax(worth - (1 - relevance) * closest))
        if worth[best] == -np.inf:
            break
        chosen.append(best)
        worth[best] = -np.inf
        taken[categories[best]] += 1
        if taken[categories[best]] == most_per_category:
            worth[categories == categories[best]] = -np.inf
        if vectors is not None and by_model[best]:
            np.maximum(closest, vectors @ vectors[best], out=closest, where=by_model)
    beyond = sorted(set(range(len(candidates))) - set(chosen))
    return [candidates[place] for place in (chosen + beyond)[:count]]
