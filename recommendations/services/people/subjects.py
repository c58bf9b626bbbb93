"""Who a list is for and who did something: a shopper or an anonymous visitor."""

from dataclasses import dataclass

from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Subject:
    """A signed-in shopper (`user_id`) or a visitor known by a signed cookie (`session_id`)."""

    user_id: int | None = None
    session_id: str | None = None

    def __post_init__(self) -> None:
        if (self.user_id is None) == (self.session_id is None):
            raise ValueError("A subject is either a user or a visitor.")

    @property
    def key(self) -> str:
        """A short text that no other subject has; for cache keys and logs."""
        return f"u{self.user_id}" if self.user_id is not None else f"s{self.session_id}"

    def rows(self) -> Q:
        """Return the condition that picks this subject's rows in any table that has both keys.

        What a visitor did before signing in carries the user's id too, and then belongs to the
        user alone.
        """
        if self.user_id is not None:
            return Q(user_id=self.user_id)
        return Q(user_id__isnull=True, session_id=self.session_id)
