"""What the page "why" says of a list: rows for its template, in the language of the page."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from recommendations.admin.formats import write_number
from recommendations.choices import Source
from recommendations.engine.trace import Stage
from recommendations.models import MerchandisingRule
from recommendations.services.insight.explain import (
    TracedList,
    TracedPage,
    Variation,
    explain_page,
)
from recommendations.services.insight.questions import Question
from recommendations.services.insight.rule_effects import find_effective_rules
from recommendations.services.insight.why import Why, explain_entries
from recommendations.services.insight.why_not import WhyNot, explain_absence
from recommendations.services.insight.why_words import (
    INTERACTION_NAMES,
    LIST_NAMES,
    REASON_TEXTS,
    SOURCE_NAMES,
    describe_absence,
    describe_standing,
)

MOST_HISTORY_PARTS = 8
"""So many entries of a history stand in a product's table; the others are added up."""


class Rights(NamedTuple):
    """What the person may open from here."""

    rules: bool
    products: bool


def build_answers(
    question: Question,
    variation: Variation | None,
    *,
    list_name: str,
    missed: int | None,
    rights: Rights,
) -> dict[str, Any]:
    """Return the lists as they are served, and beside them what the variation would make."""
    page = explain_page(question)
    traced = choose_list(page, list_name)
    other = explain_page(question, variation) if variation else None
    other_list = other.lists[traced.name] if other else None
    shown = [*traced.product_ids, *([missed] if missed else [])]
    effects = find_effective_rules(page, shown)
    whys = explain_entries(page, traced)
    why_not = explain_absence(page, traced, missed) if missed else None
    compared = _compare(page, traced, other, other_list) if other and other_list else None
    names = read_names(page, traced, [*shown, *(compared["ids"] if compared else ())], why_not)
    return {
        "lists": [
            {
                "name": one.name,
                "label": LIST_NAMES.get(one.name, one.name),
                "count": len(one.product_ids),
                "is_chosen": one is traced,
            }
            for one in page.lists.values()
        ],
        "label": LIST_NAMES.get(traced.name, traced.name),
        "model": traced.found.model_version if traced.found else None,
        "is_personal": traced.found.personalized if traced.found else False,
        "rows": [_build_row(why, names, effects, rights) for why in whys],
        "missed": _build_missed(page, traced, missed, why_not, names, effects, rights)
        if missed
        else None,
        "compared": _name_compared(compared, names) if compared else None,
        "history": [
            {
                "name": names.get(entry.product_id, entry.product_id),
                "kind": INTERACTION_NAMES[entry.interaction_type],
            }
            for entry in reversed(page.context.history.entries)
        ]
        if page.context.history.personalization_enabled
        else [],
        "is_switched_off": not page.context.history.personalization_enabled,
    }


def choose_list(page: TracedPage, name: str) -> TracedList:
    """Return the list with this name, else the first that is not empty, else the first."""
    if name in page.lists:
        return page.lists[name]
    listed = [*page.lists.values()]
    return next((one for one in listed if one.product_ids), listed[0])


def read_names(
    page: TracedPage, traced: TracedList, product_ids: Iterable[int], why_not: WhyNot | None
) -> Mapping[int, str]:
    """Return the names of the products that the answers speak of; at most one query."""
    context = page.context
    wanted = set(product_ids) | {entry.product_id for entry in context.history.entries}
    wanted |= {
        entry.reason.product_id
        for entry in (traced.found.entries if traced.found else ())
        if entry.reason.product_id is not None
    }
    if why_not is not None and why_not.like is not None:
        wanted.add(why_not.like[0])
    context.read_products(wanted)
    named = {pk: card.name for pk, card in context.products.items()}
    return {**{pk: one.name for pk, one in context.history.names.items()}, **named}


def _build_row(
    why: Why,
    names: Mapping[int, str],
    effects: Mapping[int, list[MerchandisingRule]],
    rights: Rights,
) -> dict[str, Any]:
    entry = why.entry
    # A product in a reserved place was not weighed against others.
    last_step = why.weighed or why.ruled
    return {
        "place": why.place,
        "product_id": entry.product_id,
        "name": names.get(entry.product_id, entry.product_id),
        "address": _find_product_page(entry.product_id, rights),
        "source": SOURCE_NAMES[entry.source],
        "confidence": write_number(entry.confidence_score, 2),
        "reason": str(REASON_TEXTS[entry.reason.code]).format(
            product=names.get(entry.reason.product_id or 0, ""), category=entry.reason.category
        ),
        "score": write_number(last_step.score, 3) if last_step else "",
        "moves": _describe_moves(why),
        "members": _build_members(why),
        "entries": _build_entries(why, names),
        "total": write_number(why.parts.score, 3) if why.parts else "",
        "rules": _build_rules(effects.get(entry.product_id, []), rights),
    }


def _find_product_page(product_id: int, rights: Rights) -> str:
    """Return the address of the product's page, empty for who may not see it."""
    if not rights.products:
        return ""
    return reverse("admin:recommendations_product_change", args=[product_id])


