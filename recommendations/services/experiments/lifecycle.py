"""Start, pause, resume and stop experiments; each step is noted with who took it and why."""

from babel import numbers
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from recommendations.choices import ExperimentEventKind, ExperimentState, TrialMetric
from recommendations.errors import InvalidInputError, NotFoundError
from recommendations.models import Experiment, ExperimentArm, ExperimentEvent
from recommendations.models.experiment import HOLD_OUT_LAYER
from recommendations.services.experiments.checks import find_obstacles
from recommendations.services.experiments.definitions import clear_definitions_cache
from recommendations.services.experiments.planning import Plan, make_plan
from recommendations.services.insight.days import get_day
from recommendations.trials.assignment import LayerFullError, LayerSlice, find_slice

HOLD_OUT_SHARE = 0.05
ACTIVE = (ExperimentState.RUNNING.value, ExperimentState.PAUSED.value)


def find_experiment(name_or_id: str) -> Experiment:
    """Return the experiment with this name or id; NotFoundError if there is none."""
    found = Experiment.objects.filter(name=name_or_id).first()
    is_id = name_or_id.isascii() and name_or_id.isdecimal() and len(name_or_id) < 19
    if found is None and is_id:
        found = Experiment.objects.filter(pk=int(name_or_id)).first()
    if found is None:
        raise NotFoundError(f"There is no experiment {name_or_id}.")
    return found


@transaction.atomic
def start_experiment(*, experiment_id: int, author: User | None) -> Experiment:
    """Let a draft begin, or a paused experiment go on.

    Raises:
        InvalidInputError: It cannot start: the message says why.
    """
    experiment = _lock(experiment_id)
    if experiment.state == ExperimentState.PAUSED.value:
        return _set_state(experiment, ExperimentState.RUNNING, ExperimentEventKind.RESUMED, author)
    _require(experiment, ExperimentState.DRAFT)
    # Whoever starts another one at the same time waits here.
    others = list(Experiment.objects.select_for_update().filter(state__in=ACTIVE).order_by("pk"))
    if obstacles := find_obstacles(experiment, others):
        raise InvalidInputError(" ".join(obstacles))
    taken = [
        LayerSlice(one.layer, one.slice_start, one.slice_end)
        for one in others
        if one.slice_start is not None and one.slice_end is not None
    ]
    try:
        found = find_slice(experiment.layer, taken, experiment.traffic_share)
    except LayerFullError as full:
        raise InvalidInputError(_describe_full_layer(full)) from full
    experiment.slice_start, experiment.slice_end = found.start, found.end
    experiment.started_at = timezone.now()
    if not experiment.is_holdout:
        plan = make_plan(experiment)
        _require_possible(plan, experiment)
        experiment.needed_days, experiment.needed_subjects = plan.days, plan.subjects
    experiment.save()
    return _set_state(experiment, ExperimentState.RUNNING, ExperimentEventKind.STARTED, author)


def pause_experiment(*, experiment_id: int, author: User | None, reason: str = "") -> Experiment:
    """Serve everybody as without the experiment until it is started again."""
    with transaction.atomic():
        experiment = _lock(experiment_id)
        _require(experiment, ExperimentState.RUNNING)
        state, kind = ExperimentState.PAUSED, ExperimentEventKind.PAUSED
        return _set_state(experiment, state, kind, author, reason)


def stop_experiment(*, experiment_id: int, author: User | None, reason: str = "") -> Experiment:
    """End an experiment for good; everybody is served as without it."""
    with transaction.atomic():
        experiment = _lock(experiment_id)
        _require(experiment, ExperimentState.RUNNING, ExperimentState.PAUSED)
        experiment.stopped_at = timezone.now()
        experiment.save(update_fields=["stopped_at"])
        state, kind = ExperimentState.STOPPED, ExperimentEventKind.STOPPED
        return _set_state(experiment, state, kind, author, reason)


def stop_ended() -> int:
    """Stop the experiments whose end has come; return how many there were."""
    ended = Experiment.objects.filter(state__in=ACTIVE, ends_at__lte=timezone.now())
    ids = list(ended.values_list("pk", flat=True))
    for experiment_id in ids:
        stop_experiment(experiment_id=experiment_id, author=None, reason=_("Its end has come."))
    return len(ids)


def begin_holdout(*, author: User | None, share: float = HOLD_OUT_SHARE) -> Experiment:
    """Let a share of all subjects see what is in demand for ever, to tell what the engine earns.

    Raises:
        InvalidInputError: There is a hold-out already, or the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise InvalidInputError(_("The share of a hold-out lies between 0 and 1."), field="share")
    with transaction.atomic():
        standing = Experiment.objects.filter(is_holdout=True)
        if standing.exclude(state=ExperimentState.STOPPED.value).exists():
            raise InvalidInputError(_("There is a hold-out already."))
        begun = timezone.localdate()
        experiment = Experiment.objects.create(
            name=f"{_('Hold-out since')} {begun:%Y-%m-%d} ({standing.count() + 1})",
            layer=HOLD_OUT_LAYER,
            is_holdout=True,
            primary_metric=TrialMetric.REVENUE.value,
            guardrails=[],
        )
        ExperimentArm.objects.create(
            experiment=experiment, name="popular", weight=share, is_control=True, only_popular=True
        )
        ExperimentArm.objects.create(experiment=experiment, name="engine", weight=1 - share)
        return start_experiment(experiment_id=experiment.pk, author=author)


def _lock(experiment_id: int) -> Experiment:
    experiment = Experiment.objects.select_for_update().filter(pk=experiment_id).first()
    if experiment is None:
        raise NotFoundError(f"There is no experiment {experiment_id}.")
    return experiment


def _require(experiment: Experiment, *states: ExperimentState) -> None:
    if experiment.state not in [state.value for state in states]:
        raise InvalidInputError(
            _("The experiment is %(state)s: this cannot be done with it.")
            % {"state": experiment.get_state_display().lower()}
        )


def _describe_full_layer(full: LayerFullError) -> str:
    language = (get_language() or "en")[:2]
    pattern = "#,##0.## %" if language == "de" else "#,##0.##%"
    room, wanted = (
        numbers.format_percent(share, pattern, locale=language)
        for share in (full.room, full.wanted)
    )
    return _(
        "Layer “%(layer)s” has room for %(room)s of the subjects in one piece, and the experiment "
        "wants %(wanted)s. Take a smaller share or another layer, or stop an experiment in it."
    ) % {"layer": full.layer, "room": room, "wanted": wanted}


def _require_possible(plan: Plan, experiment: Experiment) -> None:
    if plan.refusal:
        raise InvalidInputError(plan.refusal)
    if experiment.ends_at is None:
        return
    whole_days = (get_day(experiment.ends_at) - get_day(timezone.now())).days
    if whole_days < plan.days:
        told = _(
            "It would end before the %(days)d days that it needs, and so without a verdict. Choose "
            "a later end, or none."
        )
        raise InvalidInputError(told % {"days": plan.days})


def _set_state(
    experiment: Experiment,
    state: ExperimentState,
    kind: ExperimentEventKind,
    author: User | None,
    reason: str = "",
) -> Experiment:
    experiment.state = state.value
    experiment.save(update_fields=["state"])
    ExperimentEvent.objects.create(
        experiment=experiment, kind=kind.value, author=author, reason=reason[:300]
    )
    clear_definitions_cache()
    return experiment
