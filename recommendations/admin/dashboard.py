"""The first page of the admin: what needs staff, and what the shop earns."""

from typing import Any

from django.http import HttpRequest

from recommendations.admin.feeds import tell_of_feeds
from recommendations.admin.figures import build_figures
from recommendations.admin.navigation import list_groups
from recommendations.admin.training import tell_of_training


def tell_staff(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Tell staff, as far as they may see it, what failed, is not learnt yet and was earned."""
    tell_of_training(request)
    tell_of_feeds(request)
    return {
        **context,
        "dashboard": build_figures(request),
        "tasks": [
            (group, [entry for entry in entries if entry.sentence and entry.view != "index"])
            for group, entries in list_groups(request)
        ],
    }
