"""Subjects: shoppers and anonymous visitors."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from recommendations.models import UserBehavior
from recommendations.services.infra.locks import lock_until_commit


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

    @property
    def sql_parameters(self) -> dict[str, Any]:
        """The parameters of raw SQL that selects this subject's rows."""
        return {"user_id": self.user_id, "session_id": self.session_id}

    def lock(self) -> None:
        """Until the transaction ends, let nobody else order as, merge or erase this visitor.

        An account needs no lock: its row is locked by what refers to it.
        """
        if self.session_id is not None:
            lock_until_commit(f"visitor {self.session_id}")

    def match_rows(self) -> Q:
        """Return the condition that matches this subject's rows in a table with both ids.

        A row with both ids is from a visitor who signed in; the row belongs to the user only.
        """
        if self.user_id is not None:
            return Q(user_id=self.user_id)
        return Q(user_id__isnull=True, session_id=self.session_id)


def find_recently_active(limit: int, *, active_within: timedelta) -> list[int]:
    """Return the ids of the shoppers who interacted most recently, the latest first."""
    return list(
        UserBehavior.objects.filter(
            timestamp__gte=timezone.now() - active_within, user_id__isnull=False
        )
        .values("user_id")
        .annotate(latest=Max("timestamp"))
        .order_by("-latest", "user_id")
        .values_list("user_id", flat=True)[:limit]
    )
