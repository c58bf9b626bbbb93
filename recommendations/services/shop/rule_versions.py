"""Versions of the merchandising rules: what staff work on, what is published, what was before."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from recommendations.errors import InvalidInputError, NotFoundError
from recommendations.models import MerchandisingRule, Product, RuleVersion
from recommendations.services.shop.merchandising import RuleRow, clear_rules_cache

COMPARED = (
    "action",
    "product",
    "condition",
    "one_in",
    "days",
    "times",
    "percent",
    "placement",
    "position",
    "starts_at",
    "ends_at",
    "is_active",
)
"""The columns in which a rule can change, in the order in which changes are told."""


class ChangeKind(StrEnum):
    """What became of a rule from one version to another."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one rule; `before` is None if it is new, `after` if it is gone."""

    kind: ChangeKind
    before: RuleRow | None
    after: RuleRow | None

    @property
    def columns(self) -> list[str]:
        """The columns that differ, of a changed rule."""
        if self.before is None or self.after is None:
            return []
        return [name for name in COMPARED if self.before.get(name) != self.after.get(name)]


def write_rule(rule: MerchandisingRule) -> RuleRow:
    """Return a rule as versions have it, in JSON's types."""
    return {
        "id": rule.pk,
        "action": rule.action,
        "product": rule.product_id,
        "condition": rule.condition,
        "one_in": rule.one_in,
        "days": rule.days,
        "times": rule.times,
        "percent": rule.percent,
        "placement": rule.placement,
        "position": rule.position,
        "starts_at": rule.starts_at.isoformat() if rule.starts_at else None,
        "ends_at": rule.ends_at.isoformat() if rule.ends_at else None,
        "is_active": rule.is_active,
    }


def read_draft() -> list[RuleRow]:
    """Return the rules that staff work on, in their order."""
    return [write_rule(rule) for rule in MerchandisingRule.objects.order_by("position", "pk")]


def read_published() -> list[RuleRow]:
    """Return the rules that lists follow, in their order."""
    return list(RuleVersion.objects.values_list("rules", flat=True).first() or [])


