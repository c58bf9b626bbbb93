"""Before the start: the days and subjects that an experiment needs, and if they are too many."""

from dataclasses import dataclass

from django.db.models import Min
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.choices import Audience, ExperimentKind
from recommendations.models import Experiment, ServedList
from recommendations.services.experiments.trial_data import choose_baseline_days, read_baseline
from recommendations.trials import plans
from recommendations.trials.metrics import METRICS
from recommendations.trials.plans import PlanRefusal


@dataclass(frozen=True, slots=True)
class Plan:
    """What an experiment needs to find the lift that staff wish for.

    `refusal` says why it would tell nothing; empty if it may start.
    """

    days: int
    subjects: int
    subjects_per_day: float
    figure: float
    smallest_lift: float | None
    refusal: str


def make_plan(experiment: Experiment) -> Plan:
    """Plan an experiment by what subjects did lately: in four weeks, in a large shop in fewer."""
    weights = list(experiment.arms.values_list("weight", flat=True))
    days = max(min(choose_baseline_days(), _count_logged_days()), 1)
    data = read_baseline(Audience(experiment.audience), days=days)
    baseline = plans.measure_baseline(data, METRICS[experiment.primary_metric], days=days)
    wanted = {"lift": experiment.wanted_lift, "traffic_share": experiment.traffic_share}
    if experiment.kind == ExperimentKind.INTERLEAVING.value:
        plan = plans.plan_interleaving(baseline, **wanted)
    else:
        plan = plans.make_plan(baseline, weights, **wanted)
    return Plan(
        days=plan.days,
        subjects=plan.subjects,
        subjects_per_day=baseline.subjects_per_day * experiment.traffic_share,
        figure=baseline.figure,
        smallest_lift=plan.smallest_lift,
        refusal=_describe_refusal(plan),
    )


def _count_logged_days() -> int:
    """Return for how many days the log of served lists goes back."""
    first = ServedList.objects.aggregate(first=Min("created_at"))["first"]
    return 0 if first is None else (timezone.now() - first).days + 1


def _describe_refusal(plan: plans.Plan) -> str:
    match plan.refusal:
        case None:
            return ""
        case PlanRefusal.NO_SUBJECTS:
            return _("Nobody was served a list in the last four weeks, so nothing can be compared.")
        case PlanRefusal.NO_BASELINE:
            return _(
                "Nobody did what the metric counts in the last four weeks. Choose another metric."
            )
        case PlanRefusal.TOO_LONG:
            told = _(
                "It would take %(days)d days, and after %(most)d days visitors have lost their "
                "cookies and the shop has changed. In that time, lifts from %(lift).1f %% up are "
                "found: wish for such a lift, let more subjects take part, or choose another "
                "metric."
            )
            return told % {
                "days": plan.days,
                "most": plans.MAX_DAYS,
                "lift": 100 * (plan.smallest_lift or 0),
            }
