"""The model field for what a process says to staff, who read it in their own language."""

from typing import Any

from django.db import models

from recommendations.sentences import pack, unpack


class SentenceField(models.TextField):  # type: ignore[type-arg]
    """Text that keeps the sentences it consists of; in Python, it is its English text."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        """Return the text with its sentences."""
        return None if value is None else unpack(value)

    def get_prep_value(self, value: Any) -> Any:
        """Return the text as the database keeps it."""
        prepared = super().get_prep_value(value)
        return prepared if value is None or not isinstance(value, str) else pack(value)