def _describe_moves(why: Why) -> list[str]:
    """Tell each step that moved the product or changed its score, from which place to which."""
    said = []
    steps = (
        (
            why.named,
            why.ruled,
            _("Rules: score {} → {}, place {} → {}"),
            _("Rules for other products: place {} → {}"),
        ),
        (
            why.ruled,
            why.weighed,
            _("Seen before or passed over: score {} → {}, place {} → {}"),
            _("Products seen before or passed over fell: place {} → {}"),
        ),
    )
    for before, after, of_its_own, of_others in steps:
        if before is None or after is None:
            continue
        scores, places = (before.score, after.score), (before.place, after.place)
        if scores[0] != scores[1]:
            said.append(of_its_own.format(*(write_number(score, 3) for score in scores), *places))
        elif places[0] != places[1]:
            said.append(of_others.format(*places))
    if why.times_passed_over:
        said.append(_("Seen without a click: times {}").format(why.times_passed_over))
    if why.entry.source is Source.EXPLORED:
        said.append(_("A rule reserves this place for what few know yet."))
    if why.weighed is not None and why.weighed.place != why.place:
        said.append(_("Variety and caps: place {} → {}").format(why.weighed.place, why.place))
    return said


def _build_members(why: Why) -> list[dict[str, Any]]:
    if why.parts is None:
        return []
    return [
        {
            "name": member.name,
            "weight": write_number(member.weight, 2),
            "own_score": "–" if member.own_score is None else write_number(member.own_score, 3),
            "part": write_number(member.part, 3),
            "share": _share(member.part, why.parts.score),
        }
        for member in why.parts.members
    ]


def _build_entries(why: Why, names: Mapping[int, str]) -> list[dict[str, Any]]:
    if why.parts is None:
        return []
    listed = [
        {
            "name": names.get(one.product_id, one.product_id),
            "kind": INTERACTION_NAMES[one.interaction_type],
            "part": write_number(one.part, 3),
            "share": _share(one.part, why.parts.score),
        }
        for one in why.parts.history[:MOST_HISTORY_PARTS]
    ]
    others = sum(one.part for one in why.parts.history[MOST_HISTORY_PARTS:])
    number = len(why.parts.history) - len(listed)
    if number > 0:
        listed.append(
            {
                "name": ngettext(
                    "{} further interaction", "{} further interactions", number
                ).format(number),
                "kind": "",
                "part": write_number(others, 3),
                "share": _share(others, why.parts.score),
            }
        )
    return [
        *listed,
        {
            "name": _("What it has with everybody"),
            "kind": "",
            "part": write_number(why.parts.rest, 3),
            "share": _share(why.parts.rest, why.parts.score),
        },
    ]


def _build_rules(rules: Iterable[MerchandisingRule], rights: Rights) -> list[dict[str, Any]]:
    """Return what to say of rules; a link only to those who may see them."""
    return [
        {
            "text": str(rule),
            "address": reverse("admin:recommendations_merchandisingrule_change", args=[rule.pk])
            if rights.rules
            else "",
        }
        for rule in rules
    ]


def _build_missed(
    page: TracedPage,
    traced: TracedList,
    missed: int,
    why_not: WhyNot | None,
    names: Mapping[int, str],
    effects: Mapping[int, list[MerchandisingRule]],
    rights: Rights,
) -> dict[str, Any]:
    found = {
        "name": names.get(missed, missed),
        "product_id": missed,
        "address": _find_product_page(missed, rights),
        "place": None if why_not else traced.product_ids.index(missed) + 1,
    }
    if why_not is None:
        return found
    answer = describe_absence(why_not, names)
    is_told = why_not.stage is Stage.NOT_NAMED
    return {
        **found,
        "answer": answer,
        "standing": describe_standing(why_not.standing) if why_not.standing and not is_told else "",
        "rules": _build_rules(effects.get(missed, []), rights),
    }


def _compare(
    page: TracedPage, traced: TracedList, other: TracedPage, other_list: TracedList
) -> dict[str, Any]:
    before, after = traced.product_ids, other_list.product_ids
    gone = [
        (product_id, explain_absence(other, other_list, product_id))
        for product_id in before
        if product_id not in after
    ]
    other.context.read_products(after)
    page.context.add_products(
        {pk: card for pk, card in other.context.products.items() if pk in after}
    )
    return {"ids": after, "before": before, "after": after, "gone": gone}


def _name_compared(compared: dict[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    before = {product_id: place for place, product_id in enumerate(compared["before"], start=1)}
    return {
        "rows": [
            {
                "name": names.get(product_id, product_id),
                "place": place,
                "before": before.get(product_id),
                "is_new": product_id not in before,
            }
            for place, product_id in enumerate(compared["after"], start=1)
        ],
        "gone": [
            {
                "name": names.get(product_id, product_id),
                "before": before[product_id],
                "answer": describe_absence(why_not, names) if why_not else None,
            }
            for product_id, why_not in compared["gone"]
        ],
    }


def _share(part: float, whole: float) -> int:
    """Return a part in percent of the whole; what lowers the score has a negative one."""
    return round(100 * part / whole) if whole > 0 else 0
