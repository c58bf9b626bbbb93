"""The model field for an object of JSON whose order counts."""

from typing import Any

from django.db import models


class OrderedObjectField(models.JSONField):
    """Names and values in their order: `{"Size": "M", "Colour": "Blue"}`.

    The column holds a list of pairs, because PostgreSQL sorts the names of an object. Objects
    within it are sorted all the same.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Return the object as pairs."""
        pairs = [list(pair) for pair in value.items()] if isinstance(value, dict) else value
        return super().get_prep_value(pairs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return the values by name, in their order."""
        stored = super().from_db_value(value, expression, connection)
        return dict(stored) if isinstance(stored, list) else stored
