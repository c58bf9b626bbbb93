"""The scheduler of beat, which shows that it is alive."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django_celery_beat.schedulers import DatabaseScheduler

HEARTBEAT = "beat-alive"


class LivingScheduler(DatabaseScheduler):  # type: ignore[misc]
    """Touches a file in `VAR_DIR` whenever it has queued what is due, every few seconds.

    Beat has no port to ask. The health checks of the compose files look at the age of the file: it
    grows when the database or the queue hangs.
    """

    def tick(self, *args: Any, **options: Any) -> Any:
        """Queue what is due; return the seconds until the next look."""
        seconds = super().tick(*args, **options)
        # A disk that takes no file must not stop the schedule; the check reports it.
        with suppress(OSError):
            (settings.VAR_DIR / HEARTBEAT).touch(mode=0o600)
        return seconds
