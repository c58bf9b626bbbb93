"""Enumerations that every layer shares. Plain Python: `ml` and `engine` may import them."""

from enum import StrEnum


class InteractionType(StrEnum):
    """What a shopper did to a product, weakest signal first."""

    VIEW = "view"
    LIKE = "like"
    CART = "cart"
    PURCHASE = "purchase"


class Placement(StrEnum):
    """Where a list is shown."""

    HOME = "home"
    PRODUCT = "product"
    CART = "cart"
    SEARCH = "search"
    EMAIL = "email"


class Source(StrEnum):
    """Who answered, best first; each stands in when the one before it has nothing to say.

    What staff pinned stands above all of them, and stands in for none.
    """

    PINNED = "pinned"
    MODEL = "model"
    SESSION = "session"
    TRENDING = "trending"
    POPULAR = "popular"
    NEWEST = "newest"


class RuleAction(StrEnum):
    """What staff can decide about products in lists."""

    PIN = "pin"
    BOOST = "boost"
    BURY = "bury"
    HIDE = "hide"


class ModelState(StrEnum):
    """Where a model version stands in its life."""

    CANDIDATE = "candidate"
    LIVE = "live"
    RETIRED = "retired"
    REJECTED = "rejected"


class TokenScope(StrEnum):
    """What a server's token may do."""

    RECOMMENDATIONS_READ = "recommendations:read"
    INTERACTIONS_WRITE = "interactions:write"
    CATALOGUE_WRITE = "catalogue:write"
    METRICS_READ = "metrics:read"


def as_choices(enumeration: type[StrEnum]) -> list[tuple[str, str]]:
    """Return (value, label) pairs as Django's `choices` want them."""
    return [(member.value, member.name.replace("_", " ").capitalize()) for member in enumeration]
