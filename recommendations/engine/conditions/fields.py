"""What a condition may ask of a product, of the shopper, and of the search: declared once.

A condition is JSON: a test, or a group of conditions.

    {"field": "price", "op": "between", "value": [10, 50]}
    {"all": [...]}   {"any": [...]}   {"not": {...}}
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_DEPTH = 4
"""How many groups a test may lie in."""
MAX_TESTS = 20
MAX_VALUES = 50
LONGEST_TEXT = 500
LARGEST_NUMBER = 1e12
ATTRIBUTE = "attribute:"
"""Stands before the name of an attribute: `attribute:Colour`."""


class Op(StrEnum):
    """How a field is compared with the value of a test."""

    IN = "in"
    NOT_IN = "not_in"
    BELOW = "below"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOVE = "above"
    BETWEEN = "between"
    """Both bounds are in it."""
    IS = "is"
    CONTAINS = "contains"
    """All words of a value stand in the query."""
    SAME = "same_as_viewed"
    OTHER = "other_than_viewed"
    CHEAPER = "cheaper_than_viewed"
    DEARER = "dearer_than_viewed"

    @property
    def is_relative(self) -> bool:
        """Whether the product that the shopper looks at takes the place of the value."""
        return self in RELATIVE


RELATIVE = frozenset({Op.SAME, Op.OTHER, Op.CHEAPER, Op.DEARER})
MEMBERSHIP = (Op.IN, Op.NOT_IN)
COMPARISONS = (Op.AT_MOST, Op.AT_LEAST, Op.BETWEEN, Op.BELOW, Op.ABOVE)


class Kind(StrEnum):
    """What the values of a field are."""

    IDS = "ids"
    TEXTS = "texts"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"


class About(StrEnum):
    """Whom or what a field describes."""

    PRODUCT = "product"
    SHOPPER = "shopper"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class ConditionField:
    """A field that a test may name."""

    name: str
    kind: Kind
    ops: Sequence[Op]
    about: About
    meaning: str
    choices: Sequence[str] = ()
    is_secret: bool = False
    """Whether only staff and the shop's own servers may ask for it: answers would tell it."""


_FIELDS = (
    ConditionField("product", Kind.IDS, MEMBERSHIP, About.PRODUCT, "Its id in this shop."),
    ConditionField(
        "category",
        Kind.TEXTS,
        (*MEMBERSHIP, Op.SAME, Op.OTHER),
        About.PRODUCT,
        "The path of a category that it lies in, at any level. The same as that of the product "
        "looked at: it lies in that product's main category.",
    ),
    ConditionField(
        "brand", Kind.TEXTS, (*MEMBERSHIP, Op.SAME, Op.OTHER), About.PRODUCT, "Its brand."
    ),
    ConditionField(
        ATTRIBUTE,
        Kind.TEXTS,
        MEMBERSHIP,
        About.PRODUCT,
        "A value of an attribute, or of an option of a variant; the name follows the colon. Case "
        "and spaces do not matter.",
    ),
    ConditionField(
        "price",
        Kind.NUMBER,
        (*COMPARISONS, Op.CHEAPER, Op.DEARER),
        About.PRODUCT,
        "What is charged now; the lowest price of a product with several.",
    ),
    ConditionField(
        "margin",
        Kind.NUMBER,
        COMPARISONS,
        About.PRODUCT,
        "100 × (price − cost) / price. No test holds for a product whose cost is unknown.",
        is_secret=True,
    ),
    ConditionField("stock", Kind.NUMBER, COMPARISONS, About.PRODUCT, "How many pieces are left."),
    ConditionField(
        "age_days", Kind.NUMBER, COMPARISONS, About.PRODUCT, "Days since it came into the shop."
    ),
    ConditionField(
        "on_sale", Kind.FLAG, (Op.IS,), About.PRODUCT, "Whether its price is lowered now."
    ),
    ConditionField(
        "shopper",
        Kind.CHOICE,
        (Op.IS,),
        About.SHOPPER,
        "`returning`: of the interactions that lists are made from, one is a purchase, or is more "
        "than a day older than the latest. `new`: everybody else.",
        choices=("new", "returning"),
        is_secret=True,
    ),
    ConditionField(
        "bought_category",
        Kind.TEXTS,
        MEMBERSHIP,
        About.SHOPPER,
        "The path of a category from which the shopper has bought, at any level.",
        is_secret=True,
    ),
    ConditionField(
        "favourite_category",
        Kind.TEXTS,
        MEMBERSHIP,
        About.SHOPPER,
        "The path of a category, at any level, with at least three of the shopper's interactions "
        "and at least three tenths of their weight.",
        is_secret=True,
    ),
    ConditionField(
        "favourite_brand",
        Kind.TEXTS,
        MEMBERSHIP,
        About.SHOPPER,
        "A brand with as much of the shopper's interactions.",
        is_secret=True,
    ),
    ConditionField(
        "query",
        Kind.TEXTS,
        (Op.IN, Op.CONTAINS),
        About.SEARCH,
        "What was searched; case and spaces do not matter.",
        is_secret=True,
    ),
)
FIELDS = {field.name: field for field in _FIELDS}
"""All fields by name; that of attributes is the prefix of their names."""


def find_field(name: str) -> ConditionField | None:
    """Return the field of a name, None if there is none."""
    if name.startswith(ATTRIBUTE):
        return FIELDS[ATTRIBUTE] if name.removeprefix(ATTRIBUTE).strip() else None
    return FIELDS.get(name)


def fold(text: str) -> str:
    """Return a text in the form by which attributes and queries are compared."""
    return " ".join(text.split()).casefold()
