"""What keeps an experiment from starting, as sentences for staff."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from recommendations.choices import (
    ExperimentKind,
    ExperimentState,
    Guardrail,
    ModelState,
    Placement,
    TrialMetric,
)
from recommendations.models import Experiment, ExperimentArm, ModelVersion
from recommendations.services.experiments.arm_models import MOST_VERSIONS
from recommendations.services.training.registry import find_present

CHANGES = (
    *("only_popular", "model_version", "weights", "rules", "mmr_lambda", "category_cap"),
    "search_mode",
)
"""The columns of an arm that change how lists are served."""
SMALLEST_RATIO = 0.001
"""Of the weight of an arm to that of the heaviest one."""
TASTE = {"only_popular", "model_version", "weights"}
"""Who changes one of these changes the model's part of lists."""
OF_MODELS = {"model_version", "weights"}
INTERLEAVED_PLACEMENTS = (Placement.HOME, Placement.SEARCH)
"""The pages with a personal list of their own."""


def find_obstacles(experiment: Experiment, running: Sequence[Experiment]) -> list[str]:
    """Return why the experiment cannot start beside those that run; empty if it can."""
    arms = list(experiment.arms.all())
    obstacles = [
        *_check_arms(arms),
        *_check_interleaving(experiment, arms),
        *_check_others(experiment, arms, running),
        *_check_versions(arms, running),
    ]
    if experiment.ends_at is not None and experiment.ends_at <= timezone.now():
        obstacles.append(_("Its end has passed. Choose a later one, or none."))
    unknown = set(experiment.guardrails) - {each.value for each in Guardrail}
    if unknown:
        obstacles.append(_("There is no guardrail %s.") % ", ".join(sorted(map(str, unknown))))
    return obstacles


def find_weight_problem(weights: Any) -> str | None:
    """Return what is wrong with the weights of a blend, None if nothing is."""
    # The compiled loops take a second to import; the admin imports this module in every process.
    from recommendations.ml.models.registry import RECOMMENDERS  # noqa: PLC0415

    if not isinstance(weights, dict) or not weights:
        return _("Weights are an object: the names of members and their numbers.")
    if unknown := sorted(set(map(str, weights)) - set(RECOMMENDERS)):
        return _("No recommender is called %(unknown)s; there are %(known)s.") % {
            "unknown": ", ".join(unknown),
            "known": ", ".join(sorted(RECOMMENDERS)),
        }
    numbers = [one for one in weights.values() if isinstance(one, int | float) and one >= 0]
    if len(numbers) < len(weights) or not 0 < sum(numbers) < float("inf"):
        return _("Weights are numbers from 0 up, and one of them is above 0.")
    return None


def find_blend_problem(weights: Any, *, version: str = "") -> str | None:
    """Return what is wrong with the weights for a version, by default the live one.

    Weights of members that the model lacks would count nothing, and without a word.
    """
    if problem := find_weight_problem(weights):
        return problem
    is_chosen = Q(name=version) if version else Q(state=ModelState.LIVE.value)
    chosen = ModelVersion.objects.filter(is_chosen).first()
    if chosen is None:
        return None
    members = chosen.parameters.get("members", {})
    lacking = sorted(name for name, weight in weights.items() if weight > 0 and name not in members)
    if not lacking:
        return None
    return _("The model version %(version)s has no %(lacking)s; it has %(members)s.") % {
        "version": chosen.name,
        "lacking": ", ".join(lacking),
        "members": ", ".join(sorted(members)),
    }


def _check_arms(arms: Sequence[ExperimentArm]) -> Iterator[str]:
    if len(arms) < 2:
        yield _("An experiment needs at least two arms.")
    if sum(arm.is_control for arm in arms) != 1:
        yield _("One of the arms must be the control.")
    heaviest = max((arm.weight for arm in arms), default=0.0)
    for arm in arms:
        if arm.weight < SMALLEST_RATIO * heaviest:
            yield _("Arm “%s” would get fewer than one in a thousand subjects.") % arm.name
        if arm.model_version:
            is_known = ModelVersion.objects.filter(name=arm.model_version).exists()
            if not is_known or not find_present([arm.model_version]):
                yield _("The model version %s is not on disk.") % arm.model_version
        if arm.weights is not None and (
            problem := find_blend_problem(arm.weights, version=arm.model_version)
        ):
            yield problem


def find_kind_problem(kind: str, placement: str, metric: str) -> str | None:
    """Return what does not go together in a draft, None if nothing is wrong."""
    if kind == ExperimentKind.ARMS.value:
        return _("Only an interleaving has a placement: leave it empty.") if placement else None
    if placement not in {each.value for each in INTERLEAVED_PLACEMENTS}:
        return _("An interleaving needs its placement: home or search.")
    if metric != TrialMetric.CLICK_THROUGH.value:
        return _("Clicks decide about an interleaving: choose “Clicks per list” as its metric.")
    return None


def _check_interleaving(experiment: Experiment, arms: Sequence[ExperimentArm]) -> Iterator[str]:
    problem = find_kind_problem(experiment.kind, experiment.placement, experiment.primary_metric)
    if problem:
        yield problem
    if experiment.kind != ExperimentKind.INTERLEAVING.value:
        return
    if len(arms) > 2:
        yield _("An interleaving compares two models: it has two arms.")
    if len({arm.weight for arm in arms}) > 1:
        yield _("Both models draft alike: give the arms of an interleaving the same weight.")
    changed = {name for arm in arms for name in CHANGES if is_changed(getattr(arm, name))}
    if changed - OF_MODELS:
        yield _("Arms of an interleaving change the model version or the weights, nothing else.")
    models = [(arm.model_version, json.dumps(arm.weights, sort_keys=True)) for arm in arms]
    if len(set(models)) < len(models):
        yield _("Both arms have the same model: choose another version, or other weights.")


def _check_others(
    experiment: Experiment, arms: Sequence[ExperimentArm], running: Sequence[Experiment]
) -> Iterator[str]:
    """Two experiments that change the same must share a layer, or nobody could tell them apart."""
    if experiment.is_holdout:
        return
    aspects = _list_aspects(experiment, arms)
    for other in running:
        if other.is_holdout or other.layer == experiment.layer:
            continue
        if aspects & _list_aspects(other, list(other.arms.all())):
            yield (
                _("“%s” changes the same. Put both into one layer, so that they share no subject.")
                % other.name
            )


def _check_versions(arms: Sequence[ExperimentArm], running: Sequence[Experiment]) -> Iterator[str]:
    """A process that has to serve more versions than it keeps would read them again and again."""
    of_others = (arm for other in running for arm in other.arms.all())
    versions = {arm.model_version for arm in [*arms, *of_others]} - {""}
    if len(versions) > MOST_VERSIONS:
        yield _(
            "With it, running experiments would need %(n)d model versions; a process keeps at most "
            "%(most)d beside the live one."
        ) % {"n": len(versions), "most": MOST_VERSIONS}


def is_changed(value: Any) -> bool:
    """Return whether a column of an arm has a value that changes how lists are served."""
    return value not in (None, "", False)


def _list_aspects(experiment: Experiment, arms: Sequence[ExperimentArm]) -> set[str]:
    if experiment.kind == ExperimentKind.INTERLEAVING.value:
        return TASTE
    aspects = {name for arm in arms for name in CHANGES if is_changed(getattr(arm, name))}
    return aspects | TASTE if aspects & TASTE else aspects


def is_frozen(experiment: Experiment) -> bool:
    """Return whether what decides about arms must stay as it is."""
    return experiment.state != ExperimentState.DRAFT.value
