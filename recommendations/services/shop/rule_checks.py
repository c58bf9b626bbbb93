"""What is wrong with the rules that staff work on: conflicts, and rules without effect."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from recommendations.choices import Placement, RuleAction
from recommendations.engine.conditions.parsing import (
    All,
    AnyOf,
    Condition,
    ConditionError,
    Not,
    Test,
    list_tests,
    parse_condition,
)
from recommendations.engine.conditions.resolving import depends_on_situation
from recommendations.engine.placement_policies import DIVERSE, PLACEMENT_POLICIES
from recommendations.models import Product
from recommendations.services.shop.merchandising import RuleRow
from recommendations.services.shop.product_columns import build_query

RULES_PER_QUERY = 20
"""How many rules one statement counts products for."""


class Problem(StrEnum):
    """What is wrong with a rule; `other` of a finding names the rule that it contradicts."""

    INVALID = "invalid"
    SWITCHED_OFF = "switched_off"
    NOT_BEGUN = "not_begun"
    ENDED = "ended"
    NO_PRODUCT = "no_product"
    """No product on sale is one that the rule is about."""
    NO_VIEWED_PRODUCT = "no_viewed_product"
    """It compares with the product looked at, and its placement has none."""
    NO_QUERY = "no_query"
    """It asks for a query, and nothing is searched at its placement."""
    NO_LIST_OF_THEIR_OWN = "no_list_of_their_own"
    """It is about the lists made for the shopper, and its placement has none."""
    PINNED_AND_HIDDEN = "pinned_and_hidden"
    SAME_PLACE = "same_place"
    """Another pin has the same position."""
    HIDES_ALL = "hides_all"


CONFLICTS = {Problem.INVALID, Problem.PINNED_AND_HIDDEN, Problem.SAME_PLACE, Problem.HIDES_ALL}
"""The problems that want a decision; the others only say why a rule does nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of a rule, and a rule that it is with, if it is with others."""

    problem: Problem
    other: int | None = None


def find_problems(
    rows: Sequence[RuleRow], *, among: Iterable[int] | None = None
) -> dict[int, list[Finding]]:
    """Return the problems of rules by id; a rule without a problem is not among them.

    Whether products match is counted without regard to what differs between shoppers and pages: a
    test of those counts as true. `among` are the rules whose problems are wanted, by default all.
    """
    wanted = {row["id"] for row in rows} if among is None else set(among)
    now = timezone.now()
    found: dict[int, list[Finding]] = defaultdict(list)
    working = []
    for row in rows:
        problem = _find_idle(row, now)
        if problem is None:
            working.append(row)
        elif row["id"] in wanted:
            found[row["id"]].append(Finding(problem))
    _check_matches(working, wanted, found)
    _check_pins(working, wanted, found)
    _check_together(working, wanted, found)
    return dict(found)


def _find_idle(row: RuleRow, now: datetime) -> Problem | None:
    """Return why a rule does nothing at all now, as far as its own columns tell."""
    try:
        condition = _read(row)
        placement = Placement(row["placement"]) if row["placement"] else None
        action = RuleAction(row["action"])
    except (ConditionError, ValueError):
        return Problem.INVALID
    starts_at, ends_at = (
        parse_datetime(row[name]) if row[name] else None for name in ("starts_at", "ends_at")
    )
    tests = list_tests(condition)
    asks_viewed = any(test.op.is_relative for test in tests)
    asks_query = any(test.field == "query" for test in tests)
    must_view = placement not in (None, Placement.PRODUCT)
    must_search = placement not in (None, Placement.SEARCH)
    is_of_own_lists = action in {RuleAction.RESERVE, RuleAction.REST}
    problems = (
        (not row["is_active"], Problem.SWITCHED_OFF),
        (ends_at is not None and ends_at <= now, Problem.ENDED),
        (starts_at is not None and starts_at > now, Problem.NOT_BEGUN),
        (
            is_of_own_lists and placement is Placement.PRODUCT,
            Problem.NO_LIST_OF_THEIR_OWN,
        ),
        (asks_viewed and must_view, Problem.NO_VIEWED_PRODUCT),
        (asks_query and must_search, Problem.NO_QUERY),
    )
    return next((problem for holds, problem in problems if holds), None)


def _check_matches(
    rows: Sequence[RuleRow], wanted: set[int], found: dict[int, list[Finding]]
) -> None:
    """Note which rules match no product on sale, and which hide all."""
    asked = [row for row in rows if row["id"] in wanted]
    on_sale = Product.objects.filter(is_active=True, stock__gt=0).order_by()
    for first in range(0, len(asked), RULES_PER_QUERY):
        part = asked[first : first + RULES_PER_QUERY]
        counts = on_sale.aggregate(
            total=Count("pk"),
            **{f"rule_{row['id']}": Count("pk", filter=_build_match(row)) for row in part},
        )
        for row in part:
            matches = counts[f"rule_{row['id']}"]
            if not matches:
                found[row["id"]].append(Finding(Problem.NO_PRODUCT))
            elif row["action"] == RuleAction.HIDE and matches == counts["total"]:
                found[row["id"]].append(Finding(Problem.HIDES_ALL))


def _check_together(
    rows: Sequence[RuleRow], wanted: set[int], found: dict[int, list[Finding]]
) -> None:
    """Note rules that together hide all products on sale at a placement, from every shopper."""
    hiding = [
        row
        for row in rows
        if row["action"] == RuleAction.HIDE
        and not any(map(depends_on_situation, list_tests(_read(row))))
    ]
    here = {
        placement: [row for row in hiding if placement in _list_placements(row)]
        for placement in Placement
    }
    told = {rule_id for rule_id, each in found.items() if Finding(Problem.HIDES_ALL) in each}
    here = {
        placement: each
        for placement, each in here.items()
        if len(each) > 1 and told.isdisjoint(row["id"] for row in each)
    }
    if not here:
        return
    hides: dict[str, Any] = {}
    for placement, each in here.items():
        query = _build_match(each[0])
        for row in each[1:]:
            query |= _build_match(row)
        hides[placement.value] = Count("pk", filter=query)
    on_sale = Product.objects.filter(is_active=True, stock__gt=0).order_by()
    counts = on_sale.aggregate(total=Count("pk"), **hides)
    for placement, each in here.items():
        if counts["total"] and counts[placement.value] == counts["total"]:
            for row in each:
                finding = Finding(Problem.HIDES_ALL)
                if row["id"] in wanted and finding not in found[row["id"]]:
                    found[row["id"]].append(finding)


def _check_pins(rows: Sequence[RuleRow], wanted: set[int], found: dict[int, list[Finding]]) -> None:
    """Note pins of the same position, and pins of products that a rule hides."""
    pins = [row for row in rows if row["action"] == RuleAction.PIN]
    hiding = [row for row in rows if row["action"] == RuleAction.HIDE]
    for place, pin in enumerate(pins):
        for other in pins[place + 1 :]:
            is_same_place = pin["position"] == other["position"] and _meet(pin, other)
            if is_same_place and pin["product"] != other["product"]:
                _note_both(pin, other, Problem.SAME_PLACE, wanted, found)
    hidden = _find_hidden({pin["product"] for pin in pins}, hiding)
    for pin in pins:
        for rule in hiding:
            if pin["product"] in hidden[rule["id"]] and _meet(pin, rule):
                _note_both(pin, rule, Problem.PINNED_AND_HIDDEN, wanted, found)


def _find_hidden(product_ids: set[int], hiding: Sequence[RuleRow]) -> dict[int, set[int]]:
    """Return which of the products each rule hides for somebody; one query for some rules."""
    hidden: dict[int, set[int]] = {row["id"]: set() for row in hiding}
    products = Product.objects.filter(pk__in=product_ids).order_by()
    for first in range(0, len(hiding) if product_ids else 0, RULES_PER_QUERY):
        part = hiding[first : first + RULES_PER_QUERY]
        flags = {
            f"rule_{row['id']}": Case(
                When(_build_match(row), then=Value(1)),
                default=Value(0),
                output_field=IntegerField(),
            )
            for row in part
        }
        for product in products.annotate(**flags).values("pk", *flags):
            for row in part:
                if product[f"rule_{row['id']}"]:
                    hidden[row["id"]].add(product["pk"])
    return hidden


def _note_both(
    one: RuleRow,
    other: RuleRow,
    problem: Problem,
    wanted: set[int],
    found: dict[int, list[Finding]],
) -> None:
    for row, its_other in ((one, other), (other, one)):
        told = [finding.problem for finding in found[row["id"]]] if row["id"] in found else []
        if row["id"] in wanted and problem not in told:
            found[row["id"]].append(Finding(problem, its_other["id"]))


def _meet(one: RuleRow, other: RuleRow) -> bool:
    """Return whether both rules apply at one placement at one time."""
    here, there = _list_placements(one), _list_placements(other)
    return bool(here & there) and _begins_before_end(one, other) and _begins_before_end(other, one)


def _begins_before_end(one: RuleRow, other: RuleRow) -> bool:
    starts_at = parse_datetime(one["starts_at"]) if one["starts_at"] else None
    ends_at = parse_datetime(other["ends_at"]) if other["ends_at"] else None
    return starts_at is None or ends_at is None or starts_at < ends_at


def _list_placements(row: RuleRow) -> set[Placement]:
    if row["placement"]:
        return {Placement(row["placement"])}
    if row["action"] == RuleAction.PIN:
        return {one for one in Placement if PLACEMENT_POLICIES[one] is DIVERSE}
    return set(Placement)


def _build_match(row: RuleRow) -> Q:
    query = build_query(_widen(_read(row), holds=True))
    return query if row["product"] is None else query & Q(pk=row["product"])


def _read(row: RuleRow) -> Condition:
    return True if row["condition"] is None else parse_condition(row["condition"])


def _widen(condition: Condition, *, holds: bool) -> Condition:
    """Return a condition that holds for each product for which this one may hold for somebody.

    Inside a negation the same is done with what may fail (`holds` False).
    """
    match condition:
        case Test():
            return holds if depends_on_situation(condition) else condition
        case All(parts):
            return All(tuple(_widen(part, holds=holds) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_widen(part, holds=holds) for part in parts))
        case Not(part):
            return Not(_widen(part, holds=not holds))
    return condition
