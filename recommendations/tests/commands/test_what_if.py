"""`manage.py what_if`."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from recommendations.choices import RuleAction, WhatIfState
from recommendations.models import WhatIf
from recommendations.services.lists import served_log
from recommendations.tests.admin.test_what_if import draw_slots
from recommendations.tests.builders import draft_rule, make_products, make_rule

pytestmark = pytest.mark.django_db


def serve_lists() -> None:
    make_products(3, brand="Acme")
    make_products(3)
    for _ in range(2):
        Client().get("/api/popular/", {"count": 4})
    served_log.flush()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("what_if", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_prints_what_a_rule_would_do() -> None:
    serve_lists()
    rule = draft_rule(RuleAction.HIDE, brand="Acme")

    printed = run("home", "--rule", str(rule.pk))

    assert "What if, on 2 lists (home" in printed
    assert "100.0%" in printed
    assert (
        "200 clicks on products that stood at several places are needed, and the log has 0"
        in printed.replace("\n", " ")
    )
    kept = WhatIf.objects.get()
    assert (kept.staff, kept.state) == (None, WhatIfState.DONE.value)


def test_the_command_prints_the_whole_result_as_json() -> None:
    serve_lists()
    rule = make_rule(RuleAction.HIDE, brand="Acme")

    result = json.loads(run("home", "--withdraw", str(rule.pk), "--lists", "1", "--json"))

    assert result["n_asked"] == 1
    assert result["effects"]["n_changed"] == 1
    assert result["effects"]["clicks"] is None


def test_the_command_prints_what_a_slot_at_random_tells() -> None:
    draw_slots(420)
    rule = draft_rule(RuleAction.HIDE, brand="Acme")

    printed = run("home", "--rule", str(rule.pk))

    assert "Draws of the slot: 420; clicks on it: 210" in printed.replace("\n", " ")
    assert "SNIPS" in printed
    assert "500.0 [" in printed


def test_the_command_says_why_a_slot_tells_nothing() -> None:
    draw_slots(20)
    rule = draft_rule(RuleAction.HIDE, brand="Acme")

    printed = run("home", "--rule", str(rule.pk))

    assert "200 draws that agree with a policy are needed, and the log has 10" in printed.replace(
        "\n", " "
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["home"], "Choose what to try"),
        (["home", "--rule", "99"], "No change of the draft is about rule 99"),
        (["home", "--model", "none"], "There is no model version none"),
        (["home", "--lists", "0", "--model", "none"], "There is no model version none"),
        (["nowhere"], "invalid choice"),
        (["home", "--weights", "{"], "The weights are not JSON"),
        (["home", "--weights", "[]"], "Weights are an object"),
        (["home", "--weights", '{"unknown": 1}'], "No recommender is called unknown"),
    ],
)
def test_what_cannot_be_tried_is_refused(arguments: list[str], told: str) -> None:
    with pytest.raises(CommandError, match=told):
        run(*arguments)

    assert not WhatIf.objects.exists()
