"""Admin pages of tables to which only the program writes."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Mix-in for a read-only admin page; staff with the permission may delete rows."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may add a row."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may change a row."""
        return False
