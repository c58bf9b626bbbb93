"""The Django app."""

from django.apps import AppConfig

from recommendations.conf import configuration


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = "Recommendations"

    def ready(self) -> None:
        """Refuse to start with wrong settings, and register the checks of the right ones."""
        configuration()
        from recommendations import checks  # noqa: F401, PLC0415
