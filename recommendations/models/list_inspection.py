"""Who of the staff looked into whose lists: the audit log of "why" and "why not"."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from recommendations.choices import InspectedHistory, build_choices
from recommendations.models.product import Product


class ListInspection(models.Model):
    """One look into how a list is made.

    `user` or `session_id` says whose history the list was made from; both are empty if staff typed
    one, and after the subject was erased. `product` is the one whose absence was asked about.
    """

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="list_inspections_made",
        verbose_name="who asked",
    )
    history = models.CharField(
        "whose history", max_length=10, choices=build_choices(InspectedHistory)
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="list_inspections",
    )
    session_id = models.CharField(max_length=100, null=True, db_index=True)  # noqa: DJ001
    placement = models.CharField("placement", max_length=20)
    product = models.ForeignKey(
        Product,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name="why not this product",
    )
    created_at = models.DateTimeField("when", default=timezone.now, db_index=True)

    class Meta:
        db_table = "list_inspection"
        default_permissions = ("view",)
        permissions = [("explain_lists", "Can see why a list shows what it shows")]
        ordering = ["-created_at", "-id"]
        verbose_name = "look into a list"
        verbose_name_plural = "looks into lists"

    def __str__(self) -> str:
        return f"{self.placement}, {timezone.localtime(self.created_at):%Y-%m-%d %H:%M}"
