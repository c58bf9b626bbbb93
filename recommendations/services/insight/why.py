"""Why a product is in a list: the parts of its score, and what moved it to its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from recommendations.choices import InteractionType, Source
from recommendations.engine.candidates import Candidate
from recommendations.engine.result import RankedProduct
from recommendations.engine.trace import ListTrace
from recommendations.ml.blended import Breakdown, FoldedHistory
from recommendations.ml.data import INTERACTION_TYPES, History
from recommendations.services.insight.explain import TracedList, TracedPage
from recommendations.services.lists.sources import ModelSource
from recommendations.services.training.live_model import Snapshot

BY_MODEL = frozenset({Source.MODEL, Source.EXPLORED})
"""The sources whose scores are those of the model."""


@dataclass(frozen=True, slots=True)
class MemberPart:
    """What a member of the ensemble added to a score.

    `own_score` is on the member's own scale, None without an opinion; `part` is on that of the
    blend, and the parts of all members add up to the score of the model.
    """

    name: str
    weight: float
    own_score: float | None
    part: float


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """What an interaction of the history added to a score."""

    product_id: int
    interaction_type: InteractionType
    part: float


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """Where the score of the model comes from, twice: by member, and by history entry.

    The parts of `members` add up to `score`; so do those of `history` and `rest`, which no entry
    of the history makes: what a product has with everybody.
    """

    score: float
    members: tuple[MemberPart, ...]
    history: tuple[HistoryPart, ...]
    rest: float


@dataclass(frozen=True, slots=True)
class Step:
    """The score of a product and its place after a step of the pipeline; 1 is the first place."""

    score: float
    place: int


@dataclass(frozen=True, slots=True)
class Why:
    """Why a product stands where it stands.

    `named` is how its source named it, among all candidates that passed the filters; `ruled` is
    after the rules of staff, `weighed` after the demotion of what was seen, and `place` at last,
    after MMR and the caps. A step is None where the pipeline did not take it.
    """

    entry: RankedProduct
    place: int
    named: Step | None
    ruled: Step | None
    weighed: Step | None
    parts: ScoreParts | None
    """None unless the model named the product."""
    times_passed_over: int = 0
    """How often the subject saw it without an interaction, where a rule lets it rest."""


def explain_entries(page: TracedPage, traced: TracedList) -> list[Why]:
    """Explain every product of a list, in its order."""
    if traced.found is None:
        return []
    trace = traced.trace
    named, ruled = _rank(trace.named.values()), _rank(trace.ruled.values())
    weighed = _rank(trace.weighed)
    parts = _divide_scores(page, trace, traced.found.entries)
    return [
        Why(
            entry=entry,
            place=place,
            named=named.get(entry.product_id),
            ruled=ruled.get(entry.product_id),
            weighed=weighed.get(entry.product_id),
            parts=parts.get(entry.product_id),
            times_passed_over=trace.passed_over.get(entry.product_id, 0),
        )
        for place, entry in enumerate(traced.found.entries, start=1)
    ]


def find_model_history(page: TracedPage, trace: ListTrace) -> ModelSource | None:
    """Return what the model was asked for this list: a history, and what it made of it."""
    for asked in trace.asked:
        if isinstance(asked.source, ModelSource) and asked.source.folded is not None:
            return asked.source
    return None


def _rank(candidates: Iterable[Candidate]) -> dict[int, Step]:
    """Return the place of each candidate by source and score."""
    listed = list(candidates)
    order = {source: n for n, source in enumerate(dict.fromkeys(one.source for one in listed))}
    # Stable: equal scores keep the order of their source.
    ranked = sorted(listed, key=lambda one: (order[one.source], -one.score))
    return {one.product_id: Step(one.score, place) for place, one in enumerate(ranked, start=1)}


def _divide_scores(
    page: TracedPage, trace: ListTrace, entries: Sequence[RankedProduct]
) -> dict[int, ScoreParts]:
    by_model = [entry.product_id for entry in entries if entry.source in BY_MODEL]
    if not by_model or page.context.model is None:
        return {}
    source = find_model_history(page, trace)
    if source is not None and source.folded is not None:
        types = source.interaction_types or [
            INTERACTION_TYPES[number] for number in source.history.interaction_types
        ]
        return _divide(source.model, source.folded, by_model, types)
    # What others chose who chose one product: the history is that product alone.
    divided: dict[int, ScoreParts] = {}
    for product_id in {
        entry.reason.product_id for entry in entries if entry.product_id in by_model
    }:
        if product_id is not None:
            row = page.context.model.ensemble.catalogue.find_rows([product_id])
            folded = page.context.model.ensemble.fold_in(History.from_items(row))
            divided |= _divide(page.context.model, folded, by_model, [InteractionType.VIEW])
    return divided


def _divide(
    model: Snapshot,
    folded: FoldedHistory,
    product_ids: Sequence[int],
    types: Sequence[InteractionType],
) -> dict[int, ScoreParts]:
    ensemble = model.ensemble
    broken_down = ensemble.break_down(folded, ensemble.catalogue.find_rows(product_ids))
    history_ids = ensemble.catalogue.item_ids[folded.history.items].tolist()
    names = [*ensemble.active_members]
    weights = ensemble.active_weights.tolist()
    return {
        product_id: _build_parts(broken_down, column, names, weights, history_ids, types)
        for column, product_id in enumerate(product_ids)
    }


def _build_parts(
    broken_down: Breakdown,
    column: int,
    names: Sequence[str],
    weights: Sequence[float],
    history_ids: Sequence[int],
    types: Sequence[InteractionType],
) -> ScoreParts:
    own = broken_down.scores[:, column].tolist()
    parts = broken_down.parts[:, column].tolist()
    of_history = broken_down.contributions[column].tolist()
    members = [
        MemberPart(name, weight, None if np.isnan(score) else score, part)
        for name, weight, score, part in zip(names, weights, own, parts, strict=True)
    ]
    entries = [
        HistoryPart(product_id, kind, part)
        for product_id, kind, part in zip(history_ids, types, of_history, strict=True)
    ]
    return ScoreParts(
        score=sum(parts),
        members=tuple(members),
        history=tuple(sorted(entries, key=lambda one: -abs(one.part))),
        rest=sum(parts) - sum(of_history),
    )
