"""Files that staff import from a page of the admin."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from recommendations.choices import ImportContent, ImportState, build_choices
from recommendations.models.sentence_field import SentenceField


class ImportJob(models.Model):
    """One file, from its upload to its import.

    A file is tried first: `preview` has what it was taken for and its first rows, and staff then
    have it imported. `done` of `total` steps of `stage` are over. The file lies in a folder of its
    own until it is imported, or for a week.
    """

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    file_name = models.CharField(max_length=200)
    content = models.CharField(max_length=20, choices=build_choices(ImportContent))
    source = models.CharField(max_length=50)
    format = models.CharField(max_length=40)
    options = models.TextField(blank=True)
    is_complete = models.BooleanField(default=False)
    state = models.CharField(
        max_length=20, choices=build_choices(ImportState), default=ImportState.CHECKING.value
    )
    preview = models.JSONField(default=dict, blank=True)
    summary = SentenceField(blank=True)
    problem = SentenceField(blank=True)
    stage = SentenceField(blank=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "import_job"
        default_permissions = ()
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"import of {self.file_name}"
