"""Profiles of shoppers."""

from django.conf import settings
from django.db import models


class UserProfile(models.Model):
    """A shopper's profile, derived from the log, with the switch for personalization.

    Only demo shoppers have a `demo_label`.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile"
    )
    preferences = models.JSONField(
        default=dict, blank=True, help_text="Affinities to categories and brands, price band."
    )
    embedding = models.JSONField(
        null=True, blank=True, help_text="The live model's vector of this shopper."
    )
    personalization_enabled = models.BooleanField(
        default=True, help_text="Off: this shopper's history is not used for lists."
    )
    demo_label = models.CharField(
        max_length=100,
        blank=True,
        help_text="The shopper's taste in words; a demo lets anyone sign in as such a shopper.",
    )
    last_updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "user_profile"
        permissions = [
            ("view_shopper", "Can see what a shopper did and bought"),
            ("give_roles", "Can give staff their roles"),
        ]

    def __str__(self) -> str:
        return f"profile of user {self.user_id}"
