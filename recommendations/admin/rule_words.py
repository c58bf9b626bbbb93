"""What is wrong with rules, and what became of them, in words for staff."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from recommendations.admin.condition_words import (
    COLUMN_LABELS,
    describe_column,
    describe_rule,
)
from recommendations.services.shop.merchandising import RuleRow
from recommendations.services.shop.rule_checks import Finding, Problem
from recommendations.services.shop.rule_versions import Change, ChangeKind

PROBLEM_WORDS = {
    Problem.INVALID: gettext_lazy("Cannot be read, so it does nothing."),
    Problem.SWITCHED_OFF: gettext_lazy("Switched off."),
    Problem.NOT_BEGUN: gettext_lazy("Has not begun."),
    Problem.ENDED: gettext_lazy("Is over."),
    Problem.NO_PRODUCT: gettext_lazy("No product on sale is one that it is about."),
    Problem.NO_VIEWED_PRODUCT: gettext_lazy(
        "It compares with the product looked at, which there is on product pages only."
    ),
    Problem.NO_QUERY: gettext_lazy("It asks for a query, and nothing is searched at its place."),
    Problem.NO_LIST_OF_THEIR_OWN: gettext_lazy(
        "It is about lists that are made for a shopper, and its place has none."
    ),
    Problem.PINNED_AND_HIDDEN: gettext_lazy("The same product is pinned and hidden, with:"),
    Problem.SAME_PLACE: gettext_lazy("Another product is pinned to the same position, with:"),
    Problem.HIDES_ALL: gettext_lazy("Hides every product on sale: lists would be empty."),
}
KIND_WORDS = {
    ChangeKind.ADDED: gettext_lazy("New"),
    ChangeKind.CHANGED: gettext_lazy("Changed"),
    ChangeKind.REMOVED: gettext_lazy("Removed"),
}


def describe_findings(
    findings: Sequence[Finding], rows: Mapping[int, RuleRow], names: Mapping[int, str]
) -> list[str]:
    """Return a sentence for each problem, with the rule that it is with."""
    told = []
    for finding in findings:
        sentence = str(PROBLEM_WORDS[finding.problem])
        if finding.other is not None:
            sentence += f" {name_rule(rows[finding.other], names)}."
        told.append(sentence)
    return told


def name_rule(row: RuleRow, names: Mapping[int, str]) -> str:
    """Return an action and what it is about, with the number of the rule."""
    action = describe_column("action", row, names)
    # Texts inside of f-strings are not found for translation.
    number = _("rule %d") % row["id"]
    return f"{action} {describe_rule(row, names)} ({number})"


def describe_changes(changes: Sequence[Change], names: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return what became of each rule, for the template."""
    return [
        {
            "kind": KIND_WORDS[change.kind],
            "rule": name_rule(change.after or change.before or {}, names),
            "columns": [
                {
                    "name": COLUMN_LABELS[name],
                    "before": describe_column(name, change.before or {}, names),
                    "after": describe_column(name, change.after or {}, names),
                }
                for name in change.columns
            ],
        }
        for change in changes
    ]
