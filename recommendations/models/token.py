"""Tokens of a shop's own servers."""

from django.db import models
from django.utils import timezone


class ApiToken(models.Model):
    """A bearer token with scopes; only its SHA-256 hash is stored."""

    name = models.CharField(max_length=100, help_text="Which server uses it.")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    source = models.CharField(
        max_length=50,
        blank=True,
        help_text="The source whose own ids it uses.",
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "api_token"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name
