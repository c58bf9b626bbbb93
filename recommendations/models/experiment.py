"""Experiments: what is compared, who saw which arm, and what each subject did afterwards."""

import secrets

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommendations.choices import (
    Audience,
    ExperimentEventKind,
    ExperimentKind,
    ExperimentState,
    Guardrail,
    Placement,
    SearchMode,
    TrialMetric,
    build_choices,
)
from recommendations.currencies import MOST_DECIMALS

DEFAULT_LAYER = "lists"
HOLD_OUT_LAYER = "hold-out"


def draw_salt() -> str:
    """Return a salt that no other experiment has."""
    return secrets.token_hex(8)


def list_default_guardrails() -> list[str]:
    """Return the guardrails of a new experiment: all of them."""
    return [each.value for each in Guardrail]


class Experiment(models.Model):
    """Arms that are compared on subjects who are dealt to them by a hash.

    Experiments of one layer share no subject: each holds the slice of the layer from `slice_start`
    to `slice_end`, which it gets when it starts. Once started, what decides about arms stays as it
    is; only the state changes.
    """

    name = models.CharField(max_length=80, unique=True)
    hypothesis = models.CharField(
        max_length=300, blank=True, help_text=_("What you expect, and why.")
    )
    kind = models.CharField(
        max_length=20,
        choices=build_choices(ExperimentKind),
        default=ExperimentKind.ARMS.value,
        db_default=ExperimentKind.ARMS.value,
        help_text=_(
            "Arms: each subject is served by one arm. Interleaving: the models of two arms share "
            "each list, and clicks tell which model subjects prefer."
        ),
    )
    placement = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        choices=build_choices(Placement),
        help_text=_("Interleaving only: the page on which the models share the personal list."),
    )
    layer = models.CharField(
        max_length=40,
        default=DEFAULT_LAYER,
        help_text=_("Experiments of one layer share no subject."),
    )
    salt = models.CharField(max_length=32, default=draw_salt, unique=True, editable=False)
    traffic_share = models.FloatField(
        default=1.0,
        validators=[MinValueValidator(0.0001), MaxValueValidator(1.0)],
        help_text=_("The share of all subjects that take part: above 0, at most 1."),
    )
    slice_start = models.FloatField(null=True, editable=False)
    slice_end = models.FloatField(null=True, editable=False)
    audience = models.CharField(
        max_length=20,
        choices=build_choices(Audience),
        default=Audience.EVERYONE.value,
    )
    state = models.CharField(
        max_length=20,
        choices=build_choices(ExperimentState),
        default=ExperimentState.DRAFT.value,
        editable=False,
    )
    is_holdout = models.BooleanField(default=False, editable=False)
    primary_metric = models.CharField(
        max_length=20,
        choices=build_choices(TrialMetric),
        default=TrialMetric.CONVERSION.value,
        help_text=_("The metric that decides."),
    )
    wanted_lift = models.FloatField(
        default=0.1,
        validators=[
            MinValueValidator(0.001),
            MaxValueValidator(1.0, _("Write a share: 0.1 for a tenth, and at most 1.")),
        ],
        help_text=_("The smallest relative change that is worth finding: 0.1 is 10 %."),
    )
    guardrails = models.JSONField(default=list_default_guardrails, blank=True)
    needed_days = models.PositiveIntegerField(null=True, editable=False)
    needed_subjects = models.PositiveIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, editable=False)
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text=_("It stops by itself then. Empty: staff stop it.")
    )
    stopped_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "experiment"
        ordering = ["-id"]
        permissions = [("run_experiments", "Can start, pause and stop experiments")]
        constraints = [
            models.UniqueConstraint(
                fields=["is_holdout"],
                condition=models.Q(is_holdout=True) & ~models.Q(state="stopped"),
                name="experiment_one_holdout",
            ),
            models.CheckConstraint(
                condition=models.Q(traffic_share__gt=0, traffic_share__lte=1),
                name="experiment_traffic_is_a_share",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ExperimentArm(models.Model):
    """One way of serving: what is empty is served as without the experiment."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="arms")
    name = models.SlugField(max_length=40)
    weight = models.FloatField(default=1.0, validators=[MinValueValidator(0.0001)])
    is_control = models.BooleanField(
        default=False, help_text=_("The arm with which the others are compared.")
    )
    only_popular = models.BooleanField(
        default=False, help_text=_("Lists hold what is in demand, without the engine.")
    )
    model_version = models.CharField(max_length=64, blank=True)
    weights = models.JSONField(
        null=True,
        blank=True,
        help_text=_('Weights of the blend by the name of the member: {"collaborative": 1}'),
    )
    rules = models.JSONField(null=True, blank=True, editable=False)
    """The rows of a version of the rules, as `RuleVersion.rules` has them."""
    rules_from = models.CharField(max_length=40, blank=True, editable=False)
    """Where the rules were copied from, in words."""
    mmr_lambda = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text=_("The weight of relevance against variety, on the home page and in the cart."),
    )
    category_cap = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01), MaxValueValidator(1.0)],
        help_text=_("The largest share of a list of one category, on those pages."),
    )
    search_mode = models.CharField(max_length=20, choices=build_choices(SearchMode), blank=True)

    class Meta:
        db_table = "experiment_arm"
        verbose_name = "arm"
        ordering = ["-is_control", "id"]
        constraints = [
            models.UniqueConstraint(fields=["experiment", "name"], name="arm_name_once"),
            models.UniqueConstraint(
                fields=["experiment"],
                condition=models.Q(is_control=True),
                name="arm_one_control",
            ),
            models.CheckConstraint(condition=models.Q(weight__gt=0), name="arm_weight_above_zero"),
        ]

    def __str__(self) -> str:
        return self.name


class Exposure(models.Model):
    """A subject was served a list of an experiment for the first time, in this arm.

    `has_conflict`: a visitor and the account that it signed in to had seen different arms; the
    first exposure stands.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="exposures")
    arm = models.ForeignKey(ExperimentArm, on_delete=models.CASCADE, related_name="exposures")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="exposures",
    )
    session_id = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001
    exposed_at = models.DateTimeField(default=timezone.now)
    has_conflict = models.BooleanField(default=False)
    before = models.JSONField(null=True)
    """What the subject did in the four weeks before; empty if the shop did not know it then.

    None until the first report.
    """

    class Meta:
        db_table = "exposure"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["user", "experiment"],
                condition=models.Q(user__isnull=False),
                name="exposure_once_per_user",
            ),
            models.UniqueConstraint(
                fields=["session_id", "experiment"],
                condition=models.Q(user__isnull=True),
                name="exposure_once_per_visitor",
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | models.Q(session_id__isnull=False),
                name="exposure_has_a_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"exposure {self.pk} to {self.arm_id}"


class SubjectDay(models.Model):
    """What an exposed subject did on a day, after the exposure; counted anew from the logs."""

    exposure = models.ForeignKey(Exposure, on_delete=models.CASCADE, related_name="days")
    day = models.DateField()
    lists = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)
    carts = models.PositiveIntegerField(default=0)
    purchases = models.PositiveIntegerField(default=0)
    revenue = models.DecimalField(max_digits=21, decimal_places=MOST_DECIMALS, default=0)
    margin = models.DecimalField(max_digits=21, decimal_places=MOST_DECIMALS, default=0)
    revenue_without_cost = models.DecimalField(
        max_digits=21, decimal_places=MOST_DECIMALS, default=0
    )
    """The revenue of products of which nobody knows the cost: it has no margin."""
    credits = models.JSONField(null=True)
    """Interleaving only: what was done with products of the first model, and of the second one.

    Clicks, carts and purchases, such as {"clicks": [3, 1], …}.
    """

    class Meta:
        db_table = "subject_day"
        default_permissions = ()
        indexes = [models.Index(fields=["day"])]
        constraints = [
            models.UniqueConstraint(fields=["exposure", "day"], name="subject_day_once"),
        ]

    def __str__(self) -> str:
        return f"exposure {self.exposure_id} on {self.day}"


class ArmHealth(models.Model):
    """How an arm was served on a day: what guardrails look at besides revenue."""

    arm = models.ForeignKey(ExperimentArm, on_delete=models.CASCADE, related_name="health")
    day = models.DateField()
    requests = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    slow = models.PositiveIntegerField(default=0)
    lists = models.PositiveIntegerField(default=0)
    empty_lists = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "arm_health"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["arm", "day"], name="arm_health_once")]

    def __str__(self) -> str:
        return f"{self.arm_id} on {self.day}"


class ExperimentReport(models.Model):
    """What was known of an experiment on a day; the newest one is the verdict.

    `content` is written by `services.experiments.analysis`.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="reports")
    day = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    content = models.JSONField()

    class Meta:
        db_table = "experiment_report"
        ordering = ["-day"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["experiment", "day"], name="experiment_report_once")
        ]

    def __str__(self) -> str:
        return f"{self.experiment_id} on {self.day}"


class ExperimentEvent(models.Model):
    """The history of an experiment: who started, paused or stopped it, when and why.

    Without an author, it was the worker: a guardrail, or the end that was set.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=build_choices(ExperimentEventKind))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "experiment_event"
        ordering = ["-id"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"
