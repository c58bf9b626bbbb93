"""What staff tried on served lists: what was asked, how far it is, and what came of it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from recommendations.choices import Placement, WhatIfState, build_choices
from recommendations.models.sentence_field import SentenceField


class WhatIf(models.Model):
    """One try of a change on the latest `how_many` lists of a placement.

    `change` is what is tried, by `services.what_if.changes`, and `result` what came of it, by
    `services.what_if.effects`. `done` of `total` steps of `stage` are over. The row is the audit
    log of such tries as well: who asked, when, on what.
    """

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    placement = models.CharField(max_length=20, choices=build_choices(Placement))
    how_many = models.PositiveIntegerField()
    change = models.JSONField()
    state = models.CharField(
        max_length=20, choices=build_choices(WhatIfState), default=WhatIfState.WAITING.value
    )
    stage = SentenceField(blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True, default=None)
    problem = SentenceField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "what_if"
        default_permissions = ()
        permissions = [("run_what_if", "Can try changes on lists that were served")]
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"what-if {self.pk}"
