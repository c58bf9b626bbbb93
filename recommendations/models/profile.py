"""What is known about a shopper beyond the log."""

from django.conf import settings
from django.db import models


class UserProfile(models.Model):
    """A shopper's profile; everything in it is derived, but for the personalisation switch."""

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
        help_text="Seeded shoppers that the demo offers to sign in as: their taste in words.",
    )
    last_updated = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "user_profile"

    def __str__(self) -> str:
        return f"profile of user {self.user_id}"
