"""Why a product is not in a list: the stage at which it left, and what would bring it in."""

from dataclasses import dataclass

import numpy as np

from recommendations.choices import RuleAction, Source
from recommendations.engine.candidates import Candidate, Reason
from recommendations.engine.mmr import find_departments
from recommendations.engine.rules import boost_score
from recommendations.engine.trace import BARS, Bar, ListTrace, Stage, Turns
from recommendations.reasons import ReasonCode
from recommendations.services.insight.explain import TracedList, TracedPage
from recommendations.services.insight.why import find_model_history
from recommendations.services.lists.filtering import filter_and_apply_rules

MOST_BOOSTS = 5
"""More boosts than this are no advice."""
SEARCH_STEPS = 20
"""The score that would do is found to a millionth."""

ABSOLUTE = frozenset(
    {
        Stage.NOT_IN_CATALOGUE,
        Stage.INACTIVE,
        Stage.SOLD_OUT,
        Stage.IN_CART,
        Stage.DISMISSED,
        Stage.BOUGHT,
        Stage.HIDDEN,
    }
)
"""Stages that drop a product from every list, whoever names it."""


@dataclass(frozen=True, slots=True)
class ModelStanding:
    """Where the model has a product for this history.

    `score` and `rank` are None if it has no opinion or does not know the product. Sources get the
    model's candidates down to `MIN_SCORE`, and at most `limit` of them.
    """

    is_known: bool
    score: float | None
    rank: int | None
    of: int
    limit: int


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The stage at which a product left a list, and the numbers that decided.

    What does not belong to the stage is None or empty.
    """

    product_id: int
    stage: Stage
    source: Source | None = None
    """Who named it."""
    rank: int | None = None
    """Its place in the answer of the source, from 1."""
    looked_at: int | None = None
    """How many candidates of the source the list looked at."""
    score: float | None = None
    """Its score when the list was chosen."""
    needed_score: float | None = None
    """The score that would have brought it in, other things equal; None if no score would."""
    boosts: int | None = None
    """How many boosts by rules would have been enough; None if none or too many."""
    group: str = ""
    """The category or department that was full."""
    cap: int | None = None
    """How many products of the group the list takes."""
    like: tuple[int, float] | None = None
    """The chosen product that it is most like, and the cosine."""
    shown_in: str = ""
    """The list above that shows it; empty if the page is about the product."""
    standing: ModelStanding | None = None


def explain_absence(page: TracedPage, traced: TracedList, product_id: int) -> WhyNot | None:
    """Return why a product is not in a list, None if it is.

    What keeps a product from every list is told first, though no source may have named it.
    """
    trace = traced.trace
    if product_id in traced.product_ids:
        return None
    if product_id in trace.excluded:
        shown_in = next(
            (one.name for one in page.lists.values() if product_id in one.product_ids), ""
        )
        return WhyNot(product_id, Stage.SHOWN_ELSEWHERE, shown_in=shown_in)
    dropped = trace.dropped.get(product_id)
    if dropped is Stage.WITHOUT_REASON:
        return WhyNot(product_id, dropped)
    obstacle = dropped or _try_filters(page, trace, product_id)
    if obstacle is not None:
        return WhyNot(product_id, obstacle)
    if any(one.product_id == product_id for one in trace.weighed):
        return _explain_choice(page, trace, product_id)
    return _find_in_answers(page, trace, product_id) or WhyNot(
        product_id, Stage.NOT_NAMED, standing=find_standing(page, trace, product_id)
    )


def find_standing(page: TracedPage, trace: ListTrace, product_id: int) -> ModelStanding | None:
    """Return where the model has a product for the history; None if it was not asked."""
    source = find_model_history(page, trace)
    if source is None or source.folded is None:
        return None
    ensemble = source.model.ensemble
    limit = max(asked.limit for asked in trace.asked if asked.source is source)
    row = ensemble.catalogue.find_rows([product_id])
    ranking = ensemble.recommend(source.history, len(ensemble.catalogue), with_history=True)
    place = np.flatnonzero(ranking.items == row[0]) if row[0] >= 0 else np.empty(0)
    if not len(place):
        return ModelStanding(bool(row[0] >= 0), None, None, len(ranking.items), limit)
    index = int(place[0])
    return ModelStanding(True, float(ranking.scores[index]), index + 1, len(ranking.items), limit)


def _try_filters(page: TracedPage, trace: ListTrace, product_id: int) -> Stage | None:
    """Return why filters and rules would drop the product, had somebody named it."""
    if product_id in trace.named and product_id in trace.ruled:
        return None
    context = page.context
    probe = ListTrace()
    candidate = Candidate(product_id, 1.0, Source.NEWEST, Reason(ReasonCode.NEW))
    kept, context.traces = context.traces, [probe]
    try:
        filter_and_apply_rules([candidate], context, trace.rules)
    finally:
        context.traces = kept
    return probe.dropped.get(product_id)


def _find_in_answers(page: TracedPage, trace: ListTrace, product_id: int) -> WhyNot | None:
    """Return that a source names the product, if one does, and that the list was full before."""
    limit = max((asked.limit for asked in trace.asked), default=0)
    answers = {asked.source: asked.candidates for asked in trace.asked}
    sources = trace.sources or tuple(answers)
    for source in sources:
        is_fallback = source is sources[-1] and len(trace.sources) > 1
        if source not in answers and is_fallback:
            # It names everything that is for sale, in the order in which it came.
            continue
        candidates = answers[source] if source in answers else source(limit)
        for rank, one in enumerate(candidates, start=1):
            if one.product_id == product_id:
                looked_at = sum(
                    each.product_id in trace.named or each.product_id in trace.dropped
                    for each in candidates
                )
                return WhyNot(
                    product_id,
                    Stage.NOT_NEEDED,
                    source=one.source,
                    rank=rank,
                    looked_at=looked_at if source in answers else 0,
                    score=one.score,
                    standing=find_standing(page, trace, product_id)
                    if one.source is Source.MODEL
                    else None,
                )
    return None


def _explain_choice(page: TracedPage, trace: ListTrace, product_id: int) -> WhyNot:
    """Return why a product that was looked at to the end got no place."""
    turns = trace.turns
    if turns is None:
        # The list keeps the order of the history, and was full.
        return WhyNot(product_id, Stage.OUTRANKED)
    column = [one.product_id for one in turns.candidates].index(product_id)
    candidate = turns.candidates[column]
    stage, bar = find_choice_stage(turns, column)
    needed = _find_needed_score(trace, column)
    path = page.context.products[product_id].category
    group, cap = "", None
    if bar is Bar.CATEGORY:
        group, cap = path, trace.facts["max_per_category"]
    elif bar is Bar.DEPARTMENT:
        products = page.context.products
        paths = [products[one.product_id].category for one in turns.candidates]
        group, cap = find_departments(paths)[column], trace.facts["max_per_department"]
    return WhyNot(
        product_id,
        stage,
        source=candidate.source,
        score=candidate.score,
        needed_score=needed,
        boosts=_count_boosts(page, trace, candidate, needed),
        group=group,
        cap=cap,
        like=_find_most_alike(trace, turns, column) if stage is Stage.TOO_SIMILAR else None,
    )


def find_choice_stage(turns: Turns, column: int) -> tuple[Stage, Bar | None]:
    """Return why a candidate got no place: a cap, MMR, or the scores of others.

    A cap, if it barred the candidate from a place at which it was worth more than who got it. MMR,
    if the candidate scored higher than who got a place that was free to it. Else others scored
    higher.
    """
    for turn, chosen in enumerate(turns.chosen):
        bar = BARS[turns.bars[turn, column]]
        if bar is not None and turns.values[turn, column] > turns.values[turn, chosen]:
            return Stage.CAPPED, bar
    for turn, chosen in enumerate(turns.chosen):
        is_free = BARS[turns.bars[turn, column]] is None
        if is_free and turns.relevance[column] > turns.relevance[chosen]:
            return Stage.TOO_SIMILAR, None
    return Stage.OUTRANKED, None


def _find_needed_score(trace: ListTrace, column: int) -> float | None:
    """Return the least score with which the candidate would be in the list; None if none is."""

    def is_chosen(score: float) -> bool:
        if trace.choose is None:
            return False
        changed = list(trace.weighed)
        changed[column] = changed[column]._replace(score=score)
        product_id = changed[column].product_id
        return any(one.product_id == product_id for one in trace.choose(changed))

    low, high = trace.weighed[column].score, 1.0
    if not is_chosen(high):
        return None
    for _ in range(SEARCH_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if is_chosen(middle) else (middle, high)
    return high


def _count_boosts(
    page: TracedPage, trace: ListTrace, candidate: Candidate, needed: float | None
) -> int | None:
    """Return how many boosts would lift the score of a candidate to what is needed."""
    if needed is None or candidate.source is Source.PINNED:
        return None
    ruled = trace.ruled.get(candidate.product_id, candidate).score
    # What was seen or passed over is lowered after the rules.
    factor = candidate.score / ruled if ruled > 0 else 1.0
    for boosts in range(1, MOST_BOOSTS + 1):
        if factor * boost_score(ruled, boosts * RuleAction.BOOST.boost) >= needed:
            return boosts
    return None


def _find_most_alike(trace: ListTrace, turns: Turns, column: int) -> tuple[int, float] | None:
    """Return the chosen product that cost the candidate most, and their cosine.

    What a turn took from the candidate is (1 − lambda) × its largest cosine with those chosen
    before, so the product after whose choice it rose last before the end is the one.
    """
    weight = 1 - trace.facts["mmr_lambda"]
    losses = turns.relevance[column] - turns.values[:, column]
    if weight <= 0 or losses[-1] <= 0:
        return None
    first = int(np.argmax(losses >= losses[-1] - 1e-9))
    chosen = turns.candidates[turns.chosen[max(first - 1, 0)]]
    return chosen.product_id, float(losses[-1] / weight)
