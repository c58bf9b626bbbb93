"""The Django app."""

from django.apps import AppConfig

from recommendations.conf import configuration


class RecommendationsConfig(AppConfig):
    name = "recommendations"
    verbose_name = "Recommendations"

    def ready(self) -> None:
        """Refuse to start with settings that contradict each other."""
        configuration()
