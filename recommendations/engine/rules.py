"""What staff decided about lists: which products stand first, higher, lower or nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recommendations.choices import Source
from recommendations.engine.pipeline import Candidate, ProductFilterFields
from recommendations.engine.result import Reason, ReasonCode

Target = int | tuple[str, str]
"""A product's id, or ("category", its name), or ("brand", its name)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The decisions that hold at one place.

    `pinned` are product ids in the order in which they are to stand; `boosts` say how many boosts
    less buries a target has, none of them 0.
    """

    pinned: tuple[int, ...] = ()
    hidden: frozenset[Target] = frozenset()
    boosts: Mapping[Target, int] = field(default_factory=dict)


NO_RULES = Rules()


def pinned_candidates(rules: Rules) -> list[Candidate]:
    """Return what staff pinned; filters decide whether it may be shown, as about all others."""
    reason = Reason(ReasonCode.PINNED)
    return [Candidate(product_id, 1.0, Source.PINNED, reason) for product_id in rules.pinned]


def apply_rules(
    candidates: Sequence[Candidate], facts: Mapping[int, ProductFilterFields], rules: Rules
) -> list[Candidate]:
    """Leave out what is hidden, and move the scores of what is boosted or buried.

    Each boost halves what a score lacks to 1, each bury halves the score; what a product, its
    category and its brand got adds up. The parts of a score change as it does. What is pinned
    keeps its place.
    """
    if not rules.hidden and not rules.boosts:
        return list(candidates)
    kept = []
    for candidate in candidates:
        targets = _targets(candidate.product_id, facts[candidate.product_id])
        if rules.hidden.isdisjoint(targets):
            boost = sum([rules.boosts.get(target, 0) for target in targets])
            is_moved = boost and candidate.source is not Source.PINNED
            kept.append(_lifted(candidate, boost) if is_moved else candidate)
    return kept


def _targets(product_id: int, facts: ProductFilterFields) -> tuple[Target, ...]:
    return product_id, ("category", facts.category), ("brand", facts.brand)


def _lifted(candidate: Candidate, boost: int) -> Candidate:
    before = candidate.score
    score = 1 - (1 - before) * 0.5**boost if boost > 0 else before * 0.5**-boost
    change = score / before if before > 0 else 1.0
    return candidate._replace(
        score=score, cf_score=candidate.cf_score * change, mf_score=candidate.mf_score * change
    )
