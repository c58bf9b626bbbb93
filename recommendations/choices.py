"""Enumerations that every layer shares. Plain Python: `ml` and `engine` may import them.

The defaults in `__new__` are used by no member: without them, type checkers would refuse the
look-up of a member by its value, such as `InteractionType("view")`.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Self

from recommendations.reasons import ReasonCode


class InteractionType(StrEnum):
    """What a shopper did to a product, weakest signal first.

    `default_weight` is the weight of an interaction of this type unless the shop sets another one;
    `reason_code` is the reason that an interaction of this type gives.
    """

    default_weight: float
    reason_code: ReasonCode

    VIEW = "view", 1.0, ReasonCode.VIEWED
    LIKE = "like", 2.0, ReasonCode.LIKED
    CART = "cart", 3.0, ReasonCode.IN_CART
    PURCHASE = "purchase", 5.0, ReasonCode.PURCHASED

    def __new__(
        cls,
        value: str,
        default_weight: float = 0.0,
        reason_code: ReasonCode = ReasonCode.VIEWED,
    ) -> Self:
        """Return the member with this value, default weight and reason code."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.default_weight = default_weight
        member.reason_code = reason_code
        return member


class DeliveryMethod(StrEnum):
    """How an order reaches the shopper; `days` is how many days that takes."""

    days: int

    HOME = "home", 4
    PICKUP = "pickup", 2

    def __new__(cls, value: str, days: int = 0) -> Self:
        """Return the member with this value and number of days."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.days = days
        return member


class OrderStatus(StrEnum):
    """How far an order is; `next_statuses` are those that staff may set next."""

    PLACED = "placed"
    PACKED = "packed"
    SENT = "sent"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    RETURNED = "returned"

    @property
    def next_statuses(self) -> "tuple[OrderStatus, ...]":
        """Return the statuses that may follow."""
        status = OrderStatus
        return {
            status.PLACED: (status.PACKED, status.SENT, status.CANCELLED),
            status.PACKED: (status.SENT, status.CANCELLED),
            status.SENT: (status.DELIVERED, status.RETURNED),
            status.DELIVERED: (status.RETURNED,),
        }.get(self, ())

    @property
    def earns(self) -> bool:
        """Return whether the shop keeps what was paid."""
        return self not in {OrderStatus.CANCELLED, OrderStatus.RETURNED}


class ImportContent(StrEnum):
    """What a file that staff import holds."""

    PRODUCTS = "products"
    INTERACTIONS = "interactions"


class ImportState(StrEnum):
    """How far an import by staff is. A checked one was tried without writing anything."""

    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"


class Placement(StrEnum):
    """The page on which a list is shown."""

    HOME = "home"
    PRODUCT = "product"
    CART = "cart"
    SEARCH = "search"


class Likeness(StrEnum):
    """By what a product is similar to another one.

    `list_name` is the name of the list of what is similar in this way alone.
    """

    list_name: str

    TEXT = "text", "alike-in-words"
    """Words of name, categories and attributes, and the meaning of the name if search knows it."""
    PICTURE = "picture", "looks-like"
    BEHAVIOUR = "behaviour", "viewed-together"
    """What the same shoppers looked at in one session."""

    def __new__(cls, value: str, list_name: str = "") -> Self:
        """Return the member with this value and name of a list."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.list_name = list_name
        return member


class Source(StrEnum):
    """The source of a candidate. `max_confidence` is the confidence of the source's best product.

    A list falls back from each source to the next one in this order, from CONTENT to NEWEST. Pinned
    products come first; they are no fallback. EXPLORED products stand in reserved places, which the
    model fills with what few know yet. BOUGHT_BEFORE comes after all others, and only where
    they leave a list nearly empty.
    """

    max_confidence: float

    PINNED = "pinned", 1.0
    CONTENT = "content", 1.0
    MODEL = "model", 1.0
    EXPLORED = "explored", 1.0
    SESSION = "session", 0.6
    TRENDING = "trending", 0.4
    POPULAR = "popular", 0.3
    NEWEST = "newest", 0.1
    BOUGHT_BEFORE = "bought_before", 0.05

    def __new__(cls, value: str, max_confidence: float = 0.0) -> Self:
        """Return the member with this value and highest confidence."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.max_confidence = max_confidence
        return member


class RuleAction(StrEnum):
    """What staff can decide about products in lists.

    `boost` moves scores up (1) or down (-1); `effect` tells staff what the action does.
    """

    boost: int
    effect: str

    PIN = "pin", 0, "first in the list"
    BOOST = "boost", 1, "halves the distance of a score to the best one"
    BURY = "bury", -1, "halves a score"
    HIDE = "hide", 0, "in no list and no search"
    RESERVE = "reserve", 0, "keeps places for products that few know yet"
    REST = "rest", 0, "lowers what the shopper saw and passed over"

    def __new__(cls, value: str, boost: int = 0, effect: str = "") -> Self:
        """Return the member with this value, boost and effect."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.boost = boost
        member.effect = effect
        return member


