"""The merchandising rules of staff, by placement, cached for ten seconds."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from recommendations.choices import Placement, RuleAction
from recommendations.engine.placement_policies import DIVERSE, PLACEMENT_POLICIES
from recommendations.engine.rules import NO_RULES, Rules, Target
from recommendations.models import MerchandisingRule
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.infra.layered_cache import (
    build_cache_key,
    delete_cached,
    get_decoded,
    get_or_compute,
)

logger = logging.getLogger(__name__)

KEY = build_cache_key("rules")
CACHE_SECONDS = 10
"""How late a rule may start or end, and how late other processes may see a change."""

_COLUMNS = ("id", "placement", "action", "product_id", "category", "brand")


@dataclass(frozen=True, slots=True)
class CurrentRules:
    """The current rules of each placement; `version` changes with the rules."""

    by_placement: dict[Placement, Rules]
    version: str


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
    transaction.on_commit(lambda: delete_cached([KEY]))


class _Rule(NamedTuple):
    action: RuleAction
    target: Target
    placement: Placement | None
    """None: at every placement."""

    def applies_at(self, placement: Placement) -> bool:
        """Return whether the rule applies at this placement."""
        if self.placement is not None:
            return self.placement is placement
        # A pin without a placement does not apply where lists promise relevance alone.
        return self.action is not RuleAction.PIN or PLACEMENT_POLICIES[placement] is DIVERSE


def _fetch() -> list[tuple[Any, ...]]:
    """Return the `_COLUMNS` of all current rules, in the order that staff set."""
    now = timezone.now()
    rows = MerchandisingRule.objects.filter(
        Q(starts_at__isnull=True) | Q(starts_at__lte=now),
        Q(ends_at__isnull=True) | Q(ends_at__gt=now),
        is_active=True,
    )
    return list(rows.values_list(*_COLUMNS))


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
    rule_id, placement, action, product_id, category, brand = row
    target = product_id or (("category", category) if category else ("brand", brand))
    try:
        return _Rule(RuleAction(action), target, Placement(placement) if placement else None)
    except ValueError as problem:
        logger.error("Merchandising rule %s is off because it is invalid: %s", rule_id, problem)
        return None


def _combine(rules: Sequence[_Rule]) -> Rules:
    boosts: Counter[Target] = Counter()
    for rule in rules:
        boosts[rule.target] += rule.action.boost
    pinned = [rule.target for rule in rules if rule.action is RuleAction.PIN]
    return Rules(
        pinned=tuple(dict.fromkeys(target for target in pinned if isinstance(target, int))),
        hidden=frozenset(rule.target for rule in rules if rule.action is RuleAction.HIDE),
        boosts={target: boost for target, boost in boosts.items() if boost},
    )
