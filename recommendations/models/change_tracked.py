"""Rows that know when they were last written, whichever way it was done.

Django's `auto_now` is true for `save` and `bulk_create` alone: not for `update`, nor for `save`
with `update_fields`.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

CHANGED_AT = "changed_at"
_Row = TypeVar("_Row", bound=models.Model)


class ChangeTrackedQuerySet(models.QuerySet[_Row]):
    """Rows of a `ChangeTracked` table; `bulk_update` calls `update` too."""

    def update(self, **values: Any) -> int:
        """Update the rows, and the time of their last change."""
        return super().update(**{CHANGED_AT: timezone.now(), **values})

    def touch(self) -> int:
        """Set the time of the last change alone: rows of other tables belong to these."""
        return self.update()


class ChangeTracked(models.Model):
    """A row with the time of its last change; rows added in bulk have that of their making."""

    changed_at = models.DateTimeField(default=timezone.now, editable=False, db_index=True)

    objects = ChangeTrackedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save the row with the time of this change."""
        self.changed_at = timezone.now()
        if update_fields is not None:
            update_fields = {*update_fields, CHANGED_AT}
        super().save(*args, update_fields=update_fields, **kwargs)
