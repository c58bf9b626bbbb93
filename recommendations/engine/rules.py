"""The merchandising rules of staff: which products stand first, higher, lower or nowhere."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from recommendations.category_paths import split_path
from recommendations.choices import RuleAction, Source
from recommendations.engine.candidates import Candidate, ProductFilterFields, Reason
from recommendations.engine.conditions.evaluation import ProductColumns, evaluate
from recommendations.engine.conditions.parsing import Condition, Not, Test, list_tests
from recommendations.engine.conditions.resolving import Situation, depends_on_situation, resolve
from recommendations.engine.fatigue import Rest
from recommendations.engine.reserved_places import Reservation
from recommendations.reasons import ReasonCode

NO_MEMBERS: Mapping[int, Collection[str]] = MappingProxyType({})

Target = int | tuple[str, str]
"""A product's id, or ("category", a path), or ("brand", its name)."""

Conditioned = TypeVar("Conditioned", "ConditionalRule", "ConditionalPin", Reservation, Rest)


@dataclass(frozen=True, slots=True)
class ConditionalRule:
    """What happens to the products for which a condition holds; it hides, boosts or buries."""

    action: RuleAction
    condition: Condition


@dataclass(frozen=True, slots=True)
class ConditionalPin:
    """A product that stands first where a condition holds, for it and for the shopper."""

    product_id: int
    condition: Condition


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that hold at one placement.

    `pinned` has product ids in the order of the list. `boosts` has for each target the number of
    boosts minus the number of buries, without zeros. `hidden` and `boosts` have the rules that
    name one product, category or brand, `conditional` all others. If a pin has a condition, `pins`
    has all pins in their order, and `choose_pins` makes `pinned` of it. Of the rules that reserve
    places, and of those that let products rest, a list follows the first that holds.
    """

    pinned: tuple[int, ...] = ()
    hidden: frozenset[Target] = frozenset()
    boosts: Mapping[Target, int] = field(default_factory=dict)
    conditional: tuple[ConditionalRule, ...] = ()
    pins: tuple[ConditionalPin, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    rests: tuple[Rest, ...] = ()

    @property
    def ask_situation(self) -> bool:
        """Whether `decide_for` may change the rules."""
        return bool(self.conditional or self.pins or self.reservations or self.rests)

    @property
    def change_candidates(self) -> bool:
        """Whether `apply_rules` would look at candidates at all."""
        return bool(self.hidden or self.boosts or self.conditional)


NO_RULES = Rules()


def decide_for(rules: Rules, situation: Situation) -> Rules:
    """Return the rules with all decided that does not depend on the products.

    What is left of conditions has only tests of products; rules that hold for none are left out.
    """
    return replace(
        rules,
        conditional=_decide_each(rules.conditional, situation),
        pins=_decide_each(rules.pins, situation),
        reservations=_decide_each(rules.reservations, situation)[:1],
        rests=_decide_each(rules.rests, situation)[:1],
    )


def choose_pins(rules: Rules, columns: ProductColumns) -> Rules:
    """Return the decided rules with the pins whose conditions hold as `pinned`, in their order.

    `columns` has the products of the pins; a pin of another product does not hold.
    """
    places = {product_id: place for place, product_id in enumerate(columns.product)}
    held = [
        pin.product_id
        for pin in rules.pins
        if pin.product_id in places and evaluate(pin.condition, columns)[places[pin.product_id]]
    ]
    return replace(rules, pinned=tuple(dict.fromkeys(held)), pins=())


def add_request(rules: Rules, *, wanted: Condition | None, boosted: Condition | None) -> Rules:
    """Return the rules with those of one request: only what it wants, and what it boosts.

    A request's boost counts as much as one of staff.
    """
    added = []
    if wanted is not None:
        added.append(ConditionalRule(RuleAction.HIDE, Not(wanted)))
    if boosted is not None:
        added.append(ConditionalRule(RuleAction.BOOST, boosted))
    return replace(rules, conditional=(*rules.conditional, *added))


def keep_hiding(rules: Rules) -> Rules:
    """Return only the rules that hide."""
    hiding = [rule for rule in rules.conditional if rule.action is RuleAction.HIDE]
    return Rules(hidden=rules.hidden, conditional=tuple(hiding))


def keep_general(rules: Rules) -> Rules:
    """Return the rules that say the same for every shopper, on every page."""
    general = [
        rule
        for rule in rules.conditional
        if not any(map(depends_on_situation, list_tests(rule.condition)))
    ]
    return replace(rules, conditional=tuple(general), pins=())


def list_rule_tests(rules: Rules) -> list[Test]:
    """Return the tests of the conditions that hide, boost, bury or pin."""
    conditions = [rule.condition for rule in rules.conditional]
    conditions += [pin.condition for pin in rules.pins]
    return [test for condition in conditions for test in list_tests(condition)]


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
    columns: ProductColumns | None = None,
) -> list[Candidate]:
    """Drop the hidden candidates and change the scores of the boosted and the buried ones.

    Each boost halves the distance of the score to 1; each bury halves the score. The boosts of a
    product, its categories and its brand add up. The parts of a score change in proportion to it.
    Pinned products keep their score. A product's categories are all levels of its main one, and
    those in `members`, by product id. `columns` has the candidates in their order; rules with
    conditions, which must be decided, hold only if it is given.
    """
    hides, boosts = _apply_conditions(rules, columns, len(candidates))
    names_targets = bool(rules.hidden or rules.boosts)
    kept = []
    for place, candidate in enumerate(candidates):
        if hides[place]:
            continue
        targets = _list_targets(candidate.product_id, products, members) if names_targets else ()
        if rules.hidden.isdisjoint(targets):
            boost = sum([rules.boosts.get(target, 0) for target in targets]) + boosts[place]
            is_moved = boost and candidate.source is not Source.PINNED
            kept.append(_boost(candidate, boost) if is_moved else candidate)
    return kept


def boost_scores(
    scores: Mapping[int, float],
    products: Mapping[int, ProductFilterFields],
    rules: Rules,
    members: Mapping[int, Collection[str]] = NO_MEMBERS,
    columns: ProductColumns | None = None,
) -> dict[int, float]:
    """Return the scores of products as the boosts and buries of `apply_rules` change them."""
    _, boosts = _apply_conditions(rules, columns, len(scores))
    return {
        product_id: boost_score(
            score,
            sum(
                rules.boosts.get(target, 0)
                for target in _list_targets(product_id, products, members)
            )
            + boosts[place],
        )
        for place, (product_id, score) in enumerate(scores.items())
    }


def boost_score(score: float, boost: int) -> float:
    """Return a score in [0, 1] after this many boosts, or buries if negative."""
    return 1 - (1 - score) * 0.5**boost if boost > 0 else score * 0.5**-boost


def _decide_each(rules: Iterable[Conditioned], situation: Situation) -> tuple[Conditioned, ...]:
    """Return the rules that may still hold, with what is left of their conditions."""
    return tuple(
        replace(rule, condition=left)
        for rule in rules
        if (left := resolve(rule.condition, situation)) is not False
    )


def _apply_conditions(
    rules: Rules, columns: ProductColumns | None, count: int
) -> tuple[Sequence[bool], Sequence[int]]:
    """Return for each product whether a condition hides it, and its boosts minus its buries."""
    if not rules.conditional or columns is None:
        return [False] * count, [0] * count
    hides = np.zeros(count, dtype=bool)
    boosts = np.zeros(count, dtype=np.int64)
    for rule in rules.conditional:
        holds = evaluate(rule.condition, columns)
        if rule.action is RuleAction.HIDE:
            hides |= holds
        else:
            boosts += rule.action.boost * holds
    return hides.tolist(), boosts.tolist()


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
