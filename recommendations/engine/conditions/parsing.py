"""Reads conditions from JSON, and writes them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recommendations.engine.conditions.fields import (
    ATTRIBUTE,
    FIELDS,
    LARGEST_NUMBER,
    LONGEST_TEXT,
    MAX_DEPTH,
    MAX_TESTS,
    MAX_VALUES,
    ConditionField,
    Kind,
    Op,
    find_field,
    fold,
)
from recommendations.errors import InvalidInputError

Value = tuple[Any, ...] | bool | str | None


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison. `value` is a tuple for lists and numbers; None where the op is relative."""

    __test__ = False  # for pytest, which collects classes of this name

    field: str
    op: Op
    value: Value = None


@dataclass(frozen=True, slots=True)
class All:
    """Holds if all parts hold; also if there is none."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds if one of the parts holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds if the part does not."""

    part: "Condition"


Condition = Test | All | AnyOf | Not | bool
"""`True` and `False` are what remains of a condition that does not depend on the product."""

_GROUPS = ("all", "any", "not")


class ConditionError(InvalidInputError):
    """A condition that cannot be used; the message names the place in it."""


def parse_condition(data: Any, *, with_secrets: bool = True) -> Condition:
    """Return the condition that JSON data describe.

    Args:
        data: A test or a group, as `fields` shows them.
        with_secrets: Whether fields that only staff and servers may ask for are allowed.

    Raises:
        ConditionError: The data are wrong, or too large or deep.
    """
    return _Reader(with_secrets=with_secrets).read(data, "", 0)


def parse_condition_text(text: str, *, with_secrets: bool = True) -> Condition:
    """Return the condition of a JSON text; raises what `parse_condition` raises."""
    try:
        data = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        raise ConditionError(
            'This is not JSON. Write a condition such as {"field": "price", "op": "at_most", '
            '"value": 50}.'
        ) from None
    return parse_condition(data, with_secrets=with_secrets)


def write_condition(condition: Condition) -> dict[str, Any]:
    """Return the JSON data of a condition; equal conditions have equal data."""
    match condition:
        case Test(field, op, None):
            return {"field": field, "op": op.value}
        case Test(field, op, value):
            is_one = isinstance(value, tuple) and len(value) == 1 and op in _NUMERIC_OPS
            shown = value[0] if is_one and isinstance(value, tuple) else value
            return {
                "field": field,
                "op": op.value,
                "value": list(shown) if isinstance(shown, tuple) else shown,
            }
        case All(parts):
            return {"all": [write_condition(part) for part in parts]}
        case AnyOf(parts):
            return {"any": [write_condition(part) for part in parts]}
        case Not(part):
            return {"not": write_condition(part)}
    raise TypeError(f"{condition} was never written.")


def list_tests(condition: Condition) -> list[Test]:
    """Return all tests of a condition, in their order."""
    match condition:
        case Test():
            return [condition]
        case All(parts) | AnyOf(parts):
            return [test for part in parts for test in list_tests(part)]
        case Not(part):
            return list_tests(part)
    return []


_NUMERIC_OPS = {Op.BELOW, Op.AT_MOST, Op.AT_LEAST, Op.ABOVE}


