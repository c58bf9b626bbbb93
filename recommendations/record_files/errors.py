"""What can be wrong with one row, and with a file in the middle of reading."""


class RowError(Exception):
    """A row cannot be used.

    `reason` is the same for all rows with this error, so that they can be counted. The message
    continues the words "line 17:" or "line 17,".
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class TooLongError(Exception):
    """A row is longer than `LONGEST_ROW`."""


class MalformedError(Exception):
    """A file cannot be read any further; the message says why."""
