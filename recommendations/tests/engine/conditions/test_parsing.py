from typing import Any

import pytest

from recommendations.engine.conditions.fields import MAX_DEPTH, MAX_TESTS, MAX_VALUES, Op
from recommendations.engine.conditions.parsing import (
    All,
    ConditionError,
    Not,
    Test,
    parse_condition,
    parse_condition_text,
    write_condition,
)

CHEAP = {"field": "price", "op": "at_most", "value": 50}


def nest(depth: int) -> Any:
    return CHEAP if depth == 0 else {"not": nest(depth - 1)}


def test_a_condition_is_read_with_folded_attributes_and_each_value_once() -> None:
    data = {
        "all": [
            {"field": "attribute: Main  Colour ", "op": "in", "value": ["Red", "RED ", "blue"]},
            {"not": {"field": "price", "op": "between", "value": [10, 50]}},
            {"field": "brand", "op": "same_as_viewed"},
        ]
    }

    condition = parse_condition(data)

    assert condition == All(
        (
            Test("attribute:main colour", Op.IN, ("red", "blue")),
            Not(Test("price", Op.BETWEEN, (10.0, 50.0))),
            Test("brand", Op.SAME),
        )
    )


@pytest.mark.parametrize(
    "data",
    [
        CHEAP,
        {"field": "product", "op": "not_in", "value": [3, 1]},
        {"field": "on_sale", "op": "is", "value": True},
        {"field": "shopper", "op": "is", "value": "new"},
        {"field": "price", "op": "cheaper_than_viewed"},
        {"any": [{"field": "stock", "op": "between", "value": [1, 5]}, {"not": CHEAP}]},
    ],
)
def test_what_is_written_is_what_was_read(data: Any) -> None:
    written = write_condition(parse_condition(data))

    assert written == data
    assert parse_condition(written) == parse_condition(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "A condition is an object."),
        ({"field": "mood", "op": "in", "value": ["a"]}, "There is no such field."),
        ({"field": "attribute:", "op": "in", "value": ["a"]}, "There is no such field."),
        ({"field": ["price"], "op": "in", "value": ["a"]}, "There is no such field."),
        ({"field": "price", "op": "in", "value": [1]}, "The op of price is one of at_most"),
        ({"field": "price", "op": ["in"], "value": 1}, "The op of price is one of at_most"),
        ({"field": "price", "op": "at_most"}, "The value is missing."),
        ({"field": "price", "op": "at_most", "value": "9"}, "A number lies between"),
        ({"field": "price", "op": "at_most", "value": True}, "A number lies between"),
        ({"field": "price", "op": "at_most", "value": float("nan")}, "A number lies between"),
        ({"field": "price", "op": "at_most", "value": 10**400}, "A number lies between"),
        ({"field": "price", "op": "between", "value": [5]}, "two numbers: [lowest, highest]"),
        ({"field": "price", "op": "between", "value": 5}, "two numbers: [lowest, highest]"),
        ({"field": "price", "op": "between", "value": [5, 1]}, "may not be larger"),
        ({"field": "price", "op": "cheaper_than_viewed", "value": 5}, "takes no value"),
        ({"field": "product", "op": "in", "value": [True]}, "The values are ids"),
        ({"field": "product", "op": "in", "value": [0]}, "The values are ids"),
        ({"field": "brand", "op": "in", "value": "Acme"}, "a list of 1 to 50 values"),
        ({"field": "brand", "op": "in", "value": []}, "a list of 1 to 50 values"),
        ({"field": "brand", "op": "in", "value": [" "]}, "texts of 1 to 500 characters"),
        ({"field": "brand", "op": "in", "value": ["a\0"]}, "texts of 1 to 500 characters"),
        ({"field": "brand", "op": "in", "value": ["x"] * (MAX_VALUES + 1)}, "1 to 50 values"),
        ({"field": "on_sale", "op": "is", "value": "yes"}, "true or false"),
        ({"field": "shopper", "op": "is", "value": "old"}, "one of new, returning"),
        ({"field": "price", "op": "at_most", "value": 5, "why": 1}, "Unknown: why."),
        ({"all": [CHEAP], "any": [CHEAP]}, "A group has one of"),
        ({"all": []}, "At all: This must be a list"),
        ({"all": "x"}, "At all: This must be a list"),
        ({"all": [CHEAP, {"any": [{}]}]}, "At all/1/any/0: There is no such field."),
        ({"all": [CHEAP] * (MAX_TESTS + 1)}, "At most 20 conditions"),
        ({"all": [{"any": [CHEAP] * 11}, {"any": [CHEAP] * 11}]}, "at most 20 tests"),
        (nest(MAX_DEPTH + 1), "Groups may lie in each other 4 deep."),
    ],
)
def test_a_wrong_condition_is_refused_with_its_place(data: Any, message: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse_condition(data)

    assert message in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"field": "price", "value": NaN}'])
def test_a_text_that_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_condition_text(text)


@pytest.mark.parametrize("field", ["margin", "shopper", "bought_category", "query"])
def test_what_only_servers_may_ask_is_refused_to_others(field: str) -> None:
    with pytest.raises(ConditionError, match=f"Only the shop's own servers may ask for {field}."):
        parse_condition({"field": field, "op": "in", "value": ["x"]}, with_secrets=False)


def test_the_deepest_condition_is_read() -> None:
    assert write_condition(parse_condition(nest(MAX_DEPTH))) == nest(MAX_DEPTH)
