"""The merchandising rules of staff: which products stand first, higher, lower or nowhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, ProductFilterFields, Reason
from recommendations.reasons import ReasonCode

Target = int | tuple[str, str]
"""A product's id, or ("category", its name), or ("brand", its name)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that hold at one placement.

    `pinned` has product ids in the order of the list. `boosts` has for each target the number of
    boosts minus the number of buries, without zeros.
    """

    pinned: tuple[int, ...] = ()
    hidden: frozenset[Target] = frozenset()
    boosts: Mapping[Target, int] = field(default_factory=dict)


NO_RULES = Rules()


def get_pins(rules: Rules) -> list[Candidate]:
    """Return the pinned products as candidates. Filters apply to them as to all others."""
    reason = Reason(ReasonCode.PINNED)
    return [Candidate(product_id, 1.0, Source.PINNED, reason) for product_id in rules.pinned]


def apply_rules(
    candidates: Sequence[Candidate], products: Mapping[int, ProductFilterFields], rules: Rules
) -> list[Candidate]:
    """Drop the hidden candidates and change the scores of the boosted and the buried ones.

    Each boost halves the distance of the score to 1; each bury halves the score. The boosts of a
    product, its category and its brand add up. The parts of a score change in proportion to it.
    Pinned products keep their score.
    """
    kept = []
    for candidate in candidates:
        product = products[candidate.product_id]
        targets = (
            candidate.product_id,
            ("category", product.category),
            ("brand", product.brand),
        )
        if rules.hidden.isdisjoint(targets):
            boost = sum([rules.boosts.get(target, 0) for target in targets])
            is_moved = boost and candidate.source is not Source.PINNED
            kept.append(_boost(candidate, boost) if is_moved else candidate)
    return kept


def _boost(candidate: Candidate, boost: int) -> Candidate:
    before = candidate.score
    score = 1 - (1 - before) * 0.5**boost if boost > 0 else before * 0.5**-boost
    change = score / before if before > 0 else 1.0
    return candidate._replace(
        score=score, cf_score=candidate.cf_score * change, mf_score=candidate.mf_score * change
    )
