"""The rules of staff as lists ask for them: kept ready, and looked at anew every few seconds."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from recommendations.choices import Placement, RuleAction
from recommendations.engine.placements import DIVERSE, PLACEMENT_POLICIES
from recommendations.engine.rules import NO_RULES, Rules, Target
from recommendations.models import MerchandisingRule
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.infra.layered_cache import (
    cache_key,
    delete_cached,
    get_decoded,
    get_or_compute,
)

KEY = cache_key("rules")
KEPT_SECONDS = 10
"""How late a rule may start or end, and how late other processes may see a change."""
LIFTS = {RuleAction.BOOST: 1, RuleAction.BURY: -1}


def rules_at(placement: Placement) -> Rules:
    """Return the rules that hold now where this list is shown; none while they cannot be read."""
    return _current().at[placement]


def rules_version() -> str:
    """Return a text that differs when any rule does."""
    return _current().version


def rules_changed() -> None:
    """Let lists see what staff changed, once it is committed: at once, elsewhere in seconds."""
    transaction.on_commit(lambda: delete_cached([KEY]))


@dataclass(frozen=True, slots=True)
class _Current:
    """The rules of each placement, and a text that differs when they do."""

    at: dict[Placement, Rules]
    version: str

    @classmethod
    def of(cls, stored: Any) -> "_Current | None":
        """Return the rules of a stored value, None when it is none: another release wrote it."""
        try:
            at = {
                placement: _rules(row[1:] for row in stored if _holds(row[0], row[1], placement))
                for placement in Placement
            }
        except (TypeError, ValueError, LookupError):
            return None
        return cls(at, cache_key("rules", stored))


_NONE = _Current(dict.fromkeys(Placement, NO_RULES), "no rules")


def _current() -> _Current:
    found = get_decoded(KEY, _Current.of)
    if found is not None:
        return found
    stored = None
    with ignore_database_errors("rules"):
        stored = get_or_compute(
            KEY, _read, valid=lambda value: _Current.of(value) is not None, seconds=KEPT_SECONDS
        )
    return _Current.of(stored) or _NONE


def _read() -> list[tuple[str, str, int | None, str, str]]:
    """Return placement, action and target of all rules that hold now, in their order."""
    now = timezone.now()
    rows = MerchandisingRule.objects.filter(
        Q(starts_at__isnull=True) | Q(starts_at__lte=now),
        Q(ends_at__isnull=True) | Q(ends_at__gt=now),
        is_active=True,
    )
    return list(rows.values_list("placement", "action", "product_id", "category", "brand"))


def _holds(place: str, action: str, placement: Placement) -> bool:
    """Return whether a rule of this place, or of everywhere, holds where this list is shown."""
    if place:
        return place == placement.value
    # What is said to be like a product is that, unless staff pin something for just this place.
    return action != RuleAction.PIN or PLACEMENT_POLICIES[placement] is DIVERSE


def _rules(rows: Iterable[Any]) -> Rules:
    pinned: dict[int, None] = {}
    hidden: set[Target] = set()
    boosts: Counter[Target] = Counter()
    for action, product_id, category, brand in rows:
        target = product_id or (("category", category) if category else ("brand", brand))
        match RuleAction(action):
            case RuleAction.PIN:
                pinned[product_id] = None
            case RuleAction.HIDE:
                hidden.add(target)
            case lifting:
                boosts[target] += LIFTS[lifting]
    return Rules(
        pinned=tuple(pinned),
        hidden=frozenset(hidden),
        boosts={target: boost for target, boost in boosts.items() if boost},
    )
