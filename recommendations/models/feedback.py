"""Feedback that shoppers may take back: likes and dismissals. The log keeps each like for good."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from recommendations.models.product import Product


def _build_constraints(table: str) -> list[Any]:
    """Return the constraints: each row has one subject, and a subject has a product only once."""
    return [
        models.CheckConstraint(
            condition=models.Q(user__isnull=False, session_id__isnull=True)
            | models.Q(user__isnull=True, session_id__isnull=False),
            name=f"{table}_has_one_subject",
        ),
        models.UniqueConstraint(
            fields=["user", "product"],
            condition=models.Q(user__isnull=False),
            name=f"{table}_once_per_user",
        ),
        models.UniqueConstraint(
            fields=["session_id", "product"],
            condition=models.Q(session_id__isnull=False),
            name=f"{table}_once_per_visitor",
        ),
    ]


class Feedback(models.Model):
    """Feedback of a shopper, or of a visitor known by `session_id`, on a product."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
    )
    session_id = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True


class Like(Feedback):
    """A product that a subject likes."""

    class Meta:
        db_table = "product_like"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["created_at", "id"], name="like_by_time")]
        constraints = _build_constraints("like")

    def __str__(self) -> str:
        return f"like of product {self.product_id}"


class Dismissal(Feedback):
    """A product that a subject does not want to see in lists."""

    class Meta:
        db_table = "dismissal"
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["created_at", "id"], name="dismissal_by_time")]
        constraints = _build_constraints("dismissal")

    def __str__(self) -> str:
        return f"dismissal of product {self.product_id}"
