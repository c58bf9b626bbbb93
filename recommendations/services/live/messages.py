"""What an open page is told: never data, only what to ask again."""

from enum import StrEnum

from django.utils.crypto import salted_hmac

from recommendations.services.people.subjects import Subject


class Topic(StrEnum):
    """What changed, so that a page knows what to ask the API again."""

    LISTS = "lists"
    """The subject did something, so their lists differ."""
    FEEDBACK = "feedback"
    """The subject's likes or dismissals, and with them their lists."""
    CART = "cart"
    """The subject's cart."""
    IDENTITY = "identity"
    """Who the subject is: the socket is closed, and the next one asks for credentials again."""
    PRODUCTS = "products"
    """Price, stock or sale of products."""
    RULES = "rules"
    """The merchandising rules that lists follow."""
    MODEL = "model"
    """The model that lists are made with."""
    TRAINING = "training"
    """The state of a training, for staff."""
    FIGURES = "figures"
    """The figures of the dashboard, for staff."""


EVERYBODY = frozenset({Topic.PRODUCTS, Topic.RULES, Topic.MODEL})
"""The topics of every page of the storefront."""
FOR_STAFF = frozenset({Topic.TRAINING, Topic.FIGURES})
"""The topics of the admin's pages. All others are announced to one subject."""


def compute_audience(subject: Subject) -> str:
    """Return the name under which processes speak of a subject; only the shop can compute it.

    Shops with other secrets may share a Redis server, whose channels have no databases.
    """
    return salted_hmac("live audience", subject.key, algorithm="sha256").hexdigest()[:32]
