"""How a subject is served: the arms of the running experiments, added up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.utils import timezone

from recommendations.choices import Audience, Placement, SearchMode
from recommendations.engine.placement_policies import (
    DIVERSE,
    PLACEMENT_POLICIES,
    PlacementPolicy,
)
from recommendations.services.experiments import arm_models
from recommendations.services.experiments.definitions import (
    RunningArm,
    RunningExperiment,
    get_running,
)
from recommendations.services.experiments.kept_arms import get_kept_arms
from recommendations.services.infra.degradation import ignore_database_errors
from recommendations.services.people.subjects import Subject
from recommendations.services.shop.merchandising import CurrentRules
from recommendations.services.training.live_model import Snapshot
from recommendations.trials.assignment import assign

DIVERSE_PLACEMENTS = [each for each in Placement if PLACEMENT_POLICIES[each] is DIVERSE]


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model: a version, by default the live one, and weights, by default its own."""

    version: str
    weights: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class Interleaving:
    """Two models that share the personal list of a placement."""

    experiment_id: int
    salt: str
    placement: Placement
    models: tuple[ModelChoice, ModelChoice]


@dataclass(frozen=True, slots=True)
class Treatment:
    """The arms of a subject, and what they change together."""

    arms: tuple[tuple[int, int], ...] = ()
    """The ids of the experiments and of their arms."""
    only_popular: bool = False
    model_version: str = ""
    weights: Mapping[str, float] | None = None
    rules: CurrentRules | None = None
    mmr_lambda: float | None = None
    category_cap: float | None = None
    search_mode: SearchMode | None = None
    interleaving: Interleaving | None = None

    @property
    def key(self) -> str:
        """A text that differs whenever the arms do; empty without any."""
        return " ".join(f"{experiment}:{arm}" for experiment, arm in self.arms)

    def get_model(self) -> Snapshot | None:
        """Return the model that answers, by default the live one."""
        return arm_models.get_model(self.model_version, self.weights)

    def get_policy(self, placement: Placement) -> PlacementPolicy:
        """Return the policy of a placement; only placements with variety can differ."""
        policy = PLACEMENT_POLICIES[placement]
        if placement not in DIVERSE_PLACEMENTS:
            return policy
        if self.mmr_lambda is not None:
            policy = replace(policy, mmr_lambda=self.mmr_lambda)
        if self.category_cap is not None:
            policy = replace(
                policy,
                category_cap=self.category_cap,
                department_cap=max(self.category_cap, policy.department_cap),
            )
        return policy


NO_TREATMENT = Treatment()


def choose_treatment(subject: Subject) -> Treatment:
    """Return the arms of a subject in all running experiments.

    An account keeps the arms that it has seen. Who is in the hold-out's own arm is in no other
    experiment. Nobody is in any while the arms of an account cannot be read.
    """
    running = get_running()
    if not running:
        return NO_TREATMENT
    treatment = NO_TREATMENT
    with ignore_database_errors("arms"):
        treatment = _combine(find_arms(subject, running))
    return treatment  # noqa: RET504 - none if the database fails


def find_arms(
    subject: Subject, running: Iterable[RunningExperiment]
) -> list[tuple[RunningExperiment, RunningArm]]:
    """Return the arms of a subject; a DatabaseError if those that it keeps cannot be read.

    An account that keeps an arm is in no other experiment of the layer: the slice of its own hash
    may be another one than that of the visitor it was.
    """
    now = timezone.now()
    running = [one for one in running if one.is_due(now)]
    kept: Mapping[int, int] = {}
    if subject.user_id is not None:
        of_account = get_kept_arms(subject.user_id)
        if not of_account.takes_part:
            return []
        kept = of_account.by_experiment
    layers = {one.pk: one.deal.slice.layer for one in running if one.pk in kept}
    # The first exposure of a layer is the last one that is written here.
    claimed = {layers[pk]: pk for pk in reversed(kept) if pk in layers}
    found = []
    for experiment in running:
        if claimed.get(experiment.deal.slice.layer, experiment.pk) != experiment.pk:
            continue
        arm = _find_arm(experiment, subject, kept.get(experiment.pk))
        if arm is None:
            continue
        found.append((experiment, arm))
        if experiment.is_holdout and arm.only_popular:
            break
    return found


def _find_arm(
    experiment: RunningExperiment, subject: Subject, kept: int | None
) -> RunningArm | None:
    if not all(arm_models.is_ready(arm.model_version) for arm in experiment.arms.values()):
        return None
    if kept is not None:
        return experiment.find_arm(kept)
    is_visitor = subject.user_id is None
    if experiment.audience is (Audience.SHOPPERS if is_visitor else Audience.VISITORS):
        return None
    name = assign(experiment.deal, subject.key)
    if name is not None and experiment.interleaved_at is not None:
        # Every subject sees both models; all exposures name the control, so that none conflict.
        return next(iter(experiment.arms.values()))
    return None if name is None else experiment.arms[name]


def _combine(found: Iterable[tuple[RunningExperiment, RunningArm]]) -> Treatment:
    """Add up what arms change; experiments that change the same do not run side by side."""
    treatment = NO_TREATMENT
    for experiment, arm in found:
        arms = (*treatment.arms, (experiment.pk, arm.pk))
        if experiment.interleaved_at is not None:
            treatment = replace(treatment, arms=arms, interleaving=_interleave(experiment))
            continue
        treatment = Treatment(
            arms=arms,
            only_popular=treatment.only_popular or arm.only_popular,
            model_version=arm.model_version or treatment.model_version,
            weights=arm.weights or treatment.weights,
            rules=arm.rules or treatment.rules,
            mmr_lambda=treatment.mmr_lambda if arm.mmr_lambda is None else arm.mmr_lambda,
            category_cap=treatment.category_cap if arm.category_cap is None else arm.category_cap,
            search_mode=arm.search_mode or treatment.search_mode,
            interleaving=treatment.interleaving,
        )
    return treatment


def _interleave(experiment: RunningExperiment) -> Interleaving:
    assert experiment.interleaved_at is not None  # noqa: S101 - the caller has looked
    first, second = (
        ModelChoice(arm.model_version, arm.weights) for arm in experiment.arms.values()
    )
    return Interleaving(
        experiment.pk, experiment.deal.salt, experiment.interleaved_at, (first, second)
    )
