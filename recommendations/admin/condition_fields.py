"""The form of a condition: rows of a field, a comparison and values, in two groups.

All rows of the first group must hold, and at least one of the second. Each row is three inputs that
work without a script: the values are lines of a text area, which `conditions.js` makes easier.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from recommendations.admin.condition_words import (
    CHOICE_LABELS,
    FIELD_LABELS,
    OP_LABELS,
    describe_condition,
    label_field,
    name_products,
)
from recommendations.engine.conditions.fields import (
    ATTRIBUTE,
    FIELDS,
    MAX_TESTS,
    About,
    Kind,
    Op,
    find_field,
)
from recommendations.engine.conditions.parsing import (
    All,
    AnyOf,
    Condition,
    ConditionError,
    Test,
    parse_condition,
    write_condition,
)
from recommendations.services.shop.condition_choices import find_missing, list_attribute_names

SENTENCES_OF_THE_ENGINE = (
    gettext_noop("The first number may not be larger than the second."),
    gettext_noop("The value is two numbers: [lowest, highest]."),
)
"""What the engine, which knows no languages, says of values that a row can hold."""

ALL, ANY = "all", "any"
GROUP_LABELS = {
    ALL: gettext_lazy("All of these hold"),
    ANY: gettext_lazy("And at least one of these holds"),
}
ABOUT_LABELS = {
    About.PRODUCT: gettext_lazy("Product"),
    About.SHOPPER: gettext_lazy("Shopper"),
    About.SEARCH: gettext_lazy("Search"),
}
KEPT = "-kept"
"""Ends the name of the input that carries a condition which rows cannot show."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the form as it was sent, or as it is shown."""

    field: str = ""
    op: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class SentCondition:
    """What a form sent."""

    groups: Mapping[str, Sequence[Row]]
    kept: str = ""


def split_condition(condition: Condition) -> dict[str, list[Test]] | None:
    """Return the tests of both groups; None for a condition that rows cannot show."""
    parts = condition.parts if isinstance(condition, All) else (condition,)
    groups: dict[str, list[Test]] = {ALL: [], ANY: []}
    for part in parts:
        if isinstance(part, Test):
            groups[ALL].append(part)
        elif isinstance(part, AnyOf) and not groups[ANY]:
            if not all(isinstance(test, Test) for test in part.parts):
                return None
            groups[ANY] = [test for test in part.parts if isinstance(test, Test)]
        elif part is not True:
            return None
    return groups


def join_groups(groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any] | None:
    """Return the data of the condition of both groups; None without a test."""
    parts: list[Any] = list(groups[ALL])
    if len(groups[ANY]) > 1:
        parts.append({"any": list(groups[ANY])})
    else:
        parts += groups[ANY]
    return {"all": parts} if len(parts) > 1 else parts[0] if parts else None


class ConditionWidget(forms.Widget):
    """The rows of a condition."""

    class Media:
        js = ("recommendations/admin/conditions.js",)
        css = {"all": ("recommendations/admin/conditions.css",)}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> SentCondition:
        """Return the rows that were sent, without empty ones."""
        groups = {}
        for group in (ALL, ANY):
            rows = [
                Row(
                    *(data.get(f"{name}-{group}-{number}-{part}", "") for part in Row.__slots__[:3])
                )
                for number in range(MAX_TESTS + 1)
                if f"{name}-{group}-{number}-field" in data
            ]
            groups[group] = [row for row in rows if row.field or row.value.strip()]
        return SentCondition(groups, data.get(name + KEPT, ""))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Return False: a form without rows has no condition."""
        return False

    def id_for_label(self, id_: str) -> str:
        """Return no id: the label belongs to a group of inputs."""
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the rows, one of them empty in a group that has none."""
        sent = value if isinstance(value, SentCondition) else _show(value)
        rows = [row for group in sent.groups.values() for row in group]
        context = {
            "name": name,
            "groups": [
                {
                    "name": group,
                    "label": label,
                    "rows": [*sent.groups[group]] or ([Row()] if group == ALL else []),
                }
                for group, label in GROUP_LABELS.items()
            ],
            "blank": Row(),
            "kept": sent.kept,
            "kept_words": _describe_kept(sent.kept),
            "fields": _list_fields(rows),
            "ops": [(op.value, label) for op, label in OP_LABELS.items()],
            "settings": json.dumps(_build_settings(name, rows)),
            "most": MAX_TESTS,
        }
        return render_to_string("recommendations/admin/conditions.html", context)