class CategoryOrder(StrEnum):
    """How the products of a category's page stand, behind those that staff pinned there."""

    NEWEST = "newest"
    POPULARITY = "popularity"
    PERSONAL = "personal"


class ModelState(StrEnum):
    """The state of a model version.

    A rejected one was trained and is not good enough; the training of a failed one did not end.
    """

    CANDIDATE = "candidate"
    LIVE = "live"
    RETIRED = "retired"
    REJECTED = "rejected"
    FAILED = "failed"


class WhatIfState(StrEnum):
    """How far a try of a change on served lists is. A failed one could not be finished."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class InspectedHistory(StrEnum):
    """Whose history staff look at when they ask why a list is as it is."""

    SHOPPER = "shopper"
    VISITOR = "visitor"
    TYPED = "typed"
    """Nobody's: staff typed it."""


class FeedContent(StrEnum):
    """What a feed holds."""

    PRODUCTS = "products"
    INTERACTIONS = "interactions"


class FeedInterval(StrEnum):
    """How often a feed is fetched; `length` is the time between two fetches."""

    length: timedelta

    QUARTER_HOURLY = "quarter_hourly", timedelta(minutes=15)
    HOURLY = "hourly", timedelta(hours=1)
    SIX_HOURLY = "six_hourly", timedelta(hours=6)
    DAILY = "daily", timedelta(days=1)
    WEEKLY = "weekly", timedelta(days=7)

    def __new__(cls, value: str, length: timedelta = timedelta(days=1)) -> Self:
        """Return the member with this value and length."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.length = length
        return member


class FeedRunState(StrEnum):
    """What became of one fetch of a feed.

    An unchanged one found nothing new. A refused one would have changed more than staff may expect,
    and a failed one could not be fetched or read. The process of an interrupted one was killed.
    """

    RUNNING = "running"
    IMPORTED = "imported"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class PictureState(StrEnum):
    """What became of the address of a picture."""

    WAITING = "waiting"
    FETCHED = "fetched"
    REFUSED = "refused"


class ExperimentState(StrEnum):
    """Where an experiment is; a paused one serves no arm, and may go on."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class ExperimentKind(StrEnum):
    """How an experiment compares."""

    ARMS = "arms"
    """Each subject is dealt to one arm."""
    INTERLEAVING = "interleaving"
    """Each subject sees lists that the models of both arms share."""


class ExperimentEventKind(StrEnum):
    """What happened to an experiment."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    STOPPED = "stopped"


class Audience(StrEnum):
    """Whose lists an experiment may change."""

    EVERYONE = "everyone"
    SHOPPERS = "shoppers"
    """Those who are signed in."""
    VISITORS = "visitors"
    """Those who are not."""


class SearchMode(StrEnum):
    """What searches compare with products."""

    WORDS = "words"
    MEANING = "meaning"
    """Words and meaning, if the shop has a model of meaning."""


class TrialMetric(StrEnum):
    """What experiments compare, as `trials.metrics` names it."""

    CLICK_THROUGH = "click_through"
    ADD_TO_CART = "add_to_cart"
    CONVERSION = "conversion"
    REVENUE = "revenue"
    MARGIN = "margin"


class Guardrail(StrEnum):
    """What pauses an experiment if an arm does worse than the control."""

    ERRORS = "errors"
    LATENCY = "latency"
    EMPTY_LISTS = "empty_lists"
    REVENUE = "revenue"


class TokenScope(StrEnum):
    """What a server's token may do."""

    RECOMMENDATIONS_READ = "recommendations:read"
    INTERACTIONS_WRITE = "interactions:write"
    CATALOGUE_WRITE = "catalogue:write"
    SHOPPERS_WRITE = "shoppers:write"
    METRICS_READ = "metrics:read"
    INSIGHT_READ = "insight:read"
    EXPERIMENTS_READ = "experiments:read"
    EXPERIMENTS_WRITE = "experiments:write"


def build_choices(enumeration: type[StrEnum]) -> list[tuple[str, str]]:
    """Return (value, label) pairs as Django's `choices` want them."""
    return [(member.value, member.name.replace("_", " ").capitalize()) for member in enumeration]
