"""Lists that were served: the basis of click-through rates and attribution."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext

from recommendations.choices import Placement, Source, build_choices


class ServedList(models.Model):
    """One list as it was served; interactions refer to its id.

    A list for a visitor without a cookie has no subject. `product_ids` are in the order of the
    list; `seen_product_ids` are those that came into view, and `explored_product_ids` those in
    reserved places, None without any. `request` is what was asked for, by
    `services.lists.list_request`; None in rows from before it was kept. `draft` is set where
    an interleaving decided: the id of the experiment, and for each product which model drafted it.
    `slot` is set where a slot was filled at random: its place, its candidates, and what was drawn
    with which propensity. `written_at` is when the row was written last: an impression may come
    hours after the list.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="served_lists",
    )
    session_id = models.CharField(  # noqa: DJ001
        max_length=100, null=True, blank=True, db_index=True
    )
    placement = models.CharField(max_length=20, choices=build_choices(Placement))
    name = models.CharField(max_length=30, help_text="Which list of the page it is.")
    source = models.CharField(max_length=20, choices=build_choices(Source))
    model_version = models.CharField(max_length=64, blank=True)
    product_ids = models.JSONField(default=list)
    explored_product_ids = models.JSONField(null=True, blank=True, default=None, editable=False)
    seen_product_ids = models.JSONField(default=list, blank=True)
    request = models.JSONField(null=True, blank=True, default=None, editable=False)
    draft = models.JSONField(null=True, blank=True, default=None, editable=False)
    slot = models.JSONField(null=True, blank=True, default=None, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)

    class Meta:
        db_table = "served_list"
        ordering = ["-created_at", "-id"]
        # With the ids: pages of the admin are found in the index alone.
        indexes = [models.Index(fields=["created_at", "id"], name="served_list_by_time")]

    def __str__(self) -> str:
        return gettext("{name} list {id}").format(name=self.name, id=self.pk)
