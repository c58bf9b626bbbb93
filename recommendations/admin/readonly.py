"""Tables that only the program writes."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Mix-in for a read-only admin page; deleting needs a permission."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may add a row."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may change a row."""
        return False
