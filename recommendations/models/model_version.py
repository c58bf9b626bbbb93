"""Versions of the trained model, and the lease on the right to train."""

from django.db import models
from django.utils import timezone

from recommendations.choices import ModelState, build_choices
from recommendations.models.sentence_field import SentenceField


class ModelVersion(models.Model):
    """One trained ensemble: its state, parameters, metrics and training data."""

    name = models.CharField(max_length=50, unique=True, help_text="Also its artifact's folder.")
    state = models.CharField(
        max_length=20, choices=build_choices(ModelState), default=ModelState.CANDIDATE.value
    )
    reason = SentenceField(
        blank=True, help_text="Why it was rejected or retired, or its training failed."
    )
    parameters = models.JSONField(default=dict, blank=True)
    metrics = models.JSONField(default=dict, blank=True)
    data_fingerprint = models.CharField(max_length=64, blank=True)
    last_interaction_id = models.BigIntegerField(
        default=0, help_text="Newest interaction it was trained on."
    )
    n_users = models.PositiveIntegerField(default=0)
    n_items = models.PositiveIntegerField(default=0)
    n_interactions = models.PositiveIntegerField(default=0)
    progress = SentenceField(blank=True, help_text="What its training does now, or did last.")
    log = SentenceField(blank=True, help_text="What its training did, and when.")
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="When its training ended, well or not."
    )
    promoted_at = models.DateTimeField(null=True, blank=True)
    rejected_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was rejected or taken back, if it was."
    )
    overruled_by = models.CharField(
        max_length=150,
        blank=True,
        default="",
        db_default="",
        help_text="Who made it live although it was rejected.",
    )
    overruled_for = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="Why they made it live although it was rejected.",
    )

    class Meta:
        db_table = "model_version"
        ordering = ["-created_at", "-id"]
        permissions = [("overrule_gate", "Can make a rejected model version live")]
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=ModelState.LIVE.value),
                name="model_version_one_live",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"


class TrainingLease(models.Model):
    """The right to train, which one process (`holder`) has until `expires_at`."""

    name = models.CharField(max_length=50, primary_key=True)
    holder = models.CharField(max_length=100)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "training_lease"

    def __str__(self) -> str:
        return f"{self.name} held by {self.holder}"
