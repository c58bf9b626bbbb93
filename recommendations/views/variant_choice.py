"""The choice of a variant as a product's page shows it before its scripts run.

Which values can be chosen follows the same rules as in `frontend/src/services/variants.ts`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

Answer = Mapping[str, Any]
"""A product or a variant as the API returns it."""


def find_chosen(product: Answer, variant_id: str) -> Answer | None:
    """Return the variant that the address names, or the only one there is."""
    named = [each for each in product["variants"] if str(each["id"]) == variant_id]
    only = product["variants"] if len(product["variants"]) == 1 else []
    return next(iter(named or only), None)


def describe_options(product: Answer, chosen: Answer | None) -> list[dict[str, Any]]:
    """Return the options, each with its values: the state of each, and the variant it leads to."""
    before: dict[str, str] = {}
    options = []
    for option in product["options"]:
        name = option["name"]
        fitting = _find_fitting(product["variants"], before)
        values = [_describe_value(name, value, fitting, chosen) for value in option["values"]]
        options.append({"name": name, "values": values})
        existing = [each for each in values if each["state"] != "missing"]
        if chosen is not None:
            before[name] = chosen["options"].get(name, "")
        elif len(existing) == 1 and existing[0]["state"] == "available":
            existing[0]["is_chosen"] = True
            before[name] = existing[0]["text"]
    return options


def _find_fitting(variants: Sequence[Answer], values: Mapping[str, str]) -> list[Answer]:
    return [
        variant
        for variant in variants
        if all(variant["options"].get(name, "") == value for name, value in values.items())
    ]


def _describe_value(
    name: str, value: str, fitting: Sequence[Answer], chosen: Answer | None
) -> dict[str, Any]:
    matching = [variant for variant in fitting if variant["options"].get(name) == value]
    buyable = [variant for variant in matching if variant["is_buyable"]]
    is_chosen = chosen is not None and chosen["options"].get(name) == value
    return {
        "text": value,
        "state": "available" if buyable else "sold-out" if matching else "missing",
        "is_chosen": is_chosen,
        "variant_id": buyable[0]["id"] if buyable else None,
    }
