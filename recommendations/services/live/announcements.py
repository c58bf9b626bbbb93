"""Who is told when something of a subject changed: the subject's open pages, after the commit.

Prices, stock, rules, models and figures have many writers, so pages hear of them from
`followed.py`, which looks into the database.
"""

from django.db import transaction

from recommendations.services.live.bus import bus
from recommendations.services.live.messages import Topic, compute_audience
from recommendations.services.live.tab import get_tab
from recommendations.services.people.subjects import Subject


def announce_lists_changed(subject: Subject) -> None:
    """Say that the subject did something that their lists follow."""
    _announce(subject, Topic.LISTS)


def announce_feedback_changed(subject: Subject) -> None:
    """Say that the subject's likes or dismissals changed."""
    _announce(subject, Topic.FEEDBACK)


def announce_cart_changed(subject: Subject) -> None:
    """Say that the subject's cart changed."""
    _announce(subject, Topic.CART)


def announce_identity_changed(subject: Subject) -> None:
    """Say that the subject signed out, has a new password or was erased; closes their sockets."""
    _announce(subject, Topic.IDENTITY)


def _announce(subject: Subject, topic: Topic) -> None:
    tab = get_tab()
    transaction.on_commit(lambda: bus.post(compute_audience(subject), topic, tab))
