"""The merchandising rules of staff: which products stand first, higher, lower or nowhere."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from recommendations.category_paths import split_path
from recommendations.choices import Source
from recommendations.engine.candidates import Candidate, ProductFilterFields, Reason
from recommendations.reasons import ReasonCode

NO_MEMBERS: Mapping[int, Collection[str]] = MappingProxyType({})

Target = int | tuple[str, str]
"""A product's id, or ("category", a path), or ("brand", its name)."""


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


def get_categories(rules: Rules) -> set[str]:
    """Return the paths of the categories that rules hide, boost or bury."""
    targets = {*rules.hidden, *rules.boosts}
    return {one[1] for one in targets if isinstance(one, tuple) and one[0] == "category"}


def get_pins(rules: Rules) -> list[Candidate]:
    """Return the pinned products as candidates. Filters apply to them as to all others."""
    reason = Reason(ReasonCode.PINNED)
    return [Candidate(product_id, 1.0, Source.PINNED, reason) for product_id in rules.pinned]


def apply_rules(
    candidates: Sequence[Candidate],
    products: Mapping[int, ProductFilterFields],
    rules: Rules,
    members: Mapping[int, Collection[str]] = NO_MEMBERS,
) -> list[Candidate]:
    """Drop the hidden candidates and change the scores of the boosted and the buried ones.

    Each boost halves the distance of the score to 1; each bury halves the score. The boosts of a
    product, its categories and its brand add up. The parts of a score change in proportion to it.
    Pinned products keep their score. A product's categories are all levels of its main one, and
    those in `members`, by product id.
    """
    kept = []
    for candidate in candidates:
        targets = _list_targets(candidate.product_id, products, members)
        if rules.hidden.isdisjoint(targets):
            boost = sum([rules.boosts.get(target, 0) for target in targets])
            is_moved = boost and candidate.source is not Source.PINNED
            kept.append(_boost(candidate, boost) if is_moved else candidate)
    return kept


def boost_scores(
    scores: Mapping[int, float],
    products: Mapping[int, ProductFilterFields],
    rules: Rules,
    members: Mapping[int, Collection[str]] = NO_MEMBERS,
) -> dict[int, float]:
    """Return the scores of products as the boosts and buries of `apply_rules` change them."""
    return {
        product_id: boost_score(
            score,
            sum(
                rules.boosts.get(target, 0)
                for target in _list_targets(product_id, products, members)
            ),
        )
        for product_id, score in scores.items()
    }


def boost_score(score: float, boost: int) -> float:
    """Return a score in [0, 1] after this many boosts, or buries if negative."""
    return 1 - (1 - score) * 0.5**boost if boost > 0 else score * 0.5**-boost


def _list_targets(
    product_id: int,
    products: Mapping[int, ProductFilterFields],
    members: Mapping[int, Collection[str]],
) -> list[Target]:
    product = products[product_id]
    categories = {*split_path(product.category), *members.get(product_id, ())}
    return [product_id, ("brand", product.brand), *(("category", path) for path in categories)]


def _boost(candidate: Candidate, boost: int) -> Candidate:
    before = candidate.score
    score = boost_score(before, boost)
    change = score / before if before > 0 else 1.0
    return candidate._replace(
        score=score, cf_score=candidate.cf_score * change, mf_score=candidate.mf_score * change
    )