class _Reader:
    """Reads one condition and counts its tests."""

    def __init__(self, *, with_secrets: bool) -> None:
        self._with_secrets = with_secrets
        self._count = 0

    def read(self, data: Any, place: str, depth: int) -> Condition:
        """Return the condition at a place, such as `all/0`."""
        if not isinstance(data, Mapping):
            raise _error(place, "A condition is an object.")
        groups = [name for name in _GROUPS if name in data]
        if not groups:
            return self._read_test(data, place)
        if len(data) > 1:
            raise _error(place, "A group has one of all, any and not, and nothing else.")
        if depth >= MAX_DEPTH:
            raise _error(place, f"Groups may lie in each other {MAX_DEPTH} deep.")
        [name] = groups
        inside = f"{place}/{name}" if place else name
        if name == "not":
            return Not(self.read(data[name], inside, depth + 1))
        parts = data[name]
        if not isinstance(parts, Sequence) or isinstance(parts, str) or not parts:
            raise _error(inside, "This must be a list of at least one condition.")
        if len(parts) > MAX_TESTS:
            raise _error(inside, f"At most {MAX_TESTS} conditions may stand here.")
        read = tuple(
            self.read(part, f"{inside}/{number}", depth + 1) for number, part in enumerate(parts)
        )
        return All(read) if name == "all" else AnyOf(read)

    def _read_test(self, data: Mapping[str, Any], place: str) -> Test:
        self._count += 1
        if self._count > MAX_TESTS:
            raise _error(place, f"A condition has at most {MAX_TESTS} tests.")
        if unknown := sorted(set(map(str, data)) - {"field", "op", "value"}):
            raise _error(place, f"Unknown: {', '.join(unknown)}. A test has field, op and value.")
        name = data.get("field")
        field = find_field(name) if isinstance(name, str) and len(name) <= LONGEST_TEXT else None
        if not isinstance(name, str) or field is None or "\0" in name:
            known = ", ".join(
                f"{one.name}NAME" if one.name == ATTRIBUTE else one.name
                for one in FIELDS.values()
                if self._with_secrets or not one.is_secret
            )
            raise _error(place, f"There is no such field. There are {known}.")
        if field.is_secret and not self._with_secrets:
            raise _error(place, f"Only the shop's own servers may ask for {name}.")
        op = data.get("op")
        if not isinstance(op, str) or op not in [one.value for one in field.ops]:
            raise _error(place, f"The op of {name} is one of {', '.join(field.ops)}.")
        read = Op(op)
        if read.is_relative:
            if "value" in data:
                raise _error(place, f"{op} takes no value: it means the product looked at.")
            return Test(name, read)
        if "value" not in data:
            raise _error(place, "The value is missing.")
        if field.name == ATTRIBUTE:
            name = ATTRIBUTE + fold(name.removeprefix(ATTRIBUTE))
        return Test(name, read, _read_value(data["value"], field, read, place))


def _read_value(value: Any, field: ConditionField, op: Op, place: str) -> Value:
    if field.kind is Kind.FLAG:
        if not isinstance(value, bool):
            raise _error(place, "The value is true or false.")
        return value
    if field.kind is Kind.CHOICE:
        if not isinstance(value, str) or value not in field.choices:
            raise _error(place, f"The value is one of {', '.join(field.choices)}.")
        return value
    if field.kind is Kind.NUMBER:
        return _read_numbers(value, op, place)
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    if not is_list or not 1 <= len(value) <= MAX_VALUES:
        raise _error(place, f"The value is a list of 1 to {MAX_VALUES} values.")
    if field.kind is Kind.IDS:
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in value) or not all(
            0 < one < 2**63 for one in value
        ):
            raise _error(place, "The values are ids: whole numbers above 0.")
        return tuple(dict.fromkeys(value))
    if not all(
        isinstance(one, str) and one.strip() and len(one) <= LONGEST_TEXT and "\0" not in one
        for one in value
    ):
        raise _error(place, f"The values are texts of 1 to {LONGEST_TEXT} characters.")
    is_folded = field.name in {ATTRIBUTE, "query"}
    return tuple(dict.fromkeys(fold(one) if is_folded else one.strip() for one in value))


def _read_numbers(value: Any, op: Op, place: str) -> Value:
    given = value if op is Op.BETWEEN else [value]
    is_pair = isinstance(given, Sequence) and not isinstance(given, str)
    if not is_pair or (op is Op.BETWEEN and len(given) != 2):
        raise _error(place, "The value is two numbers: [lowest, highest].")
    for one in given:
        is_number = isinstance(one, int | float) and not isinstance(one, bool)
        if not is_number or not abs(one) <= LARGEST_NUMBER:
            raise _error(
                place, f"A number lies between −{LARGEST_NUMBER:g} and {LARGEST_NUMBER:g}."
            )
    if op is Op.BETWEEN and given[0] > given[1]:
        raise _error(place, "The first number may not be larger than the second.")
    return tuple(map(float, given))


def _error(place: str, problem: str) -> ConditionError:
    return ConditionError(f"At {place}: {problem}" if place else problem)
