"""The Django app."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy

from recommendations.conf import configuration


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = gettext_lazy("Recommendations")

    def ready(self) -> None:
        """Refuse to start with wrong settings; register checks, and what follows migrations."""
        configuration()
        from recommendations import checks  # noqa: F401, PLC0415

        post_migrate.connect(_give_rights, sender=self)


def _give_rights(apps: Any = None, **_: Any) -> None:
    """Give the roles of staff the permissions that the migrations made."""
    from recommendations.services.people.roles import give_rights  # noqa: PLC0415

    # Migrations that were undone have taken the table with them.
    if apps is None or "roleright" in apps.all_models["recommendations"]:
        give_rights()
