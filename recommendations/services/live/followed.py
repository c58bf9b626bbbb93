"""What changed for everybody and for staff, as the database shows it.

Prices, stock, rules and models have many writers: imports, orders, staff, the worker. Each process
with open pages looks once a second, so no writer has to think of pages, and a page hears of a
change on any machine, with and without Redis.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from recommendations.models import InsightMark, ModelVersion, Product, RuleVersion
from recommendations.services.infra.database_limits import limit_database_waits
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.live.messages import Topic
from recommendations.services.shop import merchandising
from recommendations.services.training import live_model

LOOK_SECONDS = 1.0
"""How long a look may wait for the database, and the pause between two."""
OVERLAP = timedelta(seconds=30)
"""How long a transaction may take from the write of a product to its commit."""
MOST_NAMED = 100
"""Of so many changed products a page is told the ids; of more, that any may have changed."""
MANY_SECONDS = 30.0
"""The pause between two messages about many products, while an import writes."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed; `product_ids` names products, an empty tuple means any of them."""

    topic: Topic
    product_ids: tuple[int, ...] = ()


class Followed:
    """Compares the database with what the last look saw; the first look only remembers."""

    def __init__(self) -> None:
        self._seen_products: Mapping[int, datetime] | None = None
        self._owes_many = False
        self._next_many = 0.0
        self._seen: dict[Topic, object] = {}
        self._rules_id: int | None = None

    def look(self, *, for_staff: bool = False) -> list[Change]:
        """Return what changed since the last look; nothing while the database fails."""
        changes: list[Change] = []
        with ignore_database_errors("changes for open pages"), limit_database_waits(LOOK_SECONDS):
            changes += self._look_at_products()
            changes += self._compare(Topic.RULES, self._read_rules())
            live = live_model.get_current()
            changes += self._compare(Topic.MODEL, live.version if live else None)
            if for_staff:
                changes += self._compare(Topic.TRAINING, _read_training())
                changes += self._compare(Topic.FIGURES, _read_figures())
        return changes

    def _compare(self, topic: Topic, state: object) -> list[Change]:
        is_new = topic in self._seen and self._seen[topic] != state
        self._seen[topic] = state
        return [Change(topic)] if is_new else []

    def _look_at_products(self) -> list[Change]:
        rows = Product.objects.filter(changed_at__gt=timezone.now() - OVERLAP)
        found = dict(rows.order_by("-changed_at").values_list("pk", "changed_at")[: MOST_NAMED + 1])
        before, self._seen_products = self._seen_products, found
        if before is None:
            return []
        new = tuple(pk for pk, changed_at in found.items() if before.get(pk) != changed_at)
        if new and len(found) <= MOST_NAMED:
            return [Change(Topic.PRODUCTS, new)]
        # More have changed than are read, so a change may be among the others.
        self._owes_many = self._owes_many or bool(new)
        if not self._owes_many or time.monotonic() < self._next_many:
            return []
        self._owes_many = False
        self._next_many = time.monotonic() + MANY_SECONDS
        return [Change(Topic.PRODUCTS)]

    def _read_rules(self) -> str:
        """Return what differs whenever the rules in force do, also when one begins or ends."""
        newest = RuleVersion.objects.order_by("-pk").values_list("pk", flat=True).first()
        if newest != self._rules_id:
            # Published by another process, whose cache this one does not share.
            self._rules_id = newest
            merchandising.forget_rules()
        return merchandising.get_current_rules().version


def _read_training() -> object:
    columns = ("pk", "state", "progress", "ended_at", "promoted_at")
    return ModelVersion.objects.order_by("-pk").values_list(*columns).first()


def _read_figures() -> object:
    return InsightMark.objects.order_by("-at").values_list("at", flat=True).first()
