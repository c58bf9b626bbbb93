"""The merchandising rules that staff published, by placement, cached for ten seconds."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from recommendations.choices import Placement, RuleAction
from recommendations.engine.conditions.fields import Op
from recommendations.engine.conditions.parsing import All, Condition, Test, parse_condition
from recommendations.engine.fatigue import Rest
from recommendations.engine.placement_policies import DIVERSE, PLACEMENT_POLICIES
from recommendations.engine.reserved_places import Reservation
from recommendations.engine.rules import (
    NO_RULES,
    ConditionalPin,
    ConditionalRule,
    Rules,
    Target,
)
from recommendations.errors import InvalidInputError
from recommendations.models import RuleVersion
from recommendations.models.merchandising import LARGEST_LOSS_PERCENT, SMALLEST_ONE_IN
from recommendations.services.infra.computed_values import get_or_compute
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.infra.layered_cache import build_cache_key, delete_cached, get_decoded

logger = logging.getLogger(__name__)

KEY = build_cache_key("rules")
CACHE_SECONDS = 10
"""How late a rule may start or end, and how late other processes may see a change."""
CONDITION_SECONDS = 60
"""How long a cached list may be served while rules ask for what changes without a rule: prices,
stock, age."""

OF_LISTS = frozenset({RuleAction.PIN, RuleAction.RESERVE, RuleAction.REST})
"""Actions that change no score of a product by itself, but a list as a whole."""

RuleRow = dict[str, Any]
"""A rule as a version of the rules has it; see `rule_versions.write_rule`."""

_NUMBERS = ("one_in", "days", "times", "percent")
_COLUMNS = ("id", "placement", "action", "product", "condition", *_NUMBERS)


@dataclass(frozen=True, slots=True)
class CurrentRules:
    """The current rules of each placement; `version` changes with the rules."""

    by_placement: dict[Placement, Rules]
    version: str

    @property
    def have_conditions(self) -> bool:
        """Whether a rule asks for more than a product, a category or a brand."""
        return any(
            rules.conditional
            or rules.pins
            or any(rule.condition is not True for rule in rules.reservations)
            or any(rule.condition is not True for rule in rules.rests)
            for rules in self.by_placement.values()
        )

    @property
    def list_version(self) -> str:
        """What a cached list is compared with: the version, and the time if it matters."""
        return f"{self.version}{get_condition_step() if self.have_conditions else ''}"


def get_condition_step() -> str:
    """Return a text that changes every `CONDITION_SECONDS`."""
    return f", {int(timezone.now().timestamp() // CONDITION_SECONDS)}"


NO_CURRENT_RULES = CurrentRules(dict.fromkeys(Placement, NO_RULES), "no rules")


def get_current_rules() -> CurrentRules:
    """Return the current rules; no rules if they cannot be read."""
    rules = get_decoded(KEY, _decode)
    if rules is not None:
        return rules
    with ignore_database_errors("rules"):
        rows = get_or_compute(KEY, _fetch, is_valid=_is_valid, seconds=CACHE_SECONDS)
        rules = _decode(rows)
    return rules or NO_CURRENT_RULES


def compile_separately() -> dict[int, CurrentRules]:
    """Return each of the current rules alone, by its id, to tell what it does by itself."""
    alone = {row[0]: _decode([row]) for row in _fetch()}
    return {rule_id: rules for rule_id, rules in alone.items() if rules is not None}


def clear_rules_cache() -> None:
    """Drop the cached rules after the commit; other processes see the change later."""
    transaction.on_commit(forget_rules)


def forget_rules() -> None:
    """Drop the cached rules: somebody has published others."""
    delete_cached([KEY])


def compile_rules(rows: Sequence[RuleRow], *, now: datetime | None = None) -> CurrentRules:
    """Return the rules of these rows as lists follow them at a time, by default now."""
    return _decode(_select(rows, now or timezone.now())) or NO_CURRENT_RULES


def is_due(row: RuleRow, now: datetime) -> bool:
    """Return whether a rule has started and has not ended."""
    starts_at, ends_at = (
        parse_datetime(row[name]) if row[name] else None for name in ("starts_at", "ends_at")
    )
    return (starts_at is None or starts_at <= now) and (ends_at is None or ends_at > now)


class _Rule(NamedTuple):
    action: RuleAction
    product_id: int | None
    condition: Condition
    placement: Placement | None
    """None: at every placement."""
    one_in: int | None
    days: int | None
    times: int | None
    percent: int | None

    def applies_at(self, placement: Placement) -> bool:
        """Return whether the rule applies at this placement."""
        if self.placement is not None:
            return self.placement is placement
        # A pin without a placement does not apply where lists promise relevance alone.
        return self.action is not RuleAction.PIN or PLACEMENT_POLICIES[placement] is DIVERSE

    @property
    def target(self) -> Target | None:
        """The one product, category or brand of the rule; None if it asks for more."""
        if self.product_id is not None:
            return self.product_id if self.condition is True else None
        match self.condition:
            case Test("category" | "brand" as field, Op.IN, (name,)):
                return (field, str(name))
            case Test("product", Op.IN, (product_id,)):
                return int(product_id)
        return None

    @property
    def whole_condition(self) -> Condition:
        """The condition, with the product among its tests."""
        if self.product_id is None:
            return self.condition
        product = Test("product", Op.IN, (self.product_id,))
        return product if self.condition is True else All((product, self.condition))


def _fetch() -> list[tuple[Any, ...]]:
    """Return the `_COLUMNS` of all rules in force, in the order that staff set."""
    rows = RuleVersion.objects.order_by("-pk").values_list("rules", flat=True).first()
    return _select(rows or [], timezone.now())


def _select(rows: Sequence[RuleRow], now: datetime) -> list[tuple[Any, ...]]:
    return [
        # Versions from before rules had numbers have none.
        tuple(row.get(name) for name in _COLUMNS)
        for row in rows
        if row["is_active"] and is_due(row, now)
    ]


def _is_valid(stored: Any) -> bool:
    return isinstance(stored, list) and all(
        isinstance(row, (list, tuple)) and len(row) == len(_COLUMNS) for row in stored
    )


def _decode(stored: Any) -> CurrentRules | None:
    """Return the rules in a cached value, None if another release wrote the value."""
    if not _is_valid(stored):
        return None
    parsed = [rule for rule in map(_parse, stored) if rule is not None]
    return CurrentRules(
        {
            placement: _combine([rule for rule in parsed if rule.applies_at(placement)])
            for placement in Placement
        },
        version=build_cache_key("rules", stored),
    )


def _parse(row: Sequence[Any]) -> _Rule | None:
    """Return the rule of a row; None, with an error in the log, if the row is invalid."""
    rule_id, placement, action, product_id, condition, *numbers = row
    try:
        return _Rule(
            RuleAction(action),
            product_id,
            True if condition is None else parse_condition(condition),
            Placement(placement) if placement else None,
            *numbers,
        )
    except (ValueError, InvalidInputError) as problem:
        logger.error("Merchandising rule %s is off because it is invalid: %s", rule_id, problem)
        return None


def _combine(rules: Sequence[_Rule]) -> Rules:
    boosts: Counter[Target] = Counter()
    hidden: set[Target] = set()
    conditional = []
    for rule in rules:
        if rule.action in OF_LISTS:
            continue
        target = rule.target
        if target is None:
            conditional.append(ConditionalRule(rule.action, rule.whole_condition))
        elif rule.action is RuleAction.HIDE:
            hidden.add(target)
        else:
            boosts[target] += rule.action.boost
    pins = [
        ConditionalPin(rule.product_id, rule.condition)
        for rule in rules
        if rule.action is RuleAction.PIN and rule.product_id is not None
    ]
    always = [pin.product_id for pin in pins if pin.condition is True]
    return Rules(
        pinned=tuple(dict.fromkeys(always)),
        hidden=frozenset(hidden),
        boosts={target: boost for target, boost in boosts.items() if boost},
        conditional=tuple(conditional),
        pins=tuple(pins) if len(always) < len(pins) else (),
        reservations=tuple(_reserve(rule) for rule in rules if rule.action is RuleAction.RESERVE),
        rests=tuple(_rest(rule) for rule in rules if rule.action is RuleAction.REST),
    )


def _reserve(rule: _Rule) -> Reservation:
    return Reservation(
        one_in=max(rule.one_in or 0, SMALLEST_ONE_IN),
        within_days=rule.days or 0,
        fewer_than=rule.times or 0,
        condition=rule.condition,
    )


def _rest(rule: _Rule) -> Rest:
    return Rest(
        within_days=rule.days or 0,
        times=rule.times or 1,
        largest_loss=min(rule.percent or 0, LARGEST_LOSS_PERCENT) / 100,
        condition=rule.condition,
    )
