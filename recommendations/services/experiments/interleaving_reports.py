"""What is known of an interleaving, with the same parts as the report of any experiment."""

from datetime import date
from typing import Any

from recommendations.choices import ExperimentKind
from recommendations.models import Experiment
from recommendations.services.experiments.arm_health import read_health
from recommendations.services.experiments.draft_credits import CREDITED
from recommendations.services.experiments.report_values import to_json
from recommendations.trials.plans import Plan
from recommendations.trials.preferences import analyse_preferences
from recommendations.trials.subject_days import SubjectDays


def build_interleaving_content(
    experiment: Experiment, data: SubjectDays, *, began: date, last_day: int, plan: Plan | None
) -> dict[str, Any]:
    """Return all that is known of an interleaving, in JSON's types."""
    report = analyse_preferences(data, measures=CREDITED, last_day=last_day, plan=plan)
    first, second = (arm.name for arm in experiment.arms.all())
    content: dict[str, Any] = to_json(report)
    return {
        **content,
        "kind": ExperimentKind.INTERLEAVING.value,
        "began": began.isoformat(),
        "arms": [first, second],
        "verdicts": {second: report.verdict.value},
        "course": [{**day, "arm": second} for day in content["course"]],
        "health": read_health(experiment),
        # What only arms have, which subjects are dealt to.
        **{"metrics": [], "guardrails": [], "broken_guardrails": [], "novelty": []},
        **{"sample_ratio": None, "conflicts": 0, "known_margins": None},
        **{"earnings": None, "buyers": []},
    }