class ConditionFormField(forms.Field):
    """The condition of a rule as rows; its value is the data of the condition, or None."""

    widget = ConditionWidget

    def clean(self, value: SentCondition) -> dict[str, Any] | None:
        """Return the data; ValidationError names the rows that are wrong."""
        groups: dict[str, list[dict[str, Any]]] = {ALL: [], ANY: []}
        problems = []
        for group, rows in value.groups.items():
            for number, row in enumerate(rows, 1):
                try:
                    groups[group].append(_read_row(row))
                except ConditionError as problem:
                    row_name = _("row %d") % number
                    told = _(str(problem))
                    problems.append(f"{GROUP_LABELS[group]}, {row_name}: {told}")
        if problems:
            raise ValidationError(problems)
        data = json.loads(value.kept) if value.kept else join_groups(groups)
        if data is None:
            return None
        try:
            return write_condition(parse_condition(data))
        except ConditionError as problem:
            raise ValidationError(_(str(problem))) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether the rows say something else than the rule."""
        try:
            return bool(self.clean(data) != initial)
        except ValidationError:
            return True


def _read_row(row: Row) -> dict[str, Any]:
    """Return the data of a row, checked also against what the shop has."""
    field = find_field(row.field)
    if field is None:
        raise ConditionError(_("Choose a field."))
    lines = [line.strip() for line in row.value.splitlines() if line.strip()]
    data: dict[str, Any] = {"field": row.field, "op": row.op}
    if row.op not in [op.value for op in field.ops]:
        raise ConditionError(
            _("“%(field)s” cannot be compared so.") % {"field": label_field(row.field)}
        )
    if not Op(row.op).is_relative:
        data["value"] = _read_lines(lines, field.kind, Op(row.op))
    test = parse_condition(data)
    assert isinstance(test, Test)  # noqa: S101 - tells the type checker
    if missing := find_missing(test):
        raise ConditionError(
            _("The shop has no %(field)s “%(value)s”.")
            % {"field": label_field(row.field), "value": missing[0]}
        )
    return write_condition(test)


def _read_lines(lines: Sequence[str], kind: Kind, op: Op) -> Any:
    if not lines:
        raise ConditionError(_("Give a value."))
    try:
        if kind is Kind.IDS:
            return [int(line) for line in lines]
        if kind is Kind.NUMBER:
            numbers = [float(line.replace(",", ".")) for line in lines]
            return numbers if op is Op.BETWEEN else numbers[0]
    except ValueError:
        raise ConditionError(_("“%s” is not a number.") % lines[0][:40]) from None
    if kind is Kind.FLAG:
        return {"true": True, "false": False}.get(lines[0], lines[0])
    return lines[0] if kind is Kind.CHOICE else list(lines)


def _show(data: Any) -> SentCondition:
    """Return the rows of a stored condition."""
    nothing: dict[str, list[Row]] = {ALL: [], ANY: []}
    if data is None:
        return SentCondition(nothing)
    try:
        groups = split_condition(parse_condition(data))
    except ConditionError:
        groups = None
    if groups is None:
        return SentCondition(nothing, json.dumps(data))
    return SentCondition(
        {group: [_show_test(test) for test in tests] for group, tests in groups.items()}
    )


def _show_test(test: Test) -> Row:
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    lines = [
        str(value).lower() if isinstance(value, bool) else _show_value(value)
        for value in values
        if value is not None
    ]
    return Row(test.field, test.op.value, "\n".join(lines))


def _show_value(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _describe_kept(kept: str) -> str:
    if not kept:
        return ""
    try:
        condition = parse_condition(json.loads(kept))
    except ValueError:
        return kept
    except ConditionError as problem:
        return str(problem)
    row = {"product": None, "condition": json.loads(kept)}
    return describe_condition(condition, name_products([row]))


def _list_fields(rows: Sequence[Row]) -> list[tuple[str | Promise, list[tuple[str, str]]]]:
    """Return the choices of a field by whom or what they describe, attributes after them."""
    named = {row.field.removeprefix(ATTRIBUTE) for row in rows if row.field.startswith(ATTRIBUTE)}
    folded = {name.casefold(): name for name in list_attribute_names()}
    attributes = {name.casefold(): folded.get(name.casefold(), name) for name in named} | folded
    choices: list[tuple[str | Promise, list[tuple[str, str]]]] = [
        (
            label,
            [
                (field.name, str(FIELD_LABELS[field.name]))
                for field in FIELDS.values()
                if field.about is about and field.name != ATTRIBUTE
            ],
        )
        for about, label in ABOUT_LABELS.items()
    ]
    if attributes:
        shown = [(ATTRIBUTE + key, name) for key, name in sorted(attributes.items())]
        choices.insert(1, (_("Attribute of the product"), shown))
    return choices


def _build_settings(name: str, rows: Sequence[Row]) -> dict[str, Any]:
    """Return what the script needs to know of fields, values and words."""
    ids = [
        int(line)
        for row in rows
        if row.field == "product"
        for line in row.value.split()
        if line.isdecimal() and len(line) < 19
    ]
    condition = {"field": "product", "op": "in", "value": ids[:50]} if ids else None
    return {
        "name": name,
        "choices": reverse("admin:recommendations_rule_choices"),
        "fields": {
            field.name: {
                "kind": field.kind.value,
                "ops": [op.value for op in field.ops],
                "choices": [[choice, str(CHOICE_LABELS[choice])] for choice in field.choices],
            }
            for field in FIELDS.values()
        },
        "relative": [op.value for op in Op if op.is_relative],
        "products": {
            str(key): value
            for key, value in name_products([{"product": None, "condition": condition}]).items()
        },
        "words": {
            "yes": _("yes"),
            "no": _("no"),
            "value": _("Value"),
            "add": _("Type a value and press Enter"),
            "low": _("From"),
            "high": _("To"),
            "remove": _("Remove %s"),
            "row": _("Row %s"),
        },
    }
