"""What remains of a condition for one request: tests of products alone."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from recommendations.engine.conditions.fields import About, Op, find_field, fold
from recommendations.engine.conditions.parsing import All, AnyOf, Condition, Not, Test


@dataclass(frozen=True, slots=True)
class ViewedProduct:
    """The product that the shopper looks at."""

    category: str
    brand: str
    price: float


class Situation(Protocol):
    """What a request knows besides the products; read only where a condition asks for it."""

    @property
    def viewed(self) -> ViewedProduct | None:
        """The product that a list is about; None on other pages."""

    @property
    def shopper(self) -> str:
        """`new` or `returning`."""

    @property
    def bought_category(self) -> Collection[str]:
        """The categories from which the shopper has bought, at all levels."""

    @property
    def favourite_category(self) -> Collection[str]:
        """The categories that the shopper likes, at all levels."""

    @property
    def favourite_brand(self) -> Collection[str]:
        """The brands that the shopper likes."""

    @property
    def query(self) -> str | None:
        """What was searched; None where nothing was."""


def resolve(condition: Condition, situation: Situation) -> Condition:
    """Return the condition with all that the situation decides decided.

    What is left has only tests of products with values, or is True or False. A relative test does
    not hold where no product is looked at, nor for a brand or category that this has not.
    """
    match condition:
        case Test():
            return _resolve_test(condition, situation)
        case All(parts) | AnyOf(parts):
            # One part that is False decides a group of all, one that is True a group of any.
            decisive = isinstance(condition, AnyOf)
            left = [resolve(part, situation) for part in parts]
            if any(part is decisive for part in left):
                return decisive
            kept = tuple(part for part in left if not isinstance(part, bool))
            if len(kept) < 2:
                return kept[0] if kept else not decisive
            return AnyOf(kept) if decisive else All(kept)
        case Not(part):
            decided = resolve(part, situation)
            return (not decided) if isinstance(decided, bool) else Not(decided)
    return condition


def depends_on_situation(test: Test) -> bool:
    """Return whether a test says something else for another shopper, page or search."""
    field = find_field(test.field)
    return test.op.is_relative or (field is not None and field.about is not About.PRODUCT)


def _resolve_test(test: Test, situation: Situation) -> Condition:
    if not depends_on_situation(test):
        return test
    if test.op.is_relative:
        return _resolve_relative(test, situation.viewed)
    match test.field:
        case "shopper":
            return situation.shopper == test.value
        case "query":
            return _matches_query(test, situation.query)
    names: Collection[str] = getattr(situation, test.field)
    wanted = test.value if isinstance(test.value, tuple) else ()
    is_among = any(value in names for value in wanted)
    return is_among if test.op is Op.IN else not is_among


def _resolve_relative(test: Test, viewed: ViewedProduct | None) -> Condition:
    if viewed is None:
        return False
    if test.op is Op.CHEAPER:
        return Test(test.field, Op.BELOW, (viewed.price,))
    if test.op is Op.DEARER:
        return Test(test.field, Op.ABOVE, (viewed.price,))
    name = viewed.brand if test.field == "brand" else viewed.category
    return Test(test.field, Op.IN if test.op is Op.SAME else Op.NOT_IN, (name,)) if name else False


def _matches_query(test: Test, query: str | None) -> bool:
    if query is None or not isinstance(test.value, tuple):
        return False
    typed = fold(query)
    if test.op is Op.IN:
        return typed in test.value
    words = set(typed.split())
    return any(words.issuperset(str(value).split()) for value in test.value)
