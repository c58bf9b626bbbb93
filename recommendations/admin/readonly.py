"""Rows that the program writes and people only read."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Take adding and changing out of an admin; who may delete is left to permissions."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes by hand."""
        return False
