"""Evaluates conditions for many products at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.conditions.fields import ATTRIBUTE, Op
from recommendations.engine.conditions.parsing import All, AnyOf, Condition, Not, Test

BoolArray = NDArray[np.bool_]
Numbers = NDArray[np.float64]
_COMPARISONS = {
    Op.BELOW: np.less,
    Op.AT_MOST: np.less_equal,
    Op.AT_LEAST: np.greater_equal,
    Op.ABOVE: np.greater,
}
NO_VALUES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ProductColumns:
    """The fields of products that conditions ask for, a column each; all have the same order.

    A column that no condition asks for is empty: a list waits for each. `price`, `margin` (NaN
    where unknown), `stock` and `age_days` are numbers. `categories` are all levels of all
    categories of a product, or those of them that conditions name. `attributes` has folded values
    by the folded name of an attribute, those that conditions name.
    """

    product: Sequence[int]
    categories: Sequence[Collection[str]] = ()
    brand: Sequence[str] = ()
    price: Numbers = field(default_factory=lambda: np.empty(0))
    margin: Numbers = field(default_factory=lambda: np.empty(0))
    stock: Numbers = field(default_factory=lambda: np.empty(0))
    age_days: Numbers = field(default_factory=lambda: np.empty(0))
    on_sale: BoolArray = field(default_factory=lambda: np.empty(0, dtype=bool))
    attributes: Mapping[str, Sequence[Collection[str]]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.product)


def evaluate(condition: Condition, columns: ProductColumns) -> BoolArray:
    """Return for each product whether a condition holds; see `resolving` for what it may ask."""
    match condition:
        case bool():
            return np.full(len(columns), condition)
        case Test():
            return _evaluate_test(condition, columns)
        case All(parts) | AnyOf(parts):
            join = np.logical_and if isinstance(condition, All) else np.logical_or
            joined: BoolArray = join.reduce([evaluate(part, columns) for part in parts])
            return joined
        case Not(part):
            return ~evaluate(part, columns)
    raise TypeError(f"{condition} is no condition.")


def _evaluate_test(test: Test, columns: ProductColumns) -> BoolArray:
    if test.op in (Op.IN, Op.NOT_IN):
        among = _is_among(test, columns)
        return among if test.op is Op.IN else ~among
    if test.field == "on_sale":
        return columns.on_sale if test.value else ~columns.on_sale
    numbers: Numbers = getattr(columns, test.field)
    bounds: Sequence[float] = test.value if isinstance(test.value, tuple) else ()
    # Comparisons with NaN are false.
    if test.op is Op.BETWEEN:
        return (numbers >= bounds[0]) & (numbers <= bounds[1])
    holds: BoolArray = _COMPARISONS[test.op](numbers, bounds[0])
    return holds


def _is_among(test: Test, columns: ProductColumns) -> BoolArray:
    wanted = frozenset(test.value) if isinstance(test.value, tuple) else frozenset()
    if test.field == "product":
        found = [one in wanted for one in columns.product]
    elif test.field == "brand":
        found = [one in wanted for one in columns.brand]
    else:
        sets: Sequence[Collection[str]]
        if test.field == "category":
            sets = columns.categories
        else:
            name = test.field.removeprefix(ATTRIBUTE)
            sets = columns.attributes.get(name) or [NO_VALUES] * len(columns)
        found = [not wanted.isdisjoint(each) for each in sets]
    return np.array(found, dtype=bool)
