"""A subject: a shopper or an anonymous visitor."""

from dataclasses import dataclass

from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Subject:
    """A signed-in shopper (`user_id`), or a visitor with a signed cookie (`session_id`)."""

    user_id: int | None = None
    session_id: str | None = None

    def __post_init__(self) -> None:
        if (self.user_id is None) == (self.session_id is None):
            raise ValueError("A subject is either a user or a visitor.")

    @property
    def key(self) -> str:
        """A short text that is unique to the subject, for cache keys and logs."""
        return f"u{self.user_id}" if self.user_id is not None else f"s{self.session_id}"

    def rows(self) -> Q:
        """Return the condition for this subject's rows in a table with user and session id.

        A row with both ids was a visitor's who signed in: it belongs to the user only.
        """
        if self.user_id is not None:
            return Q(user_id=self.user_id)
        return Q(user_id__isnull=True, session_id=self.session_id)
