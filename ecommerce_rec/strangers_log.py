"""What strangers send must not fill the log."""

import logging

LONGEST_MESSAGE = 300


class StrangersFilter(logging.Filter):
    """Drops a refused request's line, and keeps the others of Django short.

    Whoever can reach the shop can have thousands of requests refused a second, with addresses of
    60 KB. What the shop itself got wrong (500 and above) keeps its line and its traceback.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is written; shorten it if it quotes a request."""
        if not record.name.startswith(("django.request", "django.security")):
            return True
        if record.name == "django.request" and record.levelno < logging.ERROR:
            return False
        message = record.getMessage()
        if len(message) > LONGEST_MESSAGE:
            record.msg, record.args = f"{message[:LONGEST_MESSAGE]}…", ()
        if record.name.startswith("django.security"):
            record.exc_info = record.exc_text = None
        return True