def compute_digest(rows: Sequence[RuleRow]) -> str:
    """Return a text that differs whenever the rules do."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:32]


def find_changes(before: Sequence[RuleRow], after: Sequence[RuleRow]) -> list[Change]:
    """Return what became of each rule that is not the same, in the order of their ids."""
    old, new = ({row["id"]: row for row in rows} for rows in (before, after))
    changes = []
    for rule_id in sorted(old.keys() | new.keys()):
        was, is_now = old.get(rule_id), new.get(rule_id)
        if was is None or is_now is None:
            kind = ChangeKind.ADDED if was is None else ChangeKind.REMOVED
            changes.append(Change(kind, was, is_now))
        elif any(was.get(name) != is_now.get(name) for name in COMPARED):
            changes.append(Change(ChangeKind.CHANGED, was, is_now))
    return changes


@transaction.atomic
def publish_rules(
    *, author: User | None, note: str = "", digest: str | None = None
) -> RuleVersion | None:
    """Let lists follow the rules that staff work on; return the version, None if nothing changes.

    Args:
        author: Who publishes.
        note: Why, in their words.
        digest: That of the rules that they have seen; others publish nothing.

    Raises:
        InvalidInputError: Somebody has changed the rules since.
    """
    rows = read_draft()
    if digest is not None and digest != compute_digest(rows):
        raise InvalidInputError(
            _("Somebody has changed the rules meanwhile. Look at the changes again, then publish.")
        )
    newest = RuleVersion.objects.select_for_update().first()
    if not find_changes(newest.rules if newest else [], rows):
        return None
    version = RuleVersion.objects.create(author=author, note=note, rules=rows)
    clear_rules_cache()
    return version


@transaction.atomic
def revert_rules(*, version_id: int, author: User | None) -> tuple[RuleVersion, int]:
    """Publish the rules of an earlier version again, and let staff go on from them.

    Returns:
        The new version, and how many rules were left out because their product is gone.

    Raises:
        NotFoundError: There is no such version.
    """
    # Locked before the rules, as `publish_rules` does.
    newest = RuleVersion.objects.select_for_update().first()
    old = RuleVersion.objects.filter(pk=version_id).first()
    if newest is None or old is None:
        raise NotFoundError(_("There is no version {} of the rules.").format(version_id))
    products = {row["product"] for row in old.rules if row["product"] is not None}
    kept = {None, *Product.objects.filter(pk__in=products).values_list("pk", flat=True)}
    rows = [row for row in old.rules if row["product"] in kept]
    MerchandisingRule.objects.exclude(pk__in=[row["id"] for row in rows]).delete()
    created = dict(MerchandisingRule.objects.values_list("pk", "created_at"))
    for row in rows:
        rule = _read_rule(row)
        if rule.pk in created:
            rule.created_at = created[rule.pk]
        rule.save(force_insert=rule.pk not in created)
    version = RuleVersion.objects.create(author=author, rules=read_draft(), reverted_to=old)
    clear_rules_cache()
    return version, len(old.rules) - len(rows)


def discard_draft() -> int:
    """Let staff go on from the rules that lists follow; return how many rules changed."""
    with transaction.atomic():
        rows = read_published()
        changes = find_changes(read_draft(), rows)
        products = {row["product"] for row in rows if row["product"] is not None}
        kept = {None, *Product.objects.filter(pk__in=products).values_list("pk", flat=True)}
        for change in changes:
            if change.after is None:
                MerchandisingRule.objects.filter(pk=change.before["id"]).delete()  # type: ignore[index]
            elif change.after["product"] in kept:
                _read_rule(change.after).save()
        return len(changes)


def rename_categories(renamed: Mapping[str, str]) -> None:
    """Let all rules, published and old ones as well, name categories by their new paths."""
    for rule in MerchandisingRule.objects.select_for_update().filter(condition__isnull=False):
        changed = _rename(rule.condition, renamed)
        if changed != rule.condition:
            rule.condition = changed
            rule.save(update_fields=["condition"])
    for version in RuleVersion.objects.select_for_update():
        rows = [{**row, "condition": _rename(row["condition"], renamed)} for row in version.rules]
        if rows != version.rules:
            version.rules = rows
            version.save(update_fields=["rules"])
    clear_rules_cache()


def count_rules_about(paths: Sequence[str]) -> int:
    """Return how many rules name one of these categories."""
    renamed = dict.fromkeys(paths, "")
    conditions = MerchandisingRule.objects.filter(condition__isnull=False)
    return sum(
        _rename(condition, renamed) != condition
        for condition in conditions.values_list("condition", flat=True)
    )


def _rename(data: Any, renamed: Mapping[str, str]) -> Any:
    """Return the data of a condition with other paths of categories."""
    if isinstance(data, list):
        return [_rename(part, renamed) for part in data]
    if not isinstance(data, dict):
        return data
    if str(data.get("field", "")).endswith("category") and isinstance(data.get("value"), list):
        return {**data, "value": [renamed.get(path, path) for path in data["value"]]}
    return {key: _rename(part, renamed) for key, part in data.items()}


def _read_rule(row: RuleRow) -> MerchandisingRule:
    return MerchandisingRule(
        pk=row["id"],
        action=row["action"],
        product_id=row["product"],
        condition=row["condition"],
        one_in=row.get("one_in"),
        days=row.get("days"),
        times=row.get("times"),
        percent=row.get("percent"),
        placement=row["placement"],
        position=row["position"],
        starts_at=parse_datetime(row["starts_at"]) if row["starts_at"] else None,
        ends_at=parse_datetime(row["ends_at"]) if row["ends_at"] else None,
        is_active=row["is_active"],
    )
