"""Conditions and rules in words, for staff."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recommendations.choices import RuleAction
from recommendations.engine.conditions.fields import ATTRIBUTE, Op
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
from recommendations.models import Product
from recommendations.models.merchandising import ACTION_LABELS, PLACEMENT_LABELS
from recommendations.services.shop.merchandising import RuleRow

FIELD_LABELS = {
    "product": gettext_lazy("Product"),
    "category": gettext_lazy("Category"),
    "brand": gettext_lazy("Brand"),
    "price": gettext_lazy("Price"),
    "margin": gettext_lazy("Margin in percent"),
    "stock": gettext_lazy("Pieces in stock"),
    "age_days": gettext_lazy("Days in the shop"),
    "on_sale": gettext_lazy("On sale"),
    "shopper": gettext_lazy("Shopper"),
    "bought_category": gettext_lazy("Shopper has bought from category"),
    "favourite_category": gettext_lazy("Shopper likes category"),
    "favourite_brand": gettext_lazy("Shopper likes brand"),
    "query": gettext_lazy("Search query"),
}
OP_LABELS = {
    Op.IN: gettext_lazy("is one of"),
    Op.NOT_IN: gettext_lazy("is none of"),
    Op.BELOW: gettext_lazy("is below"),
    Op.AT_MOST: gettext_lazy("is at most"),
    Op.AT_LEAST: gettext_lazy("is at least"),
    Op.ABOVE: gettext_lazy("is above"),
    Op.BETWEEN: gettext_lazy("is between"),
    Op.IS: gettext_lazy("is"),
    Op.CONTAINS: gettext_lazy("has the words"),
    Op.SAME: gettext_lazy("is that of the product looked at"),
    Op.OTHER: gettext_lazy("is not that of the product looked at"),
    Op.CHEAPER: gettext_lazy("is below that of the product looked at"),
    Op.DEARER: gettext_lazy("is above that of the product looked at"),
}
CHOICE_LABELS = {
    "new": gettext_lazy("new"),
    "returning": gettext_lazy("returning"),
    "true": gettext_lazy("yes"),
    "false": gettext_lazy("no"),
}
COLUMN_LABELS = {
    "action": gettext_lazy("action"),
    "product": gettext_lazy("product"),
    "condition": gettext_lazy("conditions"),
    "one_in": gettext_lazy("one place in"),
    "days": gettext_lazy("days"),
    "times": gettext_lazy("times"),
    "percent": gettext_lazy("largest loss in percent"),
    "placement": gettext_lazy("placement"),
    "position": gettext_lazy("position"),
    "starts_at": gettext_lazy("starts at"),
    "ends_at": gettext_lazy("ends at"),
    "is_active": gettext_lazy("active"),
}
EMPTY_WORDS = {
    "product": gettext_lazy("none"),
    "condition": gettext_lazy("none"),
    **dict.fromkeys(("one_in", "days", "times", "percent"), "–"),
}


def label_field(name: str) -> str:
    """Return what staff call a field."""
    if name.startswith(ATTRIBUTE):
        return name.removeprefix(ATTRIBUTE)
    return str(FIELD_LABELS[name])


def name_products(rows: Iterable[RuleRow]) -> dict[int, str]:
    """Return the names of all products that these rules name, in one query."""
    ids: set[int] = set()
    for row in rows:
        if row["product"] is not None:
            ids.add(row["product"])
        for test in list_tests(_read(row["condition"])):
            if test.field == "product" and isinstance(test.value, tuple):
                ids.update(int(value) for value in test.value)
    return dict(Product.objects.filter(pk__in=ids).values_list("pk", "name")) if ids else {}


def describe_rule(row: RuleRow, names: Mapping[int, str]) -> str:
    """Return what a rule is about: its product or its numbers, and its conditions."""
    condition = _read(row["condition"])
    parts = _describe_numbers(row)
    if row["product"] is not None:
        parts = [_name(row["product"], names)]
    if condition is not True:
        parts.append(describe_condition(condition, names))
    return _(", if ").join(parts)


def describe_condition(condition: Condition, names: Mapping[int, str]) -> str:
    """Return a condition in words."""
    match condition:
        case Test():
            return _describe_test(condition, names)
        case All(parts):
            return _(" and ").join(_bracket(part, names) for part in parts)
        case AnyOf(parts):
            return _(" or ").join(_bracket(part, names) for part in parts)
        case Not(part):
            return _("not (%s)") % describe_condition(part, names)
    return _("nothing that can be read")


def describe_column(name: str, row: RuleRow, names: Mapping[int, str]) -> str:
    """Return the value of one column of a rule in words."""
    value = row.get(name)
    if value is None and name in EMPTY_WORDS:
        return str(EMPTY_WORDS[name])
    if name == "product":
        return _name(value, names)
    if name == "condition":
        return describe_condition(_read(value), names)
    if name in {"starts_at", "ends_at"}:
        moment = parse_datetime(value) if value else None
        return date_format(localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "–"
    if name == "is_active":
        return _("yes") if value else _("no")
    labels: dict[Any, Any] = dict(ACTION_LABELS) | dict(PLACEMENT_LABELS) | {"": _("everywhere")}
    return str(labels.get(value, value)) if name in {"action", "placement"} else str(value)


def _describe_numbers(row: RuleRow) -> list[str]:
    """Return what a rule says that reserves places or lets products rest, nothing of others."""
    numbers = {name: row.get(name) for name in ("one_in", "days", "times", "percent")}
    if row["action"] == RuleAction.RESERVE:
        sentence = ngettext(
            "one place in %(one_in)s for what was first touched within %(days)s day or has fewer "
            "interactions than %(times)s",
            "one place in %(one_in)s for what was first touched within %(days)s days or has fewer "
            "interactions than %(times)s",
            row["days"],
        )
        return [sentence % numbers]
    if row["action"] == RuleAction.REST:
        sentence = ngettext(
            "up to %(percent)s %% less for what was seen within %(days)s day without a click; so "
            "often for the most: %(times)s",
            "up to %(percent)s %% less for what was seen within %(days)s days without a click; so "
            "often for the most: %(times)s",
            row["days"],
        )
        return [sentence % numbers]
    return []


def _read(data: Any) -> Condition:
    """Return the condition of a stored rule; False if it cannot be read."""
    try:
        return True if data is None else parse_condition(data)
    except ConditionError:
        return False


def _bracket(part: Condition, names: Mapping[int, str]) -> str:
    text = describe_condition(part, names)
    return f"({text})" if isinstance(part, All | AnyOf) else text


def _describe_test(test: Test, names: Mapping[int, str]) -> str:
    label, op = label_field(test.field), str(OP_LABELS[test.op])
    if test.op.is_relative:
        return f"{label} {op}"
    if isinstance(test.value, bool):
        return f"{label}: {CHOICE_LABELS[str(test.value).lower()]}"
    if isinstance(test.value, str):
        return f"{label}: {CHOICE_LABELS[test.value]}"
    values: Sequence[object] = test.value or ()
    if test.op is Op.BETWEEN:
        shown = _("%(low)s and %(high)s") % {
            "low": _show_number(values[0]),
            "high": _show_number(values[1]),
        }
    elif test.field == "product":
        shown = ", ".join(_name(value, names) for value in values)
    else:
        shown = ", ".join(_show_number(value) for value in values)
    return f"{label} {op} {shown}"


def _show_number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else f"“{value}”"


def _name(product_id: object, names: Mapping[int, str]) -> str:
    name = names.get(int(str(product_id)))
    return f"“{name}”" if name else _("product %s, which is gone") % product_id
