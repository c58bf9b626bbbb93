"""Whether an arm fails, is slow or finds nothing more often than the control."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from django.db.models import Sum

from recommendations.choices import Guardrail
from recommendations.models import ArmHealth, Experiment

FEWEST = 200
"""With fewer requests or lists in an arm, nothing is said."""
MOST_STANDARD_ERRORS = 4.5
"""Looked at every five minutes, and requests of one subject are alike: chance alone must not do."""
SMALLEST_HARM = 0.005
"""A difference of half a percentage point or less pauses nothing."""

COUNTED = {
    Guardrail.ERRORS: ("failed", "requests"),
    Guardrail.LATENCY: ("slow", "requests"),
    Guardrail.EMPTY_LISTS: ("empty_lists", "lists"),
}
"""What is counted among what, for the guardrails that look at how arms are served."""


@dataclass(frozen=True, slots=True)
class Harm:
    """An arm that breaks a guardrail; both shares are of requests or of lists."""

    guardrail: Guardrail
    arm: str
    share: float
    control_share: float


def read_health(experiment: Experiment) -> dict[str, dict[str, int]]:
    """Return the sums of each arm's counts, by the name of the arm, the control first."""
    names = ("requests", "failed", "slow", "lists", "empty_lists")
    rows = ArmHealth.objects.filter(arm__experiment=experiment).order_by().values_list("arm__name")
    found = {
        arm: dict(zip(names, counts, strict=True))
        for arm, *counts in rows.annotate(*(Sum(name) for name in names))
    }
    arms = experiment.arms.values_list("name", flat=True)
    return {name: found.get(name, dict.fromkeys(names, 0)) for name in arms}


def find_harm(experiment: Experiment) -> list[Harm]:
    """Return the arms that break a guardrail of the experiment."""
    health = read_health(experiment)
    control, *others = health
    chosen = [each for each in COUNTED if each.value in experiment.guardrails]
    return list(_compare(chosen, health, control, others))


def _compare(
    guardrails: Iterable[Guardrail],
    health: dict[str, dict[str, int]],
    control: str,
    others: Sequence[str],
) -> Iterable[Harm]:
    for guardrail in guardrails:
        bad, among = COUNTED[guardrail]
        for name in others:
            n, n_control = health[name][among], health[control][among]
            if min(n, n_control) < FEWEST:
                continue
            share, base = health[name][bad] / n, health[control][bad] / n_control
            pooled = (health[name][bad] + health[control][bad]) / (n + n_control)
            error = sqrt(pooled * (1 - pooled) * (1 / n + 1 / n_control))
            is_sure = error > 0 and share - base > MOST_STANDARD_ERRORS * error
            if is_sure and share - base > SMALLEST_HARM:
                yield Harm(guardrail, name, share, base)
