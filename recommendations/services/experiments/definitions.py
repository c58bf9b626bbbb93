"""The running experiments as this process serves them, cached for ten seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from recommendations.choices import Audience, ExperimentKind, ExperimentState, Placement, SearchMode
from recommendations.models import Experiment
from recommendations.services.infra.computed_values import get_or_compute
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.infra.layered_cache import build_cache_key, delete_cached, get_decoded
from recommendations.services.shop.merchandising import CurrentRules, compile_rules
from recommendations.trials import assignment

KEY = build_cache_key("experiments")
CACHE_SECONDS = 10
"""How late other processes may see that an experiment was started, paused or stopped."""

_COLUMNS = (
    *("id", "salt", "layer", "slice_start", "slice_end", "audience", "is_holdout"),
    *("ends_at", "kind", "placement"),
)
_ARM_COLUMNS = (
    *("id", "name", "weight", "only_popular", "model_version", "weights", "rules"),
    *("mmr_lambda", "category_cap", "search_mode"),
)


@dataclass(frozen=True, slots=True)
class RunningArm:
    """What an arm changes; what is None, empty or False is served as without the experiment."""

    pk: int
    name: str
    only_popular: bool
    model_version: str
    weights: Mapping[str, float] | None
    rules: CurrentRules | None
    mmr_lambda: float | None
    category_cap: float | None
    search_mode: SearchMode | None


@dataclass(frozen=True, slots=True)
class RunningExperiment:
    """What serving needs of an experiment."""

    pk: int
    audience: Audience
    is_holdout: bool
    ends_at: datetime | None
    deal: assignment.Experiment
    arms: Mapping[str, RunningArm]
    """By name; the control first."""
    interleaved_at: Placement | None = None
    """Where the models of the arms share lists; None if each subject is served by one arm."""

    def find_arm(self, arm_id: int) -> RunningArm | None:
        """Return the arm with this id."""
        return next((arm for arm in self.arms.values() if arm.pk == arm_id), None)

    def is_due(self, now: datetime) -> bool:
        """Return whether the experiment has not come to the end that was set."""
        return self.ends_at is None or now < self.ends_at


def get_running() -> tuple[RunningExperiment, ...]:
    """Return the running experiments, the hold-out first; none if they cannot be read."""
    running = get_decoded(KEY, _decode)
    if running is not None:
        return running
    with ignore_database_errors("experiments"):
        rows = get_or_compute(KEY, _fetch, is_valid=_is_valid, seconds=CACHE_SECONDS)
        running = _decode(rows)
    return running or ()


def clear_definitions_cache() -> None:
    """Drop the cached experiments after the commit; other processes see the change later."""
    transaction.on_commit(lambda: delete_cached([KEY]))


def _fetch() -> list[dict[str, Any]]:
    """Return the columns of the running experiments and of their arms, in JSON's types."""
    running = Experiment.objects.filter(state=ExperimentState.RUNNING.value)
    # One query for most shops: arms are only asked for if something runs.
    experiments = list(running.order_by("-is_holdout", "id"))
    if not experiments:
        return []
    rows = {one.pk: {name: getattr(one, name) for name in _COLUMNS} for one in experiments}
    for one in experiments:
        rows[one.pk]["ends_at"] = one.ends_at and one.ends_at.isoformat()
        rows[one.pk]["arms"] = [
            {name: getattr(arm, name) for name in _ARM_COLUMNS}
            for arm in one.arms.order_by("-is_control", "id")
        ]
    return list(rows.values())


def _is_valid(stored: Any) -> bool:
    return isinstance(stored, list) and all(
        isinstance(row, dict) and {*_COLUMNS, "arms"} == row.keys() for row in stored
    )


def _decode(stored: Any) -> tuple[RunningExperiment, ...] | None:
    """Return the experiments in a cached value, None if another release wrote the value."""
    if not _is_valid(stored):
        return None
    return tuple(_parse(row) for row in stored)


def _parse(row: Mapping[str, Any]) -> RunningExperiment:
    return RunningExperiment(
        pk=row["id"],
        audience=Audience(row["audience"]),
        is_holdout=row["is_holdout"],
        ends_at=parse_datetime(row["ends_at"]) if row["ends_at"] else None,
        deal=assignment.Experiment(
            salt=row["salt"],
            arms=tuple(assignment.Arm(arm["name"], arm["weight"]) for arm in row["arms"]),
            slice=assignment.LayerSlice(row["layer"], row["slice_start"], row["slice_end"]),
        ),
        arms={arm["name"]: _parse_arm(arm) for arm in row["arms"]},
        interleaved_at=Placement(row["placement"])
        if row["kind"] == ExperimentKind.INTERLEAVING.value
        else None,
    )


def _parse_arm(arm: Mapping[str, Any]) -> RunningArm:
    return RunningArm(
        pk=arm["id"],
        name=arm["name"],
        only_popular=arm["only_popular"],
        model_version=arm["model_version"],
        weights=arm["weights"],
        rules=None if arm["rules"] is None else compile_rules(arm["rules"], now=timezone.now()),
        mmr_lambda=arm["mmr_lambda"],
        category_cap=arm["category_cap"],
        search_mode=SearchMode(arm["search_mode"]) if arm["search_mode"] else None,
    )
