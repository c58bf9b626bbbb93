"""The ids by which a shop's own systems know its shoppers."""

from django.conf import settings
from django.db import models

from recommendations.models.product import LONGEST_ID


class ShopperId(models.Model):
    """The account of the shopper whom a source knows as `external_id`."""

    source = models.CharField(max_length=50)
    external_id = models.CharField(max_length=LONGEST_ID)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shopper_ids"
    )

    class Meta:
        db_table = "shopper_id"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], name="shopper_once_per_source"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.external_id}"
