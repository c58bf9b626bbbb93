"""The log of interactions, from which everything is learnt; rows are only appended.

A row changes only when a visitor signs in: it then belongs to the account; and when an imported
return takes a purchase back: it then is a view.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone

from recommendations.choices import InteractionType, build_choices
from recommendations.models.product import Product

LOWEST_RATING, HIGHEST_RATING = 0.5, 5.0


class UserBehavior(models.Model):
    """One interaction of a shopper, or of an anonymous visitor known by `session_id`.

    The client chooses `event_id`, so that a retry with the same id adds no second row. `list_id`
    and `position` (from 0) say in which served list or search the product was found.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="interactions",
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, db_index=False, related_name="interactions"
    )
    interaction_type = models.CharField(max_length=20, choices=build_choices(InteractionType))
    rating = models.FloatField(null=True, blank=True)
    timestamp = models.DateTimeField(default=timezone.now)
    session_id = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001
    event_id = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001
    list_id = models.UUIDField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        db_table = "user_behavior"
        verbose_name = "interaction"
        # An index that starts with a foreign key also serves look-ups by that key alone.
        indexes = [
            models.Index(fields=["user", "product"]),
            models.Index(fields=["user", "timestamp"]),
            models.Index(
                fields=["product", "interaction_type", "timestamp"], name="behavior_of_product"
            ),
            models.Index(
                fields=["product", "rating"],
                condition=models.Q(rating__isnull=False),
                name="behavior_rated",
            ),
            # Visitors only: with outdated statistics, PostgreSQL would use an index on `user` and
            # read the rows of all visitors instead.
            models.Index(
                fields=["session_id", "timestamp"],
                condition=models.Q(user__isnull=True),
                name="behavior_of_visitor",
            ),
            models.Index(fields=["timestamp", "id"], name="behavior_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(interaction_type__in=[one.value for one in InteractionType]),
                name="behavior_known_interaction_type",
            ),
            models.CheckConstraint(
                condition=models.Q(rating__isnull=True)
                | models.Q(rating__gte=LOWEST_RATING, rating__lte=HIGHEST_RATING),
                name="behavior_rating_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | models.Q(session_id__isnull=False),
                name="behavior_has_a_subject",
            ),
            models.UniqueConstraint(
                fields=["user", "event_id"],
                condition=models.Q(user__isnull=False, event_id__isnull=False),
                name="behavior_event_once_per_user",
            ),
            models.UniqueConstraint(
                fields=["session_id", "event_id"],
                condition=models.Q(user__isnull=True, event_id__isnull=False),
                name="behavior_event_once_per_visitor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.interaction_type} of product {self.product_id}"
