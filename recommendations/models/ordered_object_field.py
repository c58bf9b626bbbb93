"""The model field for the options of a variant, whose order counts."""

from typing import Any

from django.db import models


class OptionsField(models.JSONField):
    """Names and values in their order: `{"Size": "M", "Colour": "Blue"}`.

    The column holds a list of pairs, because PostgreSQL sorts the names of an object.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Return the options as pairs."""
        pairs = [list(pair) for pair in value.items()] if isinstance(value, dict) else value
        return super().get_prep_value(pairs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return the options by name, in their order."""
        stored = super().from_db_value(value, expression, connection)
        return dict(stored) if isinstance(stored, list) else stored
